"""Addresses of a deal's notes."""

from django.urls import path

from throughline.web.notes import views

urlpatterns = [
    path("deals/<int:number>/notes/", views.notes, name="notes"),
    path("deals/<int:number>/notes/write/", views.write, name="note-write"),
    path("notes/<int:pk>/read/", views.read, name="note-read"),
    path("notes/<int:pk>/reply/", views.reply, name="note-reply"),
    path("notes/<int:pk>/settle/", views.settle, name="note-settle"),
    path("notes/<int:pk>/withdraw/", views.withdraw, name="note-withdraw"),
]
