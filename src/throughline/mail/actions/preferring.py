"""What people choose about being told. It is theirs alone; that they chose is in the journal."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.mail.models import Preference
from throughline.mail.queries import wishes_of
from throughline.mail.unsubscribing import whom_it_stops
from throughline.mail.wishes import Wishes
from throughline.mail.words import Channel, MailKind
from throughline.people.models import User
from throughline.playbook.model import Playbook
from throughline.playbook.registry import did_you_mean


@transaction.atomic
def choose(user: User, wishes: Wishes, *, by: str, at: datetime) -> Preference:
    """Keep how a person wants to be told.

    Raises:
        Refused: there is no such zone, one end of the quiet hours is missing, or the digest would
            go out within them.
    """
    _check(wishes)
    quiet = (wishes.quiet_from, wishes.quiet_until)
    none = (None, None) if wishes.quiet_from == wishes.quiet_until else quiet
    fields = {
        "blocked": wishes.blocked,
        "news": wishes.news,
        "quiet_from": none[0],
        "quiet_until": none[1],
        "digest_at": wishes.digest_at,
        "weekdays_only": wishes.weekdays_only,
        "zone": wishes.zone,
        "changed_at": at,
    }
    found, _created = Preference.objects.update_or_create(user=user.pk, defaults=fields)
    record("mail.preference.chosen", user, by=by, at=at, blocked=wishes.blocked, news=wishes.news)
    return found


def _check(wishes: Wishes) -> None:
    try:
        ZoneInfo(wishes.zone)
    except (KeyError, ValueError, OSError):
        raise Refused(
            f"There is no time zone {wishes.zone!r}.",
            remedy=did_you_mean(wishes.zone, available_timezones()),
        ) from None
    if (wishes.quiet_from is None) != (wishes.quiet_until is None):
        raise Refused("Quiet hours have two ends.", remedy="Give both times, or none.")
    if wishes.is_quiet(wishes.digest_at):
        raise Refused(
            "The digest would go out in the quiet hours.",
            remedy=f"Choose a time from {wishes.quiet_until:%H:%M} on.",
        )


@transaction.atomic
def unsubscribe(token: str, *, playbook: Playbook, at: datetime) -> tuple[User, MailKind]:
    """Stop a kind of mail to a person, as RFC 8058 wants it: one click, and again it stays so.

    Raises:
        Refused: the token is none of ours.
    """
    user, kind = whom_it_stops(token)
    kept = wishes_of([user.pk], playbook)[user.pk]
    stopped = Channel.DIGEST if kind == MailKind.DIGEST else Channel.INSTANT
    wanted = Wishes(
        blocked=Channel.NONE if kept.blocked == stopped else kept.blocked,
        news=Channel.NONE if kept.news == stopped else kept.news,
        quiet_from=kept.quiet_from,
        quiet_until=kept.quiet_until,
        digest_at=kept.digest_at,
        weekdays_only=kept.weekdays_only,
        zone=kept.zone,
    )
    if wanted != kept:
        choose(user, wanted, by=user.username, at=at)
    return user, kind
