"""Addresses of the installation's own health."""

from django.urls import path

from throughline.web.care import views

urlpatterns = [
    path("doctor/", views.doctor_page, name="doctor"),
    path("doctor/outside/", views.doctor_outside, name="doctor-outside"),
]
