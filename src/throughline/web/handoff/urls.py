"""Addresses of the handoff."""

from django.urls import path

from throughline.web.handoff import views

urlpatterns = [
    path("handoff/<int:number>/", views.handoff, name="handoff"),
    path("handoff/<int:number>/apply/", views.apply, name="handoff-apply"),
    path("handoff/<int:number>/verify/", views.look_again, name="handoff-verify"),
]
