"""Addresses that other systems call, and the page of those that are called."""

from django.urls import path

from throughline.web.hooks import alerts, policy, subscriptions, views

urlpatterns = [
    path("hooks/csp", policy.csp_report, name="hook-csp"),
    path("hooks/hubspot", views.hubspot, name="hook-hubspot"),
    path("hooks/mail", views.mail, name="hook-mail"),
    path("hooks/mail/in", views.mail_in, name="hook-mail-in"),
    path("hooks/sns", alerts.sns, name="hook-sns"),
    path("hooks/pubsub", alerts.pubsub, name="hook-pubsub"),
    path("hooks/azure", alerts.azure, name="hook-azure"),
    path("webhooks/", subscriptions.webhooks_page, name="webhooks"),
    path("webhooks/new/", subscriptions.new, name="webhook-new"),
    path("webhooks/<int:pk>/", subscriptions.log_page, name="webhook"),
    path("webhooks/<int:pk>/rotate/", subscriptions.rotate, name="webhook-rotate"),
    path("webhooks/<int:pk>/stop/", subscriptions.stop, name="webhook-stop"),
    path("webhooks/<int:pk>/go-on/", subscriptions.go_on, name="webhook-go-on"),
    path("webhooks/<int:pk>/end/", subscriptions.end, name="webhook-end"),
    path("webhooks/<int:pk>/test/", subscriptions.test, name="webhook-test"),
    path("webhooks/told/<int:pk>/again/", subscriptions.again, name="webhook-again"),
]
