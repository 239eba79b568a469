"""Addresses of signing in, signed links and roles."""

from django.urls import path

from throughline.web.people import account, persons, views

urlpatterns = [
    path("sign-in/", views.sign_in_page, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("healthz", views.health, name="health"),
    path("s/<str:token>/", views.signed_link, name="signed-link"),
    path("links/<int:pk>/revoke/", views.revoke, name="link-revoke"),
    path("roles/", views.roles, name="roles"),
    path("people/", persons.people, name="people"),
    path("people/invite/", persons.invite, name="person-invite"),
    path("people/<int:pk>/roles/", persons.roles_set, name="person-roles"),
    path("people/<int:pk>/leave/", persons.let_go, name="person-leave"),
    path("people/<int:pk>/return/", persons.let_in, name="person-return"),
    path("people/<int:pk>/password/", persons.mail_link, name="person-password"),
    path("people/<int:pk>/factor/", persons.factor_reset, name="person-factor"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password_change, name="password-change"),
    path("account/sessions/end/", account.sessions_end, name="sessions-end"),
    path("account/sessions/<slug:name>/end/", account.session_end, name="session-end"),
    path("tokens/", account.tokens, name="tokens"),
    path("tokens/new/", account.token_new, name="token-new"),
    path("tokens/<int:pk>/revoke/", account.token_revoke, name="token-revoke"),
    path("password/forgot/", account.password_forgot, name="password-forgot"),
    path("password/<str:token>/", account.password_set, name="password-set"),
]
