"""What running engagements take of the team: a standing load each week, and booked hours."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from throughline.capacity.actions.holds import BookedHours, free_booking
from throughline.capacity.actions.load import Standing, put_standing_load
from throughline.capacity.engine.work import Work
from throughline.capacity.queries import DONE
from throughline.delivery.models import Deliverable, Engagement, EngagementCluster
from throughline.infrastructure.models import Cluster
from throughline.kernel.days import ONE_DAY, day_in_zone
from throughline.playbook.model import Playbook
from throughline.playbook.parts import WeeklyLoad

STATEMENT_PROJECT = "statement-of-work"  # the project that a statement of work becomes
CENT = Decimal("0.01")


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

    The hours are those of the high estimates. Services are not booked: an engagement's standing load
    stands for them.
    """
    done, services = (
        _done(engagement),
        {service.code for template in playbook.templates for service in template.services},
    )
    found: dict[tuple[str, tuple[str, ...]], list[Work]] = {}
    for work in works:
        code = _code(work)
        if code not in done and code not in services:
            found.setdefault((code, work.roles), []).append(work)
    seen: dict[str, int] = {}
    booked = []
    for (code, roles), parts in found.items():
        seen[code] = seen.get(code, 0) + 1
        hours = Decimal(str(sum(part.high_h for part in parts))).quantize(CENT)
        own = code if seen[code] == 1 else f"{code}:{seen[code]}"
        due_on = max(_due(part, playbook) for part in parts)
        title = parts[0].title[:250]
        booked.append(BookedHours(own, title, roles, hours, parts[0].from_on, due_on))
    return [one for one in booked if one.hours > 0]


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


def _done(engagement: Engagement) -> set[str]:
    """Return the deliverables of the statement of work, and the other projects, that are done."""
    rows = Deliverable.objects.filter(project__engagement=engagement).values_list(
        "project__code", "code", "done_at", "state"
    )
    done = {
        code for project, code, at, state in rows
        if project == STATEMENT_PROJECT and at and state != "returned"
    }  # fmt: skip
    projects: dict[str, bool] = {}
    for project, _code_of, at, state in rows:
        is_done = at is not None and state != "returned"
        projects[project] = projects.get(project, True) and is_done
    return done | {project for project, all_done in projects.items() if all_done}


def free_when_done(deliverable: Deliverable, *, by: str, at: datetime) -> int:
    """Free the hours that are booked for a deliverable of the statement of work: it is done."""
    if deliverable.project.code != STATEMENT_PROJECT:
        return 0
    subject = f"deal:{deliverable.project.engagement_id}"
    return free_booking(subject, deliverable.code, why=DONE, by=by, at=at)
