"""Addresses that other systems call."""

from django.urls import path

from throughline.web.hooks import views

urlpatterns = [
    path("hooks/hubspot", views.hubspot, name="hook-hubspot"),
]
