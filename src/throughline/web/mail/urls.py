"""Addresses of the outbox."""

from django.urls import path

from throughline.web.mail import views

urlpatterns = [
    path("outbox/", views.outbox_list, name="outbox"),
    path("outbox/<int:pk>/", views.message, name="message"),
]
