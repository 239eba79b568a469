"""What the page of the team shows: people, days off, and what runs beside projects."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator

from throughline.capacity.asking import broken_as_known, called
from throughline.capacity.models import Colleague
from throughline.capacity.queries import standing_on, standing_sums, team, time_off_between
from throughline.playbook.model import Playbook
from throughline.playbook.parts import WeeklyLoad
from throughline.sales.demand import names_of
from throughline.web.capacity.forms import PeopleFileForm
from throughline.web.moment import Moment

A_PAGE = 50
A_YEAR = timedelta(days=366)


def team_page(now: Moment, page: str | None = None) -> dict[str, Any]:
    """Return the context of the page; a constant number of queries."""
    roles = {role.code: role.name for role in now.playbook.team_roles}
    people = [_person(one, roles, now) for one in team()]
    broken = broken_as_known(now.on, playbook=now.playbook) if people else []
    shown = Paginator(standing_on(now.on), A_PAGE).get_page(page)
    names = names_of({one.subject for one in shown} | {one[0] for one in broken[:A_PAGE]})
    return {
        "people": people,
        "sold_h": sum(one["sold_h"] for one in people if not one["gone"]),
        "time_off": time_off_between(now.on, now.on + A_YEAR),
        "broken": [
            {
                "name": called(names, subject).name,
                "number": subject.removeprefix("deal:"),
                "title": title,
                "roles": " or ".join(roles.get(role, role) for role in wanted),
                "hours": hours,
            }
            for subject, title, wanted, hours in broken[:A_PAGE]
        ],
        "by_kind": _by_kind(standing_sums(now.on), roles),
        "standing": [
            {"row": one, "name": called(names, one.subject).name, "role": roles.get(one.role, one.role)}
            for one in shown
        ],
        "more_broken": len(broken[A_PAGE:]),
        "page": shown,
        "defaults": defaults(now.playbook, roles),
        "file_form": PeopleFileForm(auto_id="people-%s"),
    }  # fmt: skip


def _person(one: Colleague, roles: dict[str, str], now: Moment) -> dict[str, Any]:
    share = now.playbook.capacity.billable_share().quantize(Decimal("0.0001"))
    return {
        "row": one,
        "roles": [roles.get(role, role) for role in one.roles],
        "share_pct": f"{100 * one.billable_share:.4g}",
        "is_default": one.billable_share == share,
        "sold_h": one.weekly_hours * one.billable_share,
        "gone": one.to_on is not None and one.to_on < now.on,
        "coming": one.from_on is not None and one.from_on > now.on,
    }


def _by_kind(
    sums: Iterable[tuple[str, str, int, Decimal]], roles: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the weekly load by tier, and that of all hubs as one, by role."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for why, role, rows, hours in sums:
        number, _, thing = why.partition(" ")
        is_hub = number.isdecimal() and thing in {"hub", "hubs"}
        kind = "Hubs" if is_hub else why
        one = found.setdefault(
            (kind, role),
            {"kind": kind, "role": roles.get(role, role), "count": 0, "hours": Decimal(0)},
        )
        one["count"] += rows * (int(number) if is_hub else 1)
        one["hours"] += hours
    return [found[key] for key in sorted(found)]


def defaults(playbook: Playbook, roles: dict[str, str]) -> list[dict[str, str]]:
    """Return where capacity starts from, each with the playbook's key that says so."""
    capacity = playbook.capacity
    tiers = {tier.code: tier.name for tier in playbook.tiers}
    closed = "; ".join(
        f"{one.days} day{'s' if one.days > 1 else ''} from {date(2000, one.month, one.day):%-d %B}"
        for one in capacity.closures
    )
    share = f"{capacity.billable_hours_per_year} of {capacity.working_hours_per_year} hours a year"
    return [
        {"name": "Share that is sold", "value": share,
         "key": "billable_hours_per_year, working_hours_per_year"},
        {"name": "Closed each year", "value": closed or "never", "key": "closures"},
        {"name": "Support duty", "value": _weekly(capacity.support_duty, roles) or "none: it lies in"
         " the share that is not sold", "key": "support_duty"},
        {"name": "Each running hub", "value": _weekly(capacity.hub_load, roles) or "nothing",
         "key": "hub_load"},
        *(
            {"name": f"Each {name} engagement", "key": "tier_load",
             "value": _weekly([one for one in capacity.tier_load if one.tier == code], roles)
             or "nothing"}
            for code, name in tiers.items()
        ),
        {"name": "Capacity looks ahead", "value": f"{capacity.horizon_weeks} weeks",
         "key": "horizon_weeks"},
        {"name": "An answer counts", "value": f"{capacity.answer_valid_days} days",
         "key": "answer_valid_days"},
        {"name": "A soft hold lasts", "value": f"{capacity.soft_hold_days} days",
         "key": "soft_hold_days"},
    ]  # fmt: skip


def _weekly(loads: Iterable[WeeklyLoad], roles: dict[str, str]) -> str:
    return ", ".join(
        f"{one.hours_per_week.normalize():f} h a week of {roles.get(one.role, one.role)}"
        for one in loads
    )
