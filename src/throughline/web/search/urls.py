"""Addresses of search and of keys."""

from django.urls import path

from throughline.web.search import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("keys/", views.keys, name="keys"),
    path("keys/choose/", views.choose_keys, name="keys-choose"),
]
