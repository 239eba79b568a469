"""Addresses of Today and of the Sponsor's desk."""

from django.urls import path

from throughline.web.today import views, week

urlpatterns = [
    path("", views.today, name="today"),
    path("week/<slug:figure>/", week.week_list, name="week"),
    path("sponsor/<int:pk>/done/", views.finish, name="sponsor-done"),
]
