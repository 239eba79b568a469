"""Addresses of signing in, signed links and roles."""

from django.urls import path

from throughline.web.people import views

urlpatterns = [
    path("sign-in/", views.sign_in_page, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("healthz", views.health, name="health"),
    path("s/<str:token>/", views.signed_link, name="signed-link"),
    path("links/<int:pk>/revoke/", views.revoke, name="link-revoke"),
    path("roles/", views.roles, name="roles"),
]
