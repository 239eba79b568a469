"""Signing in and out, signed links, roles."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from throughline.delivery.promises import promises_for_champion
from throughline.intake.beginning.steps import is_untouched
from throughline.kernel.errors import Refused
from throughline.people.actions import open_link, revoke_link
from throughline.people.models import SignedLink, User
from throughline.people.object_rules import OBJECT_RULES
from throughline.people.sign_in import sign_in, sign_in_by_link
from throughline.people.words import ROLES, Permission, RoleName
from throughline.web.access import PageRequest, actor, require
from throughline.web.middleware import policy
from throughline.web.people.forms import SignInForm


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Sign a person in by name and password, or by the one-time token of the address."""
    if token := request.GET.get("token"):
        return enter_by_token(request, token)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            address = request.META["REMOTE_ADDR"]
            user = sign_in(**form.cleaned_data, address=address, at=timezone.now())
        except Refused as refused:
            return _sign_in_form(request, form, refused, status=422)
        return _enter(request, user)
    return _sign_in_form(request, form, status=422 if form.is_bound else 200)


def enter_by_token(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in whom a one-time token stands for; the address that follows is without it."""
    try:
        user = sign_in_by_link(token, at=timezone.now())
    except Refused as refused:
        return _sign_in_form(request, SignInForm(), refused, status=403)
    return _enter(request, user)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Let a person in; who has a second factor is asked for it first."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    where = wanted if is_ours else resolve_url(_first_page(user))
    # Who came in just now need not say again who they are to change their second factor.
    record_authentication(
        request, user, method="password", username=user.username, reauthenticated=True
    )
    # With a new session key at the end: one planted before is no use.
    answer: HttpResponse = perform_login(
        request, user, email_verification="none", redirect_url=where
    )
    return answer


def _first_page(user: User) -> str:
    """Return the page that somebody begins with: who looks after what nobody has begun, the steps."""
    begins = user.may(Permission.ADMINISTER) and is_untouched()
    return "web:start" if begins else "web:today"


def _sign_in_form(
    request: HttpRequest, form: SignInForm, refused: Refused | None = None, *, status: int = 200
) -> HttpResponse:
    page = {"form": form, "refused": refused, "doors": settings.SIGN_IN_DOORS}
    response = render(request, "people/sign_in.html", page, status=status)
    # A browser checks where a form leads in the end: to the sites by which people sign in.
    response.headers["Content-Security-Policy"] = policy(settings.SIGN_IN_SITES)
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign the person out."""
    logout(request)
    messages.info(request, "You are signed out.")
    return redirect("web:sign-in")


@login_not_required
@never_cache
@require_GET
def health(_request: HttpRequest) -> HttpResponse:
    """Answer "ok" once the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_GET
def signed_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a champion what was promised; a link that opens nothing says what to do."""
    try:
        link = open_link(token, purpose="engagement", at=timezone.now())
    except Refused as refused:
        return render(request, "people/link_refused.html", {"refused": refused}, status=403)
    engagement = promises_for_champion(int(link.subject.partition(":")[2]))
    return render(request, "people/champion.html", {"link": link, "engagement": engagement})


@require_POST
@require(Permission.SEND_LINKS)
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Close a link for good."""
    link = get_object_or_404(SignedLink, pk=pk, purpose="engagement")
    revoke_link(link.pk, by=actor(request), at=timezone.now())
    messages.success(request, f"The link for {link.issued_to} opens nothing any more.")
    return redirect("web:engagement", number=int(link.subject.partition(":")[2]))


@require_GET
@require(Permission.READ)
def roles(request: PageRequest) -> HttpResponse:
    """Show which role may do what, as the code has it."""
    rows = [
        (permission.value, [permission in ROLES[role] for role in RoleName])
        for permission in Permission
    ]
    context = {"roles": list(RoleName), "rows": rows, "object_rules": OBJECT_RULES}
    return render(request, "people/roles.html", context)


def link_address(token: str) -> str:
    """Return the address that a token is sent out as."""
    return f"{settings.BASE_URL}{resolve_url('web:signed-link', token=token)}"
