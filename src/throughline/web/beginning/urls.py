"""Addresses of the first steps."""

from django.urls import path

from throughline.web.beginning import doing, views

urlpatterns = [
    path("start/", views.start, name="start"),
    path("start/organisation/", views.organisation, name="start-organisation"),
    path("start/people/", views.people, name="start-people"),
    path("start/playbook/", views.playbook, name="start-playbook"),
    path("start/import/", views.import_page, name="start-import"),
    path("start/organisation/tell/", doing.tell, name="start-tell"),
    path("start/people/invite/", doing.invite, name="start-invite"),
    path("start/playbook/confirm/", doing.confirm, name="start-confirm"),
    path("start/import/look/", doing.look, name="start-look"),
    path("start/import/take/", doing.take, name="start-take"),
    path("start/skip/<slug:step>/", doing.skip, name="start-skip"),
]
