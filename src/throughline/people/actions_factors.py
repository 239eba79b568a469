"""What an Admin does when somebody has lost their second factor."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_four_eyes, require_permission
from throughline.people.models import Session, User
from throughline.people.words import Permission


@transaction.atomic
def reset_second_factor(
    user_id: int, *, because: str, by: str, at: datetime
) -> tuple[User, dict[str, int]]:
    """Take a person's second factor and recovery codes away, and end their sessions.

    They come in by their password alone then, and set up another one. Returns the person, and how
    many sessions ended.

    Raises:
        Refused: `by` is no Admin or that very person, no reason is given, or there is nothing.
    """
    require_permission(by, Permission.ADMINISTER, to="reset somebody's second factor")
    user = User.objects.select_for_update().get(pk=user_id)
    require_four_eyes(user.username, by, what="Resetting a second factor")
    if not (why := because.strip()):
        raise Refused("Nobody says why.", remedy="Say how you know that it is really them who ask.")
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise Refused(f"{user.username} has no second factor.", remedy="Nothing is left to do.")
    ended = {"sessions": Session.objects.filter(user=user).delete()[0]}
    record("people.second_factor.reset", user, by=by, at=at, user=user.username, why=why, **ended)
    return user, ended
