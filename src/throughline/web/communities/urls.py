"""Addresses of communities."""

from django.urls import path

from throughline.web.communities import views

urlpatterns = [
    path("communities/", views.communities, name="communities"),
    path("communities/<int:pk>/", views.community, name="community"),
]
