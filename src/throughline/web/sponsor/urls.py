"""Addresses of the Sponsor's desk, and of work orders by link."""

from django.urls import path

from throughline.web.sponsor import links, views

urlpatterns = [
    path("sponsor/", views.desk, name="sponsor-desk"),
    path("sponsor/<int:pk>/finish/", views.finish, name="sponsor-finish"),
    path("sponsor/<int:pk>/take/", views.take, name="sponsor-take"),
    path("sponsor/<int:pk>/remind/", views.remind_of, name="sponsor-remind"),
    path("sponsor/<int:pk>/link/", views.send_link, name="sponsor-link"),
    path("sponsor/links/<int:pk>/revoke/", views.revoke, name="sponsor-link-revoke"),
    path("s/work/<str:token>/", links.work, name="work-link"),
    path("s/work/<str:token>/sign/", links.sign, name="work-link-sign"),
    path("s/work/<str:token>/finish/", links.finish, name="work-link-finish"),
    path("s/work/<str:token>/upload/", links.upload, name="work-link-upload"),
    path("s/work/<str:token>/files/<int:pk>/", links.file, name="work-link-file"),
]
