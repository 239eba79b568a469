"""What running engagements take of the team: a standing load each week, and booked hours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from throughline.capacity.actions.holds import BookedHours, free_booking
from throughline.capacity.actions.load import Standing, put_standing_load
from throughline.capacity.engine.work import Work
from throughline.capacity.queries import DONE
from throughline.delivery.joint import CENT, split
from throughline.delivery.models import (
    Deliverable,
    Engagement,
    EngagementCluster,
    ScopeChange,
)
from throughline.delivery.words import DeliverableState, ScopeVerb
from throughline.infrastructure.models import Cluster
from throughline.kernel.days import ONE_DAY, day_in_zone
from throughline.playbook.model import Playbook
from throughline.playbook.parts import WeeklyLoad

STATEMENT_PROJECT = "statement-of-work"  # the project that a statement of work becomes
ADDED_CODE = "added-"  # of deliverables that stand in no template and no statement
WHOLE = "0"  # as demand calls a statement of which only the total is known
UNDONE = (DeliverableState.PLANNED, DeliverableState.RETURNED)


def refresh_standing_load(*, playbook: Playbook, by: str, at: datetime) -> int:
    """Make the team's weekly load what runs now; returns how much of it changed.

    A hub takes its hours from whoever runs it until somebody decides that it ends; it counts once,
    for the first engagement on its cluster, and for the cluster itself where no deal is known (F23).
    A tier takes its hours for as long as the agreement lasts.
    """
    return put_standing_load(_standing(playbook), by=by, at=at)


def _standing(playbook: Playbook) -> list[Standing]:
    engagements = list(
        Engagement.objects.select_related("deal", "successor__engagement").order_by("pk")
    )
    by_number = {one.number: one for one in engagements}
    hubs: dict[str, int] = {}
    ends: dict[str, tuple[date | None, date | None]] = {}
    served = {
        link.cluster_id: link.engagement_id
        for link in EngagementCluster.objects.order_by("-engagement_id")
    }
    for cluster in Cluster.objects.prefetch_related("hubs").order_by("name"):
        one = _who_has_it(by_number.get(served.get(cluster.pk, 0)), by_number)
        subject = f"deal:{one.number}" if one else f"cluster:{cluster.name}"[:80]
        hubs[subject] = hubs.get(subject, 0) + len(cluster.hubs.all())
        ends[subject] = _hub_term(one) if one else (None, None)
    found = [
        Standing(subject, load.role, _hours(load, count), *ends[subject], _counted(count))
        for subject, count in hubs.items()
        if count
        for load in playbook.capacity.hub_load
    ]
    return [one for one in [*found, *_tiers(engagements, playbook)] if one.hours_per_week > 0]


def _who_has_it(
    engagement: Engagement | None, by_number: Mapping[int, Engagement]
) -> Engagement | None:
    """Return for whom a hub runs in the end: the last that renews whom its file names.

    Until the file is re-pointed it names the one before; the hub is one hub all the same (E27).
    """
    seen: set[int] = set()
    while engagement is not None and engagement.successor_id in by_number:
        if engagement.number in seen:
            break
        seen.add(engagement.number)
        engagement = by_number[engagement.successor_id or 0]
    return engagement


def _hub_term(engagement: Engagement) -> tuple[date | None, date | None]:
    """Return from when to when an engagement's hubs run: without an end while nobody ends it."""
    return None, engagement.deal.end_on if engagement.is_ending else None


def _tiers(engagements: Iterable[Engagement], playbook: Playbook) -> Iterator[Standing]:
    names = {tier.code: tier.name for tier in playbook.tiers}
    for one in engagements:
        opened_on = day_in_zone(one.opened_at, playbook.organisation.zone)
        start_on = one.deal.start_on or opened_on
        end_on = _tier_end(one)
        for load in playbook.capacity.tier_load:
            if load.tier == one.deal.tier and (end_on is None or start_on <= end_on):
                yield Standing(
                    one.deal.subject, load.role, _hours(load, 1), start_on, end_on,
                    names.get(load.tier, load.tier),
                )  # fmt: skip


def _tier_end(engagement: Engagement) -> date | None:
    """Return the last day on which an engagement's tier takes hours.

    Where its renewal has been ordered and begins before it ends, the days that both hold count once,
    for the renewal (E27).
    """
    successor, end_on = engagement.successor, engagement.deal.end_on
    if successor is None or not hasattr(successor, "engagement") or successor.start_on is None:
        return end_on
    before = successor.start_on - ONE_DAY
    return before if end_on is None else min(end_on, before)


def _hours(load: WeeklyLoad, count: int) -> Decimal:
    return (load.hours_per_week * count).quantize(CENT)


def _counted(count: int) -> str:
    return "1 hub" if count == 1 else f"{count} hubs"


def bookings_of_work(
    works: Iterable[Work], engagement: Engagement, *, playbook: Playbook
) -> list[BookedHours]:
    """Return work as bookings, one for each deliverable and choice of roles; what is done is left out.

    The hours are those of the high estimates, as an amendment changed them; days are those to which
    a deliverable was moved; what an amendment added is booked, and what it took out is not.
    Services are not booked: an engagement's standing load stands for them.
    """
    every, rows = list(works), _rows_of(engagement)
    gone = _done(rows) | {
        service.code for template in playbook.templates for service in template.services
    }
    found: dict[str, dict[tuple[str, ...], list[Work]]] = {}
    for work in every:
        if (code := _code(work)) not in gone:
            found.setdefault(code, {}).setdefault(work.roles, []).append(work)
    now = _asked_now(rows, is_whole=any(work.code == WHOLE for work in every))
    booked = [
        one
        for code, by_roles in found.items()
        for one in _booked(code, by_roles, now.get(code, (None, None)), playbook)
    ]
    booked += _added(engagement, rows, every, playbook)
    return [one for one in booked if one.hours > 0]


def _asked_now(
    rows: Iterable[Deliverable], *, is_whole: bool
) -> dict[str, tuple[Decimal | None, date | None]]:
    """Return hours and due day of what stands of the statement of work, by code of its work.

    Where the statement estimates no single deliverable, all of it is one piece of work.
    """
    ours = [
        row for row in rows
        if row.project.code == STATEMENT_PROJECT and not row.code.startswith(ADDED_CODE)
    ]  # fmt: skip
    if not is_whole:
        return {row.code: (row.high_h, row.due_on) for row in ours}
    left = [row.high_h or Decimal(0) for row in ours if row.state in UNDONE]
    return {"overhead": (sum(left, Decimal(0)), None)} if ours else {}


def _booked(
    code: str, by_roles: dict[tuple[str, ...], list[Work]],
    now: tuple[Decimal | None, date | None], playbook: Playbook,
) -> Iterator[BookedHours]:  # fmt: skip
    """Yield the bookings of one piece of work, with the hours and the day that hold now."""
    hours_now, due_now = now
    high = [
        sum((Decimal(str(one.high_h)) for one in parts), Decimal(0)) for parts in by_roles.values()
    ]
    hours = [one.quantize(CENT) for one in high]
    if hours_now is not None and sum(high) > 0:
        hours = split(hours_now, high)
    for place, (roles, parts) in enumerate(by_roles.items()):
        own = code if place == 0 else f"{code}:{place + 1}"
        from_on = parts[0].from_on
        due_on = max(_due(part, playbook) for part in parts)
        if due_now is not None:
            due_on = max(due_now, from_on)
        yield BookedHours(own, parts[0].title[:250], roles, hours[place], from_on, due_on)


def _added(
    engagement: Engagement, rows: Sequence[Deliverable], works: Sequence[Work], playbook: Playbook
) -> Iterator[BookedHours]:
    """Yield what was added since and is not done; whoever does the other work may do it."""
    open_rows = [
        row for row in rows
        if row.code.startswith(ADDED_CODE) and row.high_h and row.state in UNDONE
    ]  # fmt: skip
    if not open_rows:
        return
    changes = ScopeChange.objects.filter(engagement=engagement, verb=ScopeVerb.ADDED)
    since = {one.code: day_in_zone(one.at, playbook.organisation.zone) for one in changes}
    ours = [work for work in works if work.code[:1].isdecimal()]  # of the statement of work
    roles = tuple(dict.fromkeys(role for work in ours for role in work.roles))
    for row in open_rows:
        from_on = since[row.code]
        last = row.due_on or engagement.deal.end_on
        asked = Work(row.title, roles, 0, 0, from_on, last)
        yield BookedHours(
            row.code, row.title[:250], roles or playbook.capacity.roles_of_unnamed_work,
            row.high_h or Decimal(0), from_on, max(_due(asked, playbook), from_on),
        )  # fmt: skip


def _due(work: Work, playbook: Playbook) -> date:
    """Return the last day of work; where nobody has said, as long as the playbook takes it to be."""
    if work.due_on is not None:
        return work.due_on
    return date.fromordinal(work.from_on.toordinal() + playbook.capacity.unknown_term_days)


def _code(work: Work) -> str:
    """Return the deliverable or project of a piece of work: "2.3" is "deliverable-2"."""
    number, _, _place = work.code.partition(".")
    if number.isdecimal():
        return "overhead" if number == "0" else f"deliverable-{number}"
    return work.code.partition(":")[0]


def _rows_of(engagement: Engagement) -> list[Deliverable]:
    found = Deliverable.objects.filter(project__engagement=engagement).select_related("project")
    return list(found.order_by("pk"))


def _done(rows: Iterable[Deliverable]) -> set[str]:
    """Return the deliverables of the statement of work, and the other projects, that are over.

    They are done, or an amendment took them out.
    """
    done: set[str] = set()
    projects: dict[str, bool] = {}
    for row in rows:
        is_done = row.done_at is not None and row.state != DeliverableState.RETURNED
        is_over = is_done or row.state == DeliverableState.DROPPED
        if is_over and row.project.code == STATEMENT_PROJECT:
            done.add(row.code)
        if not row.code.startswith(ADDED_CODE):
            projects[row.project.code] = projects.get(row.project.code, True) and is_over
    return done | {project for project, all_over in projects.items() if all_over}


def free_when_done(deliverable: Deliverable, *, by: str, at: datetime) -> int:
    """Free the hours that are booked for a deliverable by itself: it is done."""
    is_booked = deliverable.code.startswith(ADDED_CODE)
    if deliverable.project.code != STATEMENT_PROJECT and not is_booked:
        return 0
    subject = f"deal:{deliverable.project.engagement_id}"
    return free_booking(subject, deliverable.code, why=DONE, by=by, at=at)
