"""Tokens that programs come in with: given once, kept as a hash, ended by a day or a person."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.models import ApiToken, User
from throughline.people.words import Permission, Scope

PREFIX: Final = "tl_"  # so that scanners of secrets, and people, know what they found
LONGEST: Final = timedelta(days=366)
SHOWN: Final = 8  # characters that are kept to recognise it by
FRESH: Final = timedelta(minutes=1)  # the last use is written down once in so long
REMEDY: Final = "Make a new one on the page “Tokens”."


class NoToken(Refused):
    """A token is unknown, expired or revoked, or its person has left."""


@transaction.atomic
def issue_token(
    secret: str,
    *,
    user: User,
    name: str,
    scopes: Collection[Scope],
    valid_for: timedelta,
    by: str,
    at: datetime,
) -> ApiToken:
    """Give a person a token for a program; `secret` is fresh randomness from the edge.

    Raises:
        Refused: it has no name, no scope, or lasts too long; or the person has left.
        ValueError: the secret is too short to be safe.
    """
    if not secret.startswith(PREFIX) or len(secret) < len(PREFIX) + 32:
        raise ValueError("A token needs its prefix and 32 characters of randomness.")
    if not (called := name.strip()) or len(called) > 60:  # noqa: PLR2004 -- the column's width
        raise Refused("A token needs a name of at most 60 characters.", remedy="Name the program.")
    if not scopes:
        raise Refused("The token may do nothing.", remedy="Choose at least one scope.")
    if not timedelta(0) < valid_for <= LONGEST:
        raise Refused("A token lasts a year at most.", remedy="Choose 1 to 366 days.")
    if not user.is_active:
        raise Refused(f"{user.username} has left.", remedy="Make one for somebody who is here.")
    token = ApiToken.objects.create(
        user=user,
        name=called,
        token_sha256=_digest(secret),
        starts_with=secret[:SHOWN],
        scopes=[scope.value for scope in Scope if scope in scopes],
        issued_by=by,
        issued_at=at,
        expires_at=at + valid_for,
    )
    record(
        "people.token.issued", token, by=by, at=at,
        user=user.username, name=called, scopes=token.scopes, until=token.expires_at,
    )  # fmt: skip
    return token


def open_token(secret: str, *, at: datetime) -> ApiToken:
    """Return the token that a program shows, with its person, and write down that it was used.

    Raises:
        NoToken: it opens nothing (any more).
    """
    found = ApiToken.objects.select_related("user").filter(token_sha256=_digest(secret)).first()
    if found is None:
        raise NoToken("This token is unknown.", remedy=REMEDY)
    if found.revoked_at is not None:
        raise NoToken("This token was revoked.", remedy=REMEDY)
    if found.expires_at <= at:
        raise NoToken(f"This token expired on {found.expires_at:%-d %B %Y}.", remedy=REMEDY)
    if not found.user.is_active:
        raise NoToken("The person of this token has left.", remedy="Ask an Admin.")
    if found.last_used_at is None or at - found.last_used_at >= FRESH:
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=at)
    return found


@transaction.atomic
def revoke_token(token_id: int, *, by: str, at: datetime) -> ApiToken:
    """End a token for good: its person may, and who administers. A revoked one stays as it is.

    Raises:
        Refused: there is no such token.
        NotEntitled: it is another person's.
    """
    token = (
        ApiToken.objects.select_for_update(of=("self",)).select_related("user")
        .filter(pk=token_id).first()
    )  # fmt: skip
    if token is None:
        raise Refused("There is no such token.", remedy="See the list of tokens.")
    _check_theirs(token, by)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        record(
            "people.token.revoked", token, by=by, at=at, user=token.user.username, name=token.name
        )
    return token


def _check_theirs(token: ApiToken, by: str) -> None:
    """Pass for the token's person, for who administers, and for names of the command line.

    Raises:
        NotEntitled: for anybody else.
    """
    actor = User.objects.filter(username=by).first()
    if actor is None or actor.pk == token.user_id or actor.may(Permission.ADMINISTER):
        return
    raise NotEntitled("This is another person's token.", remedy="Ask them, or an Admin.")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
