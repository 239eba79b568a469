"""What running engagements take of the team: a standing load each week, and booked hours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from throughline.capacity.actions.holds import BookedHours, free_booking
from throughline.capacity.actions.load import Standing, put_standing_load
from throughline.capacity.engine.work import Work
from throughline.capacity.queries import DONE
from throughline.delivery.joined import FROM, code_in, home_of, joined_code
from throughline.delivery.joint import CENT, split
from throughline.delivery.models import (
    Deliverable,
    Engagement,
    EngagementCluster,
    JointWork,
    Project,
    ScopeChange,
)
from throughline.delivery.words import DeliverableState, ScopeVerb
from throughline.infrastructure.models import Cluster
from throughline.kernel.days import ONE_DAY, day_in_zone
from throughline.playbook.model import Playbook
from throughline.playbook.parts import WeeklyLoad
from throughline.sales.demand import chosen_work_of_deal
from throughline.sales.models import Deal, StatementOfWork

STATEMENT_PROJECT = "statement-of-work"  # the project that a statement of work becomes
ADDED_CODE = "added-"  # of deliverables that stand in no template and no statement
OVERHEAD = "overhead"  # as what no deliverable takes for itself is booked
WHOLE = "0"  # as demand calls a statement of which only the total is known
UNDONE = (DeliverableState.PLANNED, DeliverableState.RETURNED)


def refresh_standing_load(
    *, ending: Mapping[str, date], playbook: Playbook, by: str, at: datetime
) -> int:
    """Make the team's weekly load what runs now; returns how much of it changed.

    A hub takes its hours from whoever runs it until somebody decides that it ends; it counts once,
    for the first engagement on its cluster, and for the cluster itself where no deal is known (F23).
    A tier takes its hours for as long as the agreement lasts. `ending` are hubs with their last day
    ("cluster/hub") though the agreement goes on: a renewal in part leaves them out.
    """
    return put_standing_load(_standing(ending, playbook), by=by, at=at)


def _standing(ending: Mapping[str, date], playbook: Playbook) -> list[Standing]:
    engagements = list(
        Engagement.objects.select_related("deal", "successor__engagement").order_by("pk")
    )
    found = [
        Standing(subject, load.role, _hours(load, count), from_on, to_on, _counted(count))
        for (subject, from_on, to_on), count in _hubs(engagements, ending).items()
        for load in playbook.capacity.hub_load
    ]
    return [one for one in [*found, *_tiers(engagements, playbook)] if one.hours_per_week > 0]


def _hubs(
    engagements: Iterable[Engagement], ending: Mapping[str, date]
) -> dict[tuple[str, date | None, date | None], int]:
    """Return how many hubs run for whom, from when to when."""
    by_number = {one.number: one for one in engagements}
    served = {
        link.cluster_id: link.engagement_id
        for link in EngagementCluster.objects.order_by("-engagement_id")
    }
    found: dict[tuple[str, date | None, date | None], int] = {}
    for cluster in Cluster.objects.prefetch_related("hubs").order_by("name"):
        one = _who_has_it(by_number.get(served.get(cluster.pk, 0)), by_number)
        subject = f"deal:{one.number}" if one else f"cluster:{cluster.name}"[:80]
        from_on, to_on = _hub_term(one) if one else (None, None)
        for hub in cluster.hubs.all():
            last = ending.get(f"{cluster.name}/{hub.name}")
            ends_on = min((day for day in (to_on, last) if day is not None), default=None)
            key = (subject, from_on, ends_on)
            found[key] = found.get(key, 0) + 1
    return found


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


def bookings_of_engagement(
    engagement: Engagement, deal: Deal, statement: StatementOfWork | None, *, playbook: Playbook
) -> list[BookedHours]:
    """Return what is to be booked for an engagement: all the work that it carries.

    Joint work that another carries now is booked there.

    Raises:
        Refused: the work makes no sense.
    """
    begun = JointWork.objects.filter(begun_in=engagement).exclude(project__engagement=engagement)
    elsewhere = set(begun.values_list("begun_as", flat=True))
    works = _works_of(engagement, deal, statement, playbook)
    own = [work for work in works if _project_of(work) not in elsewhere]
    carried = _carried(engagement, playbook)
    return [*bookings_of_work(own, engagement, playbook=playbook), *carried]


def _works_of(
    engagement: Engagement, deal: Deal, statement: StatementOfWork | None, playbook: Playbook
) -> Iterable[Work]:
    opened_on = day_in_zone(engagement.opened_at, playbook.organisation.zone)
    return chosen_work_of_deal(deal, statement, playbook=playbook, start_on=opened_on)


def _carried(engagement: Engagement, playbook: Playbook) -> Iterator[BookedHours]:
    """Yield the bookings of work that was planned in another engagement, as that one's deal asks."""
    came = Project.objects.filter(engagement=engagement, code__contains=FROM).order_by("pk")
    for project in came.prefetch_related("deliverables"):
        number, code = home_of(engagement.number, project.code)
        home = Engagement.objects.select_related("deal").get(pk=number)
        statement = home.deal.statements_of_work.order_by("version").last()
        works = [
            work
            for work in _works_of(home, home.deal, statement, playbook)
            if _project_of(work) == code
        ]
        rows = sorted(project.deliverables.all(), key=lambda row: row.pk)
        for one in _bookings(works, rows, engagement, playbook):
            own, mark, place = one.code.partition(":")
            yield replace(one, code=f"{joined_code(number, own)}{mark}{place}")


def booked_codes(project: Project) -> list[str]:
    """Return under which codes the work of a project is booked where it is carried now."""
    home, code = home_of(project.engagement_id, project.code)
    rows = list(project.deliverables.order_by("pk").values_list("code", flat=True))
    if code == STATEMENT_PROJECT:
        own = [OVERHEAD, *rows]
    else:
        own = [code, *(row for row in rows if row.startswith(ADDED_CODE))]
    return [code_in(project.engagement_id, home, one) for one in own]


def bookings_of_work(
    works: Iterable[Work], engagement: Engagement, *, playbook: Playbook
) -> list[BookedHours]:
    """Return an engagement's own work as bookings, one for each deliverable and choice of roles.

    The hours are those of the high estimates, as an amendment changed them; days are those to which
    a deliverable was moved; what an amendment added is booked; what it took out, and what is done,
    is not. Services are not booked: an engagement's standing load stands for them.
    """
    return _bookings(list(works), _rows_of(engagement), engagement, playbook)


def _bookings(
    every: Sequence[Work], rows: Sequence[Deliverable], engagement: Engagement, playbook: Playbook
) -> list[BookedHours]:
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
        if _home_code(row) == STATEMENT_PROJECT and not row.code.startswith(ADDED_CODE)
    ]  # fmt: skip
    if not is_whole:
        return {row.code: (row.high_h, row.due_on) for row in ours}
    left = [row.high_h or Decimal(0) for row in ours if row.state in UNDONE]
    return {OVERHEAD: (sum(left, Decimal(0)), None)} if ours else {}


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
    zone = playbook.organisation.zone
    since = {(one.project, one.code): day_in_zone(one.at, zone) for one in changes}
    ours = [work for work in works if work.code[:1].isdecimal()]  # of the statement of work
    roles = tuple(dict.fromkeys(role for work in ours for role in work.roles))
    for row in open_rows:
        from_on = since[row.project.code, row.code]
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
        return OVERHEAD if number == "0" else f"deliverable-{number}"
    return work.code.partition(":")[0]


def _project_of(work: Work) -> str:
    """Return the project of a piece of work, as the engagement of its own deal calls it."""
    number, _, _place = work.code.partition(".")
    return STATEMENT_PROJECT if number.isdecimal() else _code(work)


def _home_code(row: Deliverable) -> str:
    """Return what the project of a deliverable was called where it was planned."""
    return home_of(row.project.engagement_id, row.project.code)[1]


def _rows_of(engagement: Engagement) -> list[Deliverable]:
    """Return the deliverables that an engagement's own deal asked for."""
    found = Deliverable.objects.filter(project__engagement=engagement).select_related("project")
    return list(found.exclude(project__code__contains=FROM).order_by("pk"))


def _done(rows: Iterable[Deliverable]) -> set[str]:
    """Return the deliverables of the statement of work, and the other projects, that are over.

    They are done, or an amendment took them out.
    """
    done: set[str] = set()
    projects: dict[str, bool] = {}
    for row in rows:
        is_done = row.done_at is not None and row.state != DeliverableState.RETURNED
        is_over = is_done or row.state == DeliverableState.DROPPED
        project = _home_code(row)
        if is_over and project == STATEMENT_PROJECT:
            done.add(row.code)
        if not row.code.startswith(ADDED_CODE):
            projects[project] = projects.get(project, True) and is_over
    return done | {project for project, all_over in projects.items() if all_over}


def free_when_done(deliverable: Deliverable, *, by: str, at: datetime) -> int:
    """Free the hours that are booked for a deliverable by itself: it is done."""
    is_booked = deliverable.code.startswith(ADDED_CODE)
    number = deliverable.project.engagement_id
    home, project = home_of(number, deliverable.project.code)
    if project != STATEMENT_PROJECT and not is_booked:
        return 0
    code = code_in(number, home, deliverable.code)
    return free_booking(f"deal:{number}", code, why=DONE, by=by, at=at)
