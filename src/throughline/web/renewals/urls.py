"""Addresses of renewals and of the comparison with what runs."""

from django.urls import path

from throughline.web.renewals import views

urlpatterns = [
    path("renewals/", views.renewal_list, name="renewals"),
    path("reconcile/", views.reconcile, name="reconcile"),
]
