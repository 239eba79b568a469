"""Addresses of the journal, the rules and the components."""

from django.urls import path

from throughline.web.journal import views

urlpatterns = [
    path("journal/", views.journal, name="journal"),
    path("playbook/", views.playbook, name="playbook"),
    path("design/", views.design, name="design"),
]
