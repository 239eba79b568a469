"""Addresses of the weekly review, and of a changed playbook."""

from django.urls import path

from throughline.web.setaside import playbook, views

urlpatterns = [
    path("waivers/", views.waivers, name="waivers"),
    path("waivers/<int:pk>/renew/", views.renew, name="waiver-renew"),
    path("waivers/<int:pk>/withdraw/", views.withdraw, name="waiver-withdraw"),
    path("exceptions/", views.exceptions, name="exceptions"),
    path("deals/<int:number>/revert/", views.revert, name="deal-revert"),
    path("playbook/changes/", playbook.changes, name="playbook-changes"),
]
