"""Reads of the team, answers, holds and bookings: rows, and what the engine makes of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Count, Q, QuerySet, Sum

from throughline.capacity.engine.supply import Closed, Hours, Pools, pooled
from throughline.capacity.engine.supply import Colleague as Supply
from throughline.capacity.engine.weeks import Weeks, weeks_from, working_days
from throughline.capacity.engine.work import Load, Work, load_of, tasks_of
from throughline.capacity.models import (
    Booking,
    CapacityAnswer,
    Colleague,
    Demand,
    Hold,
    StandingLoad,
    TimeOff,
)
from throughline.capacity.words import HoldKind
from throughline.journal.models import Entry
from throughline.journal.remembering import Acts, remembered
from throughline.playbook.model import Playbook

DONE = "it is done"  # why bookings are freed when their work is done
STANDING = "standing"  # the subject under which the team's weekly load counts


def newest_answers(subjects: Iterable[str]) -> dict[str, CapacityAnswer]:
    """Return the answer that counts for each subject that has one; one query."""
    answers = CapacityAnswer.objects.filter(subject__in=list(subjects)).order_by("pk")
    return {answer.subject: answer for answer in answers}


def answer_shape(answer: CapacityAnswer) -> dict[str, Any]:
    """Return an answer as JSON, with the hours that are held for its deal; one query."""
    held = Hold.objects.filter(subject=answer.subject).aggregate(hours=Sum("hours"))["hours"]
    return {
        "answer": answer.answer,
        "how": answer.how,
        "start_on": answer.start_on.isoformat() if answer.start_on else None,
        "only_if": answer.only_if,
        "assumptions": answer.assumptions,
        "note": answer.note,
        "by": answer.by,
        "at": answer.at.isoformat(),
        "expires_on": answer.expires_on.isoformat(),
        "held_h": float(held or 0),
        "proposed": answer.proposed,
        "affects": answer.affects,
    }


def holds_of(subject: str) -> list[Hold]:
    """Return the hours that are kept for a deal, the earliest first."""
    return list(Hold.objects.filter(subject=subject).order_by("from_on", "pk"))


def bookings_of(subject: str) -> list[Booking]:
    """Return the hours that are booked for a deal, in the order they were made."""
    return list(Booking.objects.filter(subject=subject).order_by("pk"))


def demand_of(subject: str) -> list[Demand]:
    """Return what a deal asks for, in the order of its estimate."""
    return list(Demand.objects.filter(subject=subject).order_by("pk"))


def team() -> list[Colleague]:
    """Return the people of the team with their time off, by name; two queries."""
    return list(Colleague.objects.prefetch_related("time_off").order_by("name"))


def team_fingerprint() -> dict[str, dict[str, object]]:
    """Return who can do how much from when to when: an answer is stale when this changes.

    Days off are not part of it: they come every week, and answers would never stay fresh.
    Source: requirements E9, E10.
    """
    return {
        one.name: {
            "roles": one.roles,
            "hours": float(one.weekly_hours * one.billable_share),
            "from_on": one.from_on.isoformat() if one.from_on else None,
            "to_on": one.to_on.isoformat() if one.to_on else None,
        }
        for one in Colleague.objects.order_by("name")
    }


def team_changes(
    before: Mapping[str, Mapping[str, object]], now: Mapping[str, Mapping[str, object]]
) -> list[str]:
    """Return in words how the team differs from what it was: "Ada leaves on 2026-06-30"."""
    said = [f"{name} joined" for name in now if name not in before]
    said += [f"{name} is gone" for name in before if name not in now]
    for name in now:
        if name in before and dict(before[name]) != dict(now[name]):
            said.append(_change(name, before[name], now[name]))
    return said


def _change(name: str, before: Mapping[str, object], now: Mapping[str, object]) -> str:
    if before["to_on"] != now["to_on"]:
        return f"{name} leaves on {now['to_on']}" if now["to_on"] else f"{name} stays"
    if before["from_on"] != now["from_on"]:
        return f"{name} starts on {now['from_on'] or 'an earlier day'}"
    if before["roles"] != now["roles"]:
        return f"{name} has other roles"
    return f"{name} has {now['hours']:g} h a week instead of {before['hours']:g}"


@dataclass(frozen=True)
class Team:
    """What is known of capacity on a day: people by week, what is promised, what is asked for."""

    on: date
    weeks: Weeks
    people: tuple[Supply, ...]
    closed: tuple[Closed, ...]
    promised: tuple[Load, ...]  # bookings and holds
    standing: Mapping[str, Hours]  # role: hours by week
    soft: frozenset[str]  # subjects with soft holds
    firm: frozenset[str]  # subjects with firm holds or bookings
    asked: Mapping[str, tuple[Work, ...]] = field(default_factory=dict)  # by subject

    @cached_property
    def pools(self) -> Pools:
        """The people, as pools."""
        return pooled(self.people, self.weeks, self.closed)

    @cached_property
    def tentative(self) -> tuple[Load, ...]:
        """What deals ask for that have neither hold nor booking, at their high hours."""
        return tuple(
            load_of(task, subject)
            for subject, works in self.asked.items()
            if subject not in self.soft | self.firm
            for task in tasks_of(works, self.weeks)
        )

    def loads(self) -> list[Load]:
        """Return everything that is promised, the weekly load too."""
        weekly = [
            Load(STANDING, (role,), float(hours), week, week, "Standing load")
            for role, by_week in self.standing.items()
            for week, hours in enumerate(by_week)
            if hours > 0
        ]
        return [*self.promised, *weekly]

    def subjects(self) -> set[str]:
        """Return the deals that hold or ask for hours."""
        return {load.subject for load in (*self.promised, *self.tentative)}

    def uncertain(self) -> set[str]:
        """Return the deals that hold hours softly, or only ask: those that others can collide with."""
        return {load.subject for load in self.tentative} | (self.soft - self.firm)


def booked_subjects() -> set[str]:
    """Return the deals whose work was booked: it is under way, or done, and asks for nothing more.

    The journal knows of those whose bookings are all freed, because what they were for is done.
    """
    done = Entry.objects.filter(act="capacity.booking.freed", facts__why=DONE)
    return {
        *Booking.objects.values_list("subject", flat=True).distinct(),
        *done.values_list("facts__about", flat=True).distinct(),
    }


def team_as_known(on: date, *, playbook: Playbook) -> Team:
    """Return what `team_on` does, remembered until something is done about capacity: for pages."""
    key = ("team", on, playbook.sha256)
    return remembered(key, Acts(("capacity.",)), lambda: team_on(on, playbook=playbook))


def team_on(on: date, *, playbook: Playbook) -> Team:
    """Return what is known of capacity from a day on; eight queries, however large the team."""
    weeks = weeks_from(on, playbook.capacity.horizon_weeks)
    closed = tuple(Closed(one.month, one.day, one.days) for one in playbook.capacity.closures)
    holds = list(Hold.objects.filter(Q(expires_on=None) | Q(expires_on__gte=on), to_on__gte=on))
    bookings = list(Booking.objects.filter(to_on__gte=on))
    asked: dict[str, list[Work]] = {}
    for row in Demand.objects.exclude(subject__in=booked_subjects()).order_by("subject", "pk"):
        asked.setdefault(row.subject, []).append(work_of(row, on))
    return Team(
        on,
        weeks,
        tuple(_supply(one) for one in team()),
        closed,
        (*_held(holds, weeks), *_booked(bookings, on, weeks)),
        _standing(weeks, closed, playbook),
        frozenset(one.subject for one in holds if one.kind == HoldKind.SOFT),
        frozenset(one.subject for one in holds if one.kind == HoldKind.FIRM)
        | frozenset(one.subject for one in bookings),
        {subject: tuple(works) for subject, works in asked.items()},
    )


def work_of(row: Demand, on: date) -> Work:
    """Return a piece of work as it can still be done: not before today."""
    roles = (row.assigned_role,) if row.assigned_role else tuple(row.roles)
    from_on = max(row.from_on, on)
    due_on = None if row.due_on is None else max(row.due_on, from_on)
    return Work(
        row.title, roles, float(row.low_h), float(row.high_h), from_on, due_on, row.subject,
        row.code,
    )  # fmt: skip


def _supply(one: Colleague) -> Supply:
    return Supply(
        one.name,
        tuple(one.roles),
        float(one.weekly_hours),
        float(one.billable_share),
        one.from_on,
        one.to_on,
        one.country,
        tuple((off.from_on, off.to_on) for off in one.time_off.all()),
    )


def _held(holds: Iterable[Hold], weeks: Weeks) -> Iterator[Load]:
    for one in holds:
        hours = float(one.hours) * weeks.share_inside(one.from_on, one.to_on)
        where = _where(one.from_on, one.to_on, weeks, one.title)
        yield Load(one.subject, (one.role,), hours, **where)


def _where(from_on: date, to_on: date, weeks: Weeks, title: str) -> dict[str, Any]:
    first, last = weeks.span(from_on, to_on)
    return {
        "first": first,
        "last": last,
        "title": title,
        "first_part": weeks.part(first, from_on, to_on),
        "last_part": weeks.part(last, from_on, to_on),
    }


def _booked(bookings: Iterable[Booking], on: date, weeks: Weeks) -> Iterator[Load]:
    """Yield what is left of bookings: work is taken to go evenly over its working days.

    At a weekend nothing is left of what was to be done by its end: nobody can do it any more, and
    that alone is no promise broken.
    """
    for one in bookings:
        begins_on = max(one.from_on, on)
        left = working_days(begins_on, min(one.to_on, weeks.last_day))
        if left > 0:
            hours = float(one.hours) * left / working_days(one.from_on, one.to_on)
            where = _where(begins_on, one.to_on, weeks, one.title)
            yield Load(one.subject, tuple(one.roles), hours, **where)


def _standing(weeks: Weeks, closed: tuple[Closed, ...], playbook: Playbook) -> dict[str, Hours]:
    """Return the team's weekly load by role; where all are off, as much less as there are days."""
    everybody = Supply("everybody", ("any",), 1.0, 1.0)
    open_part = pooled([everybody], weeks, closed).hours[0]
    found: dict[str, Hours] = {}
    for duty in playbook.capacity.support_duty:
        found.setdefault(duty.role, np.zeros(weeks.count))[:] += float(duty.hours_per_week)
    rows = StandingLoad.objects.filter(Q(to_on=None) | Q(to_on__gte=weeks.first)).order_by()
    spans = rows.values("role", "from_on", "to_on").annotate(hours=Sum("hours_per_week"))
    for row in spans:
        first, last = weeks.span(row["from_on"] or weeks.first, row["to_on"])
        hours = found.setdefault(row["role"], np.zeros(weeks.count))
        hours[first : last + 1] += float(row["hours"])
    return {role: hours * open_part for role, hours in found.items()}


def time_off_between(from_on: date, to_on: date) -> list[TimeOff]:
    """Return who is away when, in a period."""
    return list(
        TimeOff.objects.filter(from_on__lte=to_on, to_on__gte=from_on)
        .select_related("colleague")
        .order_by("from_on", "colleague__name")
    )


def holds_expiring(*, on: date, within_days: int) -> list[Hold]:
    """Return the soft holds that are freed soon unless somebody says yes, the next first."""
    until = on + timedelta(days=within_days)
    soft = Hold.objects.filter(kind=HoldKind.SOFT, expires_on__gte=on, expires_on__lte=until)
    return list(soft.order_by("expires_on", "subject", "pk"))


def standing_on(on: date) -> QuerySet[StandingLoad]:
    """Return the weekly loads that count on a day, the largest first."""
    begun = Q(from_on=None) | Q(from_on__lte=on)
    lasting = Q(to_on=None) | Q(to_on__gte=on)
    rows = StandingLoad.objects.filter(begun, lasting)
    return rows.order_by("-hours_per_week", "why", "subject", "pk")


def standing_sums(on: date) -> list[tuple[str, str, int, Decimal]]:
    """Return the weekly loads of a day by why they count and role: how many, and hours a week."""
    rows = standing_on(on).order_by("why", "role").values_list("why", "role")
    return list(rows.annotate(count=Count("pk"), hours=Sum("hours_per_week")))
