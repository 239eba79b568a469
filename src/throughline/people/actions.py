"""Making users, giving hats, issuing and opening signed links."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from throughline.journal.actions import record
from throughline.journal.actions_forgetting import Gone, naming
from throughline.kernel.errors import Refused
from throughline.people.models import RoleGrant, SignedLink, User
from throughline.people.words import RoleName


@transaction.atomic
def add_user(
    username: str,
    *,
    roles: frozenset[RoleName],
    by: str,
    at: datetime,
    full_name: str = "",
    email: str = "",
    password: str | None = None,
) -> User:
    """Add a person with their roles; without a password they sign in by link only.

    Raises:
        Refused: the name is taken.
    """
    if User.objects.filter(username=username).exists():
        raise Refused(f"There is a user {username} already.", remedy="Choose another name.")
    user = User(username=username, full_name=full_name, email=email)
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    RoleGrant.objects.bulk_create([RoleGrant(user=user, role=role) for role in sorted(roles)])
    record("people.user.added", user, by=by, at=at, roles=sorted(roles))
    return user


def named_outsider(name: str, *, remedy: str) -> str:
    """Return whom a link is for, without an account: what they do is written down under that name.

    Raises:
        Refused: nobody is named, or somebody with an account; `remedy` says how they get there.
    """
    if not (found := name.strip()):
        raise Refused("Nobody is named.", remedy="Say whom the link is for.")
    if User.objects.filter(username__iexact=found).exists():
        raise Refused(f"{found} has an account here.", remedy=remedy)
    return found


@transaction.atomic
def issue_link(  # noqa: PLR0913 -- a link is all of these
    token: str,
    *,
    purpose: str,
    subject: str,
    issued_to: str,
    valid_for: timedelta,
    by: str,
    at: datetime,
    is_single_use: bool = False,
) -> SignedLink:
    """Issue a link that opens one thing; `token` is fresh randomness from the edge.

    Raises:
        ValueError: the token is too short to be safe.
    """
    if len(token) < 32:  # noqa: PLR2004 -- 32 URL-safe characters carry 192 bits
        raise ValueError("A link's token needs at least 32 characters of randomness.")
    link = SignedLink.objects.create(
        token_sha256=_digest(token),
        purpose=purpose,
        subject=subject,
        issued_to=issued_to,
        issued_by=by,
        issued_at=at,
        expires_at=at + valid_for,
        is_single_use=is_single_use,
    )
    record("people.link.issued", link, by=by, at=at, purpose=purpose, opens=subject)
    return link


@transaction.atomic
def open_link(token: str, *, purpose: str, at: datetime) -> SignedLink:
    """Return the link that a token opens, and mark it used.

    Raises:
        Refused: no such link, or it is for something else, expired, revoked or used up.
    """
    link = look_at_link(token, purpose=purpose, at=at)
    if link.used_at is None:
        link.used_at = at
        link.save(update_fields=["used_at"])
        record("people.link.opened", link, by=link.issued_to, at=at)
    return link


@transaction.atomic
def look_at_link(token: str, *, purpose: str, at: datetime) -> SignedLink:
    """Return the link that a token would open, locked; it is not used by that.

    Raises:
        Refused: no such link, or it is for something else, expired, revoked or used up.
    """
    link = (
        SignedLink.objects.select_for_update()
        .filter(token_sha256=_digest(token), purpose=purpose)
        .first()
    )
    remedy = "Ask the person who sent it for a new one."
    if link is None:
        raise Refused("This link opens nothing.", remedy=remedy)
    if link.revoked_at is not None:
        raise Refused("This link was revoked.", remedy=remedy)
    if link.expires_at <= at:
        raise Refused(f"This link expired on {link.expires_at:%-d %B %Y}.", remedy=remedy)
    if link.is_single_use and link.used_at is not None:
        raise Refused("This link was used already.", remedy=remedy)
    return link


@transaction.atomic
def revoke_link(link_id: int, *, by: str, at: datetime) -> SignedLink:
    """Close a link for good; a link that is revoked already stays as it is."""
    link = SignedLink.objects.select_for_update().get(pk=link_id)
    if link.revoked_at is None:
        link.revoked_at = at
        link.save(update_fields=["revoked_at"])
        record("people.link.revoked", link, by=by, at=at)
    return link


@transaction.atomic
def forget_holder(gone: Gone, *, by: str, at: datetime) -> int:
    """Close the links that were given to somebody who is erased, and return how many there were.

    A pseudonym stands for whom they were issued to, whatever else is written there ("Rae Rep, by
    phone"), and whatever they open.
    """
    wanted, closed = {one.casefold() for one in gone.words}, 0
    for link in naming(SignedLink, ("issued_to", "issued_by"), gone):
        is_theirs = link.issued_to.casefold() in wanted
        holder = gone.pseudonym if is_theirs else gone.without(link.issued_to)
        was_given = holder != link.issued_to
        link.issued_to, link.issued_by = holder, gone.without(link.issued_by)
        link.save(update_fields=["issued_to", "issued_by"])
        if was_given:
            revoke_link(link.pk, by=by, at=at)
        closed += was_given
    return closed


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
