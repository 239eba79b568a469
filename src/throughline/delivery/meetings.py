"""The weekly Engagement Review: what it looks at, what it decided, and its minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from throughline.delivery.models import Decision, Engagement, Meeting
from throughline.delivery.queries import engagements
from throughline.delivery.words import DeliverableState, Health
from throughline.kernel.errors import NotThere
from throughline.kernel.markdown import escaped
from throughline.playbook.model import Playbook

WEEK = timedelta(days=7)


class NoSuchMeeting(NotThere):
    """Nothing goes by that number."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """What one meeting looks at, each engagement once, in the order in which it is talked about."""

    since: datetime
    newly_closed: Sequence[Engagement]
    off_track: Sequence[Engagement]
    at_risk: Sequence[Engagement]
    stale: Sequence[Engagement]
    standing: Sequence[Decision]  # of earlier meetings, not settled
    counts: Mapping[str, int]  # of each part by its code: all of it, even where only some is here

    @property
    def parts(self) -> tuple[tuple[str, str, Sequence[Engagement]], ...]:
        """The parts with their codes and titles, in order."""
        return (
            ("new", "Newly closed", self.newly_closed),
            ("off", "Off track", self.off_track),
            ("risk", "At risk", self.at_risk),
            ("stale", "Nobody has said anything lately", self.stale),
        )


def open_meeting_now() -> Meeting | None:
    """Return the meeting that is under way; None where none is."""
    return Meeting.objects.filter(closed_at=None).order_by("-held_on").first()


def meeting_of(day: date) -> Meeting:
    """Return the review of a day.

    Raises:
        NoSuchMeeting: there was none.
    """
    found = Meeting.objects.filter(held_on=day).first()
    if found is None:
        raise NoSuchMeeting(
            f"There is no review of {day}.", remedy="See `throughline meeting list`."
        )
    return found


def find_meeting(number: int) -> Meeting:
    """Return the review of that number.

    Raises:
        NoSuchMeeting: there is none.
    """
    found = Meeting.objects.filter(pk=number).first()
    if found is None:
        raise NoSuchMeeting(
            f"There is no review {number}.", remedy="See `throughline meeting list`."
        )
    return found


def every_meeting() -> QuerySet[Meeting]:
    """Return all reviews, the latest first."""
    return Meeting.objects.order_by("-held_on")


def past_meetings() -> QuerySet[Meeting]:
    """Return the meetings that were closed, the latest first, with `taken`: decisions counted."""
    return (
        Meeting.objects.exclude(closed_at=None)
        .annotate(taken=Count("decisions"))
        .order_by("-held_on")
    )


def standing_decisions(engagement: Engagement) -> list[Decision]:
    """Return what meetings decided of an engagement and nobody has settled; one query."""
    found = Decision.objects.filter(engagement=engagement, settled_at=None)
    return list(found.select_related("meeting").order_by("at", "pk"))


def with_progress(found: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Return engagements with `promised` and `verified`: how many deliverables.

    What an amendment took out does not count; joint work counts where it is carried.
    """
    stands = ~Q(projects__deliverables__state=DeliverableState.DROPPED)
    verified = Q(projects__deliverables__state=DeliverableState.VERIFIED)
    return found.annotate(
        promised=Count("projects__deliverables", filter=stands),
        verified=Count("projects__deliverables", filter=verified),
    )


def agenda_for(
    meeting: Meeting | None,
    *,
    on: date,
    at: datetime,
    playbook: Playbook,
    most: int | None = None,
) -> Agenda:
    """Return what a meeting looks at: what closed since the last one, then off track, at risk, stale.

    An engagement stands in the first part that it belongs to. Of each part `most` where it is
    given. Seven queries, and four more to count.
    """
    before = past_meetings().filter(held_on__lt=meeting.held_on if meeting else on).first()
    since = before.closed_at if before and before.closed_at else at - WEEK
    running = engagements().filter(Q(deal__end_on=None) | Q(deal__end_on__gte=on))
    limit = at - timedelta(days=playbook.periods.status_stale_days)
    quiet = Q(health_at__lt=limit) | Q(health_at=None, opened_at__lt=limit)
    new = Q(opened_at__gt=since)
    off, risk = Q(health=Health.OFF_TRACK), Q(health=Health.AT_RISK)
    by_silence = (F("health_at").asc(nulls_first=True), "pk")
    standing = Decision.objects.filter(settled_at=None).select_related(
        "meeting", "engagement__deal__community"
    )
    if meeting is not None:
        standing = standing.exclude(meeting=meeting)
    parts = {
        "new": running.filter(new).order_by("opened_at", "pk"),
        "off": running.filter(off & ~new).order_by("health_at", "pk"),
        "risk": running.filter(risk & ~new).order_by("health_at", "pk"),
        "stale": running.filter(quiet & ~new & ~off & ~risk).order_by(*by_silence),
    }
    numbers = [list(found.values_list("pk", flat=True)[:most]) for found in parts.values()]
    counts = {
        code: len(listed) if most is None else found.count()
        for (code, found), listed in zip(parts.items(), numbers, strict=True)
    }
    # Progress is counted for those alone that are looked at.
    by_number = with_progress(engagements()).in_bulk({one for listed in numbers for one in listed})
    new_, off_, risk_, stale = ([by_number[one] for one in listed] for listed in numbers)
    return Agenda(since, new_, off_, risk_, stale, list(standing.order_by("at", "pk")), counts)


def every_decision(*, is_open: bool) -> QuerySet[Decision]:
    """Return what reviews decided, the newest first; with `is_open`, what nobody has settled."""
    found = Decision.objects.select_related("meeting", "engagement__deal").order_by("-pk")
    return found.filter(settled_at=None) if is_open else found


def decisions_of(meeting: Meeting) -> list[Decision]:
    """Return what a meeting decided, in order; one query."""
    return list(
        Decision.objects.filter(meeting=meeting)
        .select_related("engagement__deal__community")
        .order_by("at", "pk")
    )


def minutes_of(
    meeting: Meeting, *, on: date, at: datetime, playbook: Playbook, most: int | None = None
) -> str:
    """Return the minutes as Markdown; those of a closed meeting as they were written then.

    Of an open one `most` engagements of each part, where it is given, and how many more. They name people and money no more than the page does: no amounts at all.
    """
    if meeting.minutes:
        return meeting.minutes
    agenda = agenda_for(meeting, on=on, at=at, playbook=playbook, most=most)
    taken = decisions_of(meeting)
    lines = [f"# Engagement Review, {meeting.held_on}", ""]
    for code, title, found in agenda.parts:
        lines += _part(title, found, taken, count=agenda.counts[code])
    general = [one for one in taken if one.engagement_id is None]
    looked_at = {one.pk for _code, _title, found in agenda.parts for one in found}
    others = [one for one in taken if one.engagement_id and one.engagement_id not in looked_at]
    lines += _decisions("Other engagements", others, named=True)
    lines += _decisions("Of all engagements", general, named=False)
    lines += _decisions("Still to be settled from earlier reviews", agenda.standing, named=True)
    return "\n".join(lines).rstrip() + "\n"


def _part(
    title: str, found: Sequence[Engagement], taken: Sequence[Decision], *, count: int
) -> list[str]:
    lines = [f"## {title}", ""]
    for one in found:
        said = _health(one)
        lines.append(f"- **{_plain(one.deal.name)}** ({one.number}): {said}")
        lines += [f"  - {_decision(made)}" for made in taken if made.engagement_id == one.pk]
    more = [f"- … and {count - len(found)} more."] if count > len(found) else []
    return [*lines, *more, *(() if found else ("None.",)), ""]


def _health(one: Engagement) -> str:
    if one.health_at is None:
        return "nobody has said how it goes."
    why = f": {_plain(one.health_why)}" if one.health_why else ""
    return f"{Health(one.health).label.lower()}{why} (said {one.health_at:%Y-%m-%d})"


def _decisions(title: str, made: Sequence[Decision], *, named: bool) -> list[str]:
    if not made:
        return []
    lines = [f"## {title}", ""]
    for one in made:
        about = f"**{_plain(one.engagement.deal.name)}**: " if named and one.engagement else ""
        lines.append(f"- {about}{_decision(one)}")
    return [*lines, ""]


def _decision(one: Decision) -> str:
    who = f" – {_plain(one.owner)}" if one.owner else ""
    until = f", until {one.due_on}" if one.due_on else ""
    settled = " (settled)" if one.settled_at else ""
    return f"Decided: {_plain(one.text)}{who}{until}{settled}"


def _plain(text: str) -> str:
    """Return a text on one line that Markdown reads as itself."""
    return escaped(" ".join(text.split()))
