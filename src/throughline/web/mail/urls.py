"""Addresses of the outbox, of previews, and of how people are told."""

from django.urls import path

from throughline.web.mail import choosing, views

urlpatterns = [
    path("outbox/", views.outbox_list, name="outbox"),
    path("outbox/<int:pk>/", views.message, name="message"),
    path("outbox/<int:pk>/html/", views.message_html, name="message-html"),
    path("outbox/<int:pk>/settle/", views.settle, name="message-settle"),
    path("outbox/back/", views.came_back, name="mail-back"),
    path("outbox/back/<int:pk>/seen/", views.seen, name="mail-seen"),
    path("outbox/preview/", views.preview, name="mail-preview"),
    path("outbox/preview/html/", views.preview_html, name="mail-preview-html"),
    path("preferences/", choosing.preferences, name="preferences"),
    path("s/mail/<str:token>/", choosing.unsubscribe_page, name="unsubscribe"),
]
