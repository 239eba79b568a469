"""What the page of the capacity map shows."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import QueryDict

from throughline.capacity.asking import Asked, Names, called
from throughline.capacity.maps import CapacityMap, Cell, capacity_map, role_gaps, who_has
from throughline.capacity.queries import Team, team_as_known
from throughline.journal.remembering import Acts, remembered
from throughline.kernel.errors import Refused
from throughline.sales.demand import ask_of_deal, names_as_known
from throughline.sales.models import Deal
from throughline.sales.queries import DealFacts, facts_of
from throughline.web.capacity.chart import rows_shown, size_of, step_of, words_of
from throughline.web.capacity.forms import HALF, MapForm, WhoForm
from throughline.web.charts import Picture, addresses
from throughline.web.moment import Moment

SIX_DAYS = timedelta(days=6)
WEEKS_A_YEAR = 52
Laid = TypeVar("Laid")
PLANNED = Acts(("capacity.",))
WHO = "find"  # the field that says that somebody asked who has time


@dataclass(frozen=True, slots=True)
class Toggle:
    """A deal that is not certain: it holds hours softly, or only asks."""

    subject: str
    name: str
    is_held: bool


@dataclass(frozen=True)
class Looked:
    """The map as somebody asked for it."""

    form: MapForm
    team: Team
    names: Names
    map: CapacityMap
    toggles: tuple[Toggle, ...]
    included: frozenset[str]
    opened: frozenset[str]
    deal: Deal | None
    work: Asked | None  # this deal's
    refused: Refused | None  # why there is none


def look(query: QueryDict, now: Moment, facts: DealFacts | None = None) -> Looked:
    """Return the map that an address asks for; a constant number of queries.

    `facts` are those of the deal that it asks for, where they are known.
    """
    team = team_as_known(now.on, playbook=now.playbook)
    names = names_as_known(now.on, playbook=now.playbook)
    deal = facts.deal if facts else _deal(query)
    own = deal.subject if deal else ""
    toggles = tuple(one for one in _toggles(team, names) if one.subject != own)
    offered = [
        (one.subject, f"{one.name} ({'held' if one.is_held else 'asks'})") for one in toggles
    ]
    form = MapForm(query, playbook=now.playbook, deals=offered)
    asked = form.asked()
    usual = {one.subject for one in toggles if one.is_held}
    included = frozenset(asked["deals"] or () if asked["chosen"] else usual)
    work, refused = _work(deal, facts, now)
    without = frozenset(one.subject for one in toggles if one.is_held) - included
    found = _laid(
        ("map", own, without, included, work), now,
        lambda known: capacity_map(
            known,
            playbook=now.playbook,
            count=known.weeks.count,
            works=work.works if work else (),
            subject=own,
            without=without,
            beside=included,
        ),
    )  # fmt: skip
    first = _first_week(team, asked["since"], work, asked["chosen"])
    part = found.part(first, first + asked["weeks"] - 1)
    opened = frozenset(asked["people"] or ())
    return Looked(form, team, names, part, toggles, included, opened, deal, work, refused)


def _laid(what: Hashable, now: Moment, lay: Callable[[Team], Laid]) -> Laid:
    """Return hours laid over weeks, as remembered; `what` says which, with the work of a deal."""
    key = (what, now.on, now.playbook.sha256)
    # The team is asked for within, so that an answer is not taken for newer than its team.
    return remembered(key, PLANNED, lambda: lay(team_as_known(now.on, playbook=now.playbook)))


def _deal(query: QueryDict) -> Deal | None:
    number = query.get("deal", "")
    wanted = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0  # noqa: PLR2004 -- what a 64-bit key holds
    return Deal.objects.filter(pk=wanted).first() if wanted else None


def _toggles(team: Team, names: Names) -> Iterator[Toggle]:
    held = team.soft - team.firm
    asking = {load.subject for load in team.tentative}
    for subject in sorted(
        held | asking, key=lambda one: (one not in held, called(names, one).name)
    ):
        yield Toggle(subject, called(names, subject).name, subject in held)


def _work(
    deal: Deal | None, facts: DealFacts | None, now: Moment
) -> tuple[Asked | None, Refused | None]:
    """Return the work of this deal, or why there is none to show."""
    if deal is None:
        return None, None
    facts = facts or facts_of(deal, on=now.on)
    try:
        return ask_of_deal(facts.deal, facts.statement, playbook=now.playbook, on=now.on), None
    except Refused as refused:
        return None, refused


def _first_week(team: Team, since: date | None, work: Asked | None, is_chosen: object) -> int:
    """Return the week to begin with: the one asked for, else that of this deal's start, or this one."""
    on = since or (work.start_on if work and not is_chosen else team.on)
    return min(max(team.weeks.index(on), 0), team.weeks.count - 1)


def map_page(query: QueryDict, looked: Looked, now: Moment) -> dict[str, Any]:
    """Return the context of the page."""
    weeks, found = looked.map.weeks, looked.map
    who = WhoForm(query if WHO in query else None, playbook=now.playbook, on=now.on)
    who.initial.update({"fte": HALF, "from_on": weeks[0], "to_on": weeks[-1] + SIX_DAYS})
    period = {"from_on": max(weeks[0], now.on), "to_on": weeks[-1] + SIX_DAYS}
    subject = looked.deal.subject if looked.work and looked.deal else ""
    gaps = _laid(
        ("gaps", subject, looked.work, *period.values()), now,
        lambda known: role_gaps(
            known,
            playbook=now.playbook,
            works=looked.work.works if looked.work else (),
            subject=subject,
            **period,
        ),
    )  # fmt: skip
    return {
        "form": looked.form,
        "deal": looked.deal,
        "refused": looked.refused,
        "team": looked.team.people,
        "weeks": [_week(label, day) for label, day in zip(found.labels, weeks, strict=True)],
        "rows": table_rows(found, looked.opened),
        "weeks_count": looked.form.asked()["weeks"],
        "opened": looked.opened,
        "included_subjects": looked.included,
        "picture": picture_of(looked),
        "since": looked.form.asked()["since"] or weeks[0],
        "period": period,
        "gaps": gaps,
        "who": who,
        "has_time": _has_time(who, looked.team, now),
        "asked_who": WHO in query and who.is_valid(),
        "hours_per_year": now.playbook.capacity.billable_hours_per_year,
        "fte_week": now.playbook.capacity.billable_hours_per_year / WEEKS_A_YEAR,
    }


def _week(label: str, day: date) -> dict[str, Any]:
    return {"label": label, "short": label[5:], "day": day}


def _has_time(who: WhoForm, team: Team, now: Moment) -> Any:
    if not who.is_bound or not who.is_valid():
        return ()
    return who_has(team, playbook=now.playbook, **who.cleaned_data)


def table_rows(found: CapacityMap, opened: frozenset[str]) -> list[dict[str, Any]]:
    """Return the rows of the table beside the picture: the same numbers, and the hours behind them."""
    return [
        {
            "name": row.name,
            "is_person": is_person,
            "cells": [_cell(cell) for cell in row.cells],
        }
        for row, is_person in rows_shown(found, opened)
    ]


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "step": step_of(cell),
        "words": words_of(cell),
        "used": round(cell.used, 1),
        "capacity": round(cell.capacity, 1),
        "soft": round(cell.soft, 1) if cell.soft else 0,
        "asked": round(cell.asked, 1) if cell.asked else 0,
    }


def picture_of(looked: Looked) -> Picture:
    """Return the map as a picture on a page."""
    asked: dict[str, Any] = {
        "since": looked.map.weeks[0].isoformat(),
        "weeks": len(looked.map.weeks),
        "people": sorted(looked.opened),
        "deals": sorted(looked.included),
        "chosen": "on",
    }
    if looked.deal:
        asked["deal"] = looked.deal.pk
    query = urlencode(asked, doseq=True)
    urls = {theme: f"{url}?{query}" for theme, url in addresses("web:capacity-chart").items()}
    size = size_of(looked.map, looked.opened)
    return Picture(
        urls, size["width"], size["height"], described(looked), label="The map as a picture"
    )


def described(looked: Looked) -> str:
    """Return the picture in a sentence, for those who do not see it."""
    full = [
        f"{row.name} {words_of(cell)} in week {label[5:].lstrip('0')}"
        for row in looked.map.rows
        for label, cell in zip(looked.map.labels, row.cells, strict=True)
        if (cell.used_pct or 0) > 100  # noqa: PLR2004 -- percent
    ]
    first, last = looked.map.labels[0], looked.map.labels[-1]
    busy = f"Over: {', '.join(full[:5])}." if full else "Nothing is over 100 %."
    return f"Heat map of roles by week, {first} to {last}. {busy} The table has every number."


def hidden_fields(query: Mapping[str, Any], names: set[str]) -> list[tuple[str, str]]:
    """Return the fields of an address that another form of the page hands on."""
    kept = query.lists() if isinstance(query, QueryDict) else []
    return [(name, value) for name, values in kept if name in names for value in values]
