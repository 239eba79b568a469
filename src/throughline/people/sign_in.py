"""Signing in: by name and password, or by a link that is good once."""

from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import authenticate

from throughline.journal.actions import record
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.actions import open_link
from throughline.people.actions_tallies import check, take
from throughline.people.models import User

MOST_FAILURES, REST = 5, timedelta(minutes=15)
MOST_FROM_ONE_ADDRESS = 30  # an office behind one address, and still far too few to guess with
FAILED, SIGNED_IN = "people.sign_in.failed", "people.sign_in.done"


def sign_in(username: str, password: str, *, address: str = "", at: datetime) -> User:
    """Return the person whose name and password these are, and write down how the try went.

    `address` is the network's: many names tried from one are stopped as well.

    The failures are in the journal, so that they count over restarts and on every machine. One
    answer fits all failures: it does not tell which names exist.

    Raises:
        TooOften: there were too many wrong tries from this address.
        Refused: they do not fit, or there were too many wrong tries lately.
    """
    door: dict[str, Any] = {
        "most": MOST_FROM_ONE_ADDRESS,
        "span": REST,
        "what": "wrong tries from here",
        "at": at,
    }
    check(f"sign-in:{address}", **door)
    known = User.objects.filter(username=username).first()
    is_resting = known is not None and _failures(known, at=at) >= MOST_FAILURES
    found = authenticate(username=username, password=password)  # always: it takes as long for all
    if isinstance(found, User) and not is_resting:
        if not is_mfa_enabled(found):  # else wrong codes go on counting, until one fits
            signed_in(found, how="password", at=at)
        return found
    take(f"sign-in:{address}", **door)
    if known is not None and not is_resting:
        tried_wrongly(known, at=at)
    raise Refused(
        "Name and password do not fit, or the name rests after five wrong tries.",
        remedy="Check both; after five wrong tries wait 15 minutes.",
    )


def check_may_try(user: User, *, at: datetime) -> None:
    """Pass if a person may try a code: wrong ones count like wrong passwords.

    Raises:
        Refused: there were too many wrong tries lately.
    """
    if _failures(user, at=at) >= MOST_FAILURES:
        raise Refused("The name rests after five wrong tries.", remedy="Wait 15 minutes.")


def tried_wrongly(user: User, *, at: datetime) -> None:
    """Write down a wrong try at a name that there is."""
    record(FAILED, user, by="sign-in", at=at)  # nobody knows who it was


def signed_in(user: User, *, how: str, at: datetime) -> None:
    """Write down that somebody is in."""
    record(SIGNED_IN, user, by=user.username, at=at, how=how)


def _failures(user: User, *, at: datetime) -> int:
    """Return how many tries failed lately, since the last that did not."""
    lately = Entry.objects.about(user).filter(act__in=[FAILED, SIGNED_IN], at__gt=at - REST)
    acts = list(lately.order_by("-pk").values_list("act", flat=True)[:MOST_FAILURES])
    return acts.index(SIGNED_IN) if SIGNED_IN in acts else len(acts)


def sign_in_by_link(token: str, *, at: datetime) -> User:
    """Return the person whom a sign-in link stands for, and use the link up.

    Raises:
        Refused: the link opens nothing (any more), or the person may not sign in.
    """
    link = open_link(token, purpose="sign_in", at=at)
    kind, _, number = link.subject.partition(":")
    user = User.objects.filter(pk=number, is_active=True).first() if kind == "user" else None
    if user is None:
        raise Refused("The person of this link is gone.", remedy="Ask an Admin for a new link.")
    record(SIGNED_IN, user, by=user.username, at=at, how="link")
    return user
