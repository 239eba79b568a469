"""Addresses of HubSpot's page."""

from django.urls import path

from throughline.web.hubspot import views

urlpatterns = [
    path("hubspot/", views.page, name="hubspot"),
    path("hubspot/read/", views.read_now, name="hubspot-read"),
    path("hubspot/tell/", views.tell_now, name="hubspot-tell"),
    path("hubspot/stages/<int:pk>/", views.stage, name="hubspot-stage"),
    path("hubspot/labels/<int:pk>/", views.label, name="hubspot-label"),
    path("hubspot/fields/<int:pk>/", views.field, name="hubspot-field"),
    path("hubspot/orders/<int:pk>/", views.order, name="hubspot-order"),
    path("hubspot/merges/<int:pk>/", views.settle, name="hubspot-settle"),
]
