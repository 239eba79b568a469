"""People: who may sign in, as what, and letting somebody go. For Admins."""

import secrets
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from throughline.kernel.errors import Refused
from throughline.mail.actions.access import invite_person, mail_password_link, reset_factor
from throughline.people.actions_users import deactivate_user, reactivate_user, set_roles
from throughline.people.models import User
from throughline.people.queries import everybody, open_tokens, with_second_factor
from throughline.people.words import Permission, RoleName
from throughline.playbook.current import current
from throughline.web.access import PageRequest, actor, require
from throughline.web.people.forms import InviteForm


@never_cache
@require_GET
@require(Permission.ADMINISTER)
def people(request: PageRequest) -> HttpResponse:
    """List everybody with their roles, and offer to invite somebody."""
    return _show(request, InviteForm())


def _show(request: PageRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    context = {
        "people": everybody(),
        "form": form,
        "roles": list(RoleName),
        "with_factor": with_second_factor(),
        "tokens": open_tokens(at=timezone.now()),
    }
    return render(request, "people/people.html", context, status=status)


@require_POST
@require(Permission.ADMINISTER)
def invite(request: PageRequest) -> HttpResponse:
    """Add somebody, and mail them a link by which they choose a password."""
    form = InviteForm(request.POST)
    if form.carried_out(
        lambda told: invite_person(
            told["username"], secrets.token_urlsafe(32), email=told["email"],
            full_name=told["full_name"], roles=[RoleName(one) for one in told["roles"]],
            playbook=current(), by=actor(request), at=timezone.now(),
        )
    ):  # fmt: skip
        messages.success(request, f"{form.cleaned_data['email']} is invited; the mail is queued.")
        return redirect("web:people")
    return _show(request, form, status=422)


@require_POST
@require(Permission.ADMINISTER)
def roles_set(request: PageRequest, pk: int) -> HttpResponse:
    """Give somebody exactly the roles that are ticked."""
    ticked = [one for one in RoleName if one.value in request.POST.getlist("roles")]

    def act(user: User) -> str:
        set_roles(user.pk, ticked, by=actor(request), at=timezone.now())
        return f"{user} is {', '.join(ticked) or 'nothing'} now."

    return _do(request, pk, act)


@require_POST
@require(Permission.ADMINISTER)
def let_go(request: PageRequest, pk: int) -> HttpResponse:
    """Close somebody's way in: sessions, tokens and links end."""

    def act(user: User) -> str:
        _user, ended = deactivate_user(
            user.pk, with_links="with_links" in request.POST, by=actor(request),
            at=timezone.now(),
        )  # fmt: skip
        told = ", ".join(f"{count} {what}" for what, count in ended.items())
        return f"{user} cannot come in any more. Ended: {told}."

    return _do(request, pk, act)


@require_POST
@require(Permission.ADMINISTER)
def let_in(request: PageRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""

    def act(user: User) -> str:
        reactivate_user(user.pk, by=actor(request), at=timezone.now())
        return f"{user} can come in again."

    return _do(request, pk, act)


@require_POST
@require(Permission.ADMINISTER)
def mail_link(request: PageRequest, pk: int) -> HttpResponse:
    """Mail somebody a link by which they choose a password."""

    def act(user: User) -> str:
        token = secrets.token_urlsafe(32)
        mail_password_link(user, token, playbook=current(), by=actor(request), at=timezone.now())
        return f"A link for a password is on its way to {user.email}."

    return _do(request, pk, act)


@require_POST
@require(Permission.ADMINISTER)
def factor_reset(request: PageRequest, pk: int) -> HttpResponse:
    """Take away the second factor of somebody who has lost it."""

    def act(user: User) -> str:
        because = request.POST.get("because", "")
        _user, ended = reset_factor(
            user.pk, because=because, playbook=current(), by=actor(request), at=timezone.now()
        )
        told = "They are told by mail." if user.email else "They have no address: tell them."
        return f"{user} has no second factor any more. Sessions ended: {ended}. {told}"

    return _do(request, pk, act)


def _do(request: PageRequest, pk: int, act: Callable[[User], str]) -> HttpResponse:
    """Do it and show everybody again; a refusal is shown above them."""
    user = get_object_or_404(User, pk=pk)
    try:
        messages.success(request, act(user))
    except Refused as refused:
        form = InviteForm()
        form.refused = refused
        return _show(request, form, status=422)
    return redirect("web:people")
