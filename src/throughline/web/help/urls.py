"""Addresses of the documents."""

from django.urls import path

from throughline.web.help import views

urlpatterns = [
    path("help/", views.contents, name="help"),
    path("help/<path:slug>/", views.page, name="help-page"),
]
