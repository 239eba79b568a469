"""What is written down when somebody comes in by an account of another site."""

from datetime import datetime

from throughline.journal.actions import record
from throughline.people.models import User


def connected(user: User, *, how: str, at: datetime) -> None:
    """Write down that a person's account elsewhere was recognised by its address."""
    record("people.user.connected", user, by=user.username, at=at, how=how)


def entered(user: User, *, how: str, at: datetime) -> None:
    """Write down that somebody of a domain that may come in did so, without any role."""
    record("people.user.entered", user, by=user.username, at=at, user=user.username, how=how)
