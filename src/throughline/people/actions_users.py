"""What an Admin does with people, and people with their own password and sessions."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.actions import add_user, issue_link, open_link, revoke_link
from throughline.people.gates import require_permission
from throughline.people.models import RoleGrant, Session, SignedLink, User
from throughline.people.words import Permission, RoleName

PASSWORD: Final = "password"  # noqa: S105 -- the purpose of a link
INVITED_FOR, RESET_FOR = timedelta(days=7), timedelta(hours=1)


@transaction.atomic
def invite_user(
    username: str,
    token: str,
    *,
    email: str,
    full_name: str,
    roles: Collection[RoleName],
    by: str,
    at: datetime,
) -> tuple[User, SignedLink]:
    """Add a person who chooses a password by a link, and return both; `token` is randomness.

    Raises:
        Refused: the name is taken or none, somebody has the address, or `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="invite people")
    address, name = email.strip().lower(), username.strip()
    if not name or "@" not in address:
        raise Refused("An invitation needs a name and an address.", remedy="Give both.")
    if User.objects.filter(email__iexact=address).exists():
        raise Refused(f"Somebody has {address} already.", remedy="Give them roles instead.")
    user = add_user(
        name, roles=frozenset(roles), full_name=full_name.strip(), email=address, by=by, at=at
    )
    return user, password_link(user, token, valid_for=INVITED_FOR, by=by, at=at)


def password_link(
    user: User, token: str, *, valid_for: timedelta = RESET_FOR, by: str, at: datetime
) -> SignedLink:
    """Issue a link by which a person chooses a password, once; older ones open nothing any more."""
    for older in SignedLink.objects.filter(subject=f"user:{user.pk}", purpose=PASSWORD):
        revoke_link(older.pk, by=by, at=at)
    return issue_link(
        token, purpose=PASSWORD, subject=f"user:{user.pk}", issued_to=user.username,
        valid_for=valid_for, by=by, at=at, is_single_use=True,
    )  # fmt: skip


@transaction.atomic
def set_roles(user_id: int, roles: Collection[RoleName], *, by: str, at: datetime) -> User:
    """Give a person exactly these roles.

    Raises:
        Refused: nobody would administer any more, or `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="give roles")
    user = _locked(user_id)
    before = {RoleName(grant.role) for grant in user.grants.all()}
    wanted = set(roles)
    if before == wanted:
        return user
    if RoleName.ADMIN in before - wanted:
        _check_another_admin(user)
    user.grants.filter(role__in=before - wanted).delete()
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=role) for role in sorted(wanted - before)
    )
    record(
        "people.user.roles_changed", user, by=by, at=at, user=user.username,
        given=sorted(wanted - before), taken=sorted(before - wanted),
    )  # fmt: skip
    return user


@transaction.atomic
def deactivate_user(
    user_id: int, *, with_links: bool = False, by: str, at: datetime
) -> tuple[User, dict[str, int]]:
    """Close a person's way in: sessions, tokens and links end. Returns how many of each.

    `with_links` also closes the links that they handed out to others, whose addresses they know.

    Raises:
        Refused: nobody would administer any more, or `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="let people go")
    user = _locked(user_id)
    if not user.is_active:
        raise Refused(f"{user.username} has left already.", remedy="Nothing is left to do.")
    _check_another_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    ended = {
        "sessions": Session.objects.filter(user=user).delete()[0],
        "tokens": user.api_tokens.filter(revoked_at=None).update(revoked_at=at),
        "links": _close_links(user, with_links=with_links, by=by, at=at),
    }
    record("people.user.left", user, by=by, at=at, user=user.username, **ended)
    return user, ended


@transaction.atomic
def reactivate_user(user_id: int, *, by: str, at: datetime) -> User:
    """Let a person in again, with the roles they have; tokens and links stay closed.

    Raises:
        Refused: they are here, or `by` is no Admin.
    """
    require_permission(by, Permission.ADMINISTER, to="let people in")
    user = _locked(user_id)
    if user.is_active:
        raise Refused(f"{user.username} is here.", remedy="Nothing is left to do.")
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("people.user.returned", user, by=by, at=at, user=user.username)
    return user


@transaction.atomic
def set_password_by_link(token: str, password: str, *, at: datetime) -> User:
    """Set the password of whom a link stands for, use the link up, and end their sessions.

    Raises:
        Refused: the link opens nothing (any more), they have left, or the password is too weak.
    """
    link = open_link(token, purpose=PASSWORD, at=at)
    user = User.objects.filter(pk=link.subject.partition(":")[2], is_active=True).first()
    if user is None:
        raise Refused("The person of this link is gone.", remedy="Ask an Admin.")
    _set_password(user, password, how="link", at=at)
    return user


@transaction.atomic
def change_password(user_id: int, old: str, new: str, *, at: datetime) -> User:
    """Change a person's own password, and end their sessions.

    Raises:
        Refused: the old one does not fit, or the new one is too weak.
    """
    user = _locked(user_id)
    if user.has_usable_password() and not user.check_password(old):
        raise Refused("The old password does not fit.", remedy="Or have a link mailed to you.")
    _set_password(user, new, how="change", at=at)
    return user


def end_session(user: User, name: str, *, at: datetime) -> int:
    """End one of a person's sessions by the name that their page gives it; 0: it is gone."""
    found = [one.pk for one in Session.objects.filter(user=user) if session_name(one.pk) == name]
    return _end(Session.objects.filter(pk__in=found), user, at)


def end_other_sessions(user: User, *, but: str | None, at: datetime) -> int:
    """End a person's sessions but for the one with this key, and return how many that were."""
    return _end(Session.objects.filter(user=user).exclude(pk=but or ""), user, at)


def session_name(key: str) -> str:
    """Return what a session is called on a page: whoever reads it cannot take the session over."""
    return hashlib.sha256(f"session:{key}".encode()).hexdigest()[:16]


@transaction.atomic
def _end(found: QuerySet[Session], user: User, at: datetime) -> int:
    count = found.delete()[0]
    if count:
        record("people.session.ended", user, by=user.username, at=at, count=count)
    return count


def _set_password(user: User, password: str, *, how: str, at: datetime) -> None:
    """Set a password that is good enough.

    Raises:
        Refused: it is not.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), remedy="Choose another one.") from error
    user.set_password(password)
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).delete()
    record("people.password.set", user, by=user.username, at=at, how=how)


def _locked(user_id: int) -> User:
    return User.objects.select_for_update().prefetch_related("grants").get(pk=user_id)


def _check_another_admin(user: User) -> None:
    """Pass if somebody else administers, or this person does not.

    Raises:
        Refused: nobody would.
    """
    admins = User.objects.filter(is_active=True, grants__role=RoleName.ADMIN)
    if admins.filter(pk=user.pk).exists() and not admins.exclude(pk=user.pk).exists():
        raise Refused("Nobody would administer any more.", remedy="Make somebody else Admin first.")


def _close_links(user: User, *, with_links: bool, by: str, at: datetime) -> int:
    theirs = Q(subject=f"user:{user.pk}") | Q(issued_to__iexact=user.username)
    if user.email:
        theirs |= Q(issued_to__iexact=user.email)
    if with_links:
        theirs |= Q(issued_by=user.username)
    found = SignedLink.objects.filter(theirs, revoked_at=None, expires_at__gt=at)
    for link in found:
        revoke_link(link.pk, by=by, at=at)
    return len(found)


@transaction.atomic
def choose_single_keys(user: User, *, on: bool, by: str, at: datetime) -> None:
    """Let single letters on a page do something for a person, or nothing; twice changes nothing."""
    found = User.objects.select_for_update().get(pk=user.pk)
    if found.single_keys != on:
        found.single_keys = on
        found.save(update_fields=["single_keys"])
        record("people.keys.chosen", found, by=by, at=at, on=on)
