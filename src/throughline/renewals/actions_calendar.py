"""Telling calendars: what was told is remembered, so that a change is told as one."""

from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.actions import issue_link, open_link
from throughline.people.gates import require_permission
from throughline.people.models import SignedLink, User
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.renewals.calendar import SHOWN_BACK, Wanted, calendar_text, wanted_events
from throughline.renewals.models import CalendarEvent

PURPOSE: Final = "calendar"
VALID_FOR: Final = timedelta(days=366)


@transaction.atomic
def publish_calendar(*, playbook: Playbook, at: datetime) -> bytes:
    """Return the calendar of renewals, and remember what it said.

    A day that moves keeps its name and counts one more change; one that is not wanted any more is
    told as cancelled. The same state makes the same bytes.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    wanted = {one.key: one for one in wanted_events(on=on, playbook=playbook)}
    standing = CalendarEvent.objects.select_for_update().order_by("pk")
    told = {(one.engagement_id, one.code): one for one in standing}
    fresh = [
        CalendarEvent(
            engagement_id=one.engagement, code=one.code, on=one.on, summary=one.summary,
            changed_at=at,
        )
        for key, one in wanted.items()
        if key not in told
    ]  # fmt: skip
    CalendarEvent.objects.bulk_create(fresh, ignore_conflicts=True)  # another reader was quicker
    for key, event in told.items():
        if _changed(event, wanted.get(key), on=on):
            event.sequence, event.changed_at = event.sequence + 1, at
            event.save(update_fields=["on", "summary", "is_cancelled", "sequence", "changed_at"])
    events = CalendarEvent.objects.filter(on__gte=on - SHOWN_BACK).order_by(
        "on", "engagement", "code"
    )
    return calendar_text(events, organisation=playbook.organisation.name)


def _changed(event: CalendarEvent, wanted: Wanted | None, *, on: date) -> bool:
    """Make an event what is wanted; return whether that is a change. What is past has been."""
    if wanted is None:
        if event.is_cancelled or event.on < on:
            return False
        event.is_cancelled = True
        return True
    if (event.on, event.summary, event.is_cancelled) == (wanted.on, wanted.summary, False):
        return False
    event.on, event.summary, event.is_cancelled = wanted.on, wanted.summary, False
    return True


@transaction.atomic
def subscribe(username: str, token: str, *, at: datetime) -> tuple[SignedLink, str]:
    """Return a link of one person's own by which their calendar reads renewals, and its address.

    A calendar cannot sign in. The address opens nothing else, and opens nothing once it is revoked,
    or the person may not read here any more. `token` is fresh randomness from the edge.

    Raises:
        Refused: they have no account, or may not read renewals.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Refused(f"There is no user {username}.", remedy="See `throughline user list`.")
    require_permission(username, Permission.READ, to="read renewals")
    link = issue_link(
        token, purpose=PURPOSE, subject=f"user:{user.pk}", issued_to=username, valid_for=VALID_FOR,
        by=username, at=at,
    )  # fmt: skip
    return link, f"{settings.BASE_URL}/s/calendar/{token}/renewals.ics"


def calendar_by_link(token: str, *, playbook: Playbook, at: datetime) -> bytes:
    """Return the calendar that a person's own link opens.

    Raises:
        Refused: it opens nothing any more, or the person may not read renewals now.
    """
    link = open_link(token, purpose=PURPOSE, at=at)
    user = User.objects.filter(pk=int(link.subject.partition(":")[2])).first()
    if user is None or not user.may(Permission.READ):
        raise Refused("This link was revoked.", remedy="Ask an Admin for a role that may read.")
    return publish_calendar(playbook=playbook, at=at)
