"""Addresses of Today and of the Sponsor's desk."""

from django.urls import path

from throughline.web.today import views

urlpatterns = [
    path("", views.today, name="today"),
    path("sponsor/<int:pk>/done/", views.finish, name="sponsor-done"),
]
