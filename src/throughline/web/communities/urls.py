"""Addresses of communities and of their people."""

from django.urls import path

from throughline.web.communities import contacts, corrections, merges, steps, views

urlpatterns = [
    path("communities/", views.communities, name="communities"),
    path("communities/<int:pk>/", views.community, name="community"),
    path("communities/<int:pk>/check-id/", views.check_word, name="community-check-id"),
    path("communities/<int:pk>/history/", views.history, name="community-history"),
    path("communities/<int:pk>/questions/", views.questions, name="community-questions"),
    path("communities/<int:pk>/edit/", steps.edit, name="community-edit"),
    path("communities/<int:pk>/reserve/", steps.reserve, name="community-reserve"),
    path("communities/<int:pk>/release/", steps.release, name="community-release"),
    path("communities/<int:pk>/answer/", steps.answer, name="community-answer"),
    path("communities/<int:pk>/ask/", steps.ask, name="community-ask"),
    path("communities/<int:pk>/settle/", steps.settle, name="community-settle"),
    path("communities/<int:pk>/merge/", merges.merge, name="community-merge"),
    path("communities/<int:pk>/link/", corrections.send_link, name="community-link"),
    path("communities/links/<int:pk>/revoke/", corrections.revoke, name="record-link-revoke"),
    path("corrections/<int:pk>/settle/", corrections.settle, name="correction-settle"),
    path("s/record/<str:token>/", corrections.own_record, name="own-record"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("contacts/<int:pk>/edit/", contacts.edit, name="contact-edit"),
    path("contacts/<int:pk>/leave/", contacts.leave, name="contact-leave"),
    path("contacts/<int:pk>/merge/", contacts.merge, name="contact-merge"),
    path("contacts/<int:pk>/erase/", contacts.erase, name="contact-erase"),
]
