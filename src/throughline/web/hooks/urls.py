"""Addresses that other systems call."""

from django.urls import path

from throughline.web.hooks import alerts, views

urlpatterns = [
    path("hooks/hubspot", views.hubspot, name="hook-hubspot"),
    path("hooks/mail", views.mail, name="hook-mail"),
    path("hooks/mail/in", views.mail_in, name="hook-mail-in"),
    path("hooks/sns", alerts.sns, name="hook-sns"),
    path("hooks/pubsub", alerts.pubsub, name="hook-pubsub"),
    path("hooks/azure", alerts.azure, name="hook-azure"),
]
