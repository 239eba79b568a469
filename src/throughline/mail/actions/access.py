"""Mails by which people choose a password. Their text is for them alone: see `is_confidential`."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from throughline.kernel.errors import Refused
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import draft_of
from throughline.people.actions_factors import reset_second_factor
from throughline.people.actions_tallies import take
from throughline.people.actions_users import INVITED_FOR, RESET_FOR, invite_user, password_link
from throughline.people.models import SignedLink, User
from throughline.people.words import RoleName
from throughline.playbook.model import Playbook

MOST_RESETS = 3  # an hour for one person: nobody's mailbox is filled by others


@transaction.atomic
def invite_person(  # noqa: PLR0913 -- an invitation is all of these
    username: str,
    token: str,
    *,
    email: str,
    full_name: str,
    roles: Collection[RoleName],
    playbook: Playbook,
    by: str,
    at: datetime,
) -> User:
    """Add a person, and mail them the link by which they choose a password.

    Raises:
        Refused: the name or the address is taken or none, or `by` is no Admin.
    """
    user, link = invite_user(
        username, token, email=email, full_name=full_name, roles=roles, by=by, at=at
    )
    facts = {"by": by, "address": _address(token), "days": str(INVITED_FOR.days)}
    key = _key_of(link)
    _write(user, "account_invited", facts, key=key, playbook=playbook, by=by, at=at)
    return user


@transaction.atomic
def mail_password_link(
    user: User, token: str, *, playbook: Playbook, by: str, at: datetime
) -> None:
    """Mail a person a link by which they choose a new password; the one before opens nothing.

    Raises:
        Refused: they have no address, or have left.
        TooOften: they were mailed so often within the hour.
    """
    if not user.is_active or not user.email:
        raise Refused(
            f"{user.username} cannot be mailed.", remedy="Give them an address, or let them in."
        )
    take(f"reset:{user.pk}", most=MOST_RESETS, span=RESET_FOR, what="mails", at=at)
    link = password_link(user, token, by=by, at=at)
    facts, key = {"address": _address(token)}, _key_of(link)
    _write(user, "password_asked", facts, key=key, playbook=playbook, by=by, at=at)


@transaction.atomic
def reset_factor(
    user_id: int, *, because: str, playbook: Playbook, by: str, at: datetime
) -> tuple[User, int]:
    """Take a person's second factor away and tell them by mail; return how many sessions ended.

    Without an address nobody is mailed: whoever resets it tells them.

    Raises:
        Refused: `by` may not, no reason is given, or there is nothing to reset.
    """
    user, ended = reset_second_factor(user_id, because=because, by=by, at=at)
    if user.email:
        key = f"people.second_factor:{user.pk}:{at.isoformat()}"
        facts = {"by": by, "because": because, "address": f"{settings.BASE_URL}/door/second/"}
        _write(user, "factor_reset", facts, key=key, playbook=playbook, by=by, at=at)
    return user, ended["sessions"]


@transaction.atomic
def ask_for_password(
    text: str, token: str, *, address: str, playbook: Playbook, at: datetime
) -> None:
    """Mail the person who goes by a name or an address a link; nobody learns whether there is one.

    Raises:
        TooOften: too many were asked for from this address of the network.
    """
    span = timedelta(minutes=15)
    take(f"forgot:{address}", most=10, span=span, what="mails asked for from here", at=at)
    wanted = text.strip()
    found = User.objects.filter(is_active=True).exclude(email="")
    user = found.filter(username=wanted).first() or found.filter(email__iexact=wanted).first()
    if user is None or not wanted:
        return
    try:
        mail_password_link(user, token, playbook=playbook, by="sign-in", at=at)
    except Refused:
        return  # whoever asks is told nothing, and the person has a mail already


def _write(
    user: User, code: str, facts: Mapping[str, str], *, key: str, playbook: Playbook, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Queue a letter of the playbook to one person about their account."""
    told = {
        "name": user.full_name or user.username, "username": user.username,
        "organisation": playbook.organisation.name, **facts,
    }  # fmt: skip
    draft = draft_of(playbook.mail(code), told, key=key, to=(user.email,), about=f"user:{user.pk}")
    queue_message(draft, by=by, at=at)


def _key_of(link: SignedLink) -> str:
    return f"people.password:{link.pk}"


def _address(token: str) -> str:
    return f"{settings.BASE_URL}/password/{token}/"
