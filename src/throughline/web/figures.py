"""Figures of the process in an address: `of` names one, `from` and `to` its period."""

from dataclasses import dataclass
from typing import Any, Final, Generic
from urllib.parse import urlencode

from django.http import QueryDict

from throughline.delivery.models import Engagement
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.people.models import User
from throughline.renewals import figures as of_engagements
from throughline.sales import figures as of_deals
from throughline.sales.figures import Figure, Row
from throughline.sales.flow import Period, period_of
from throughline.sales.models import Deal
from throughline.web.moment import Moment

NAMES: Final = ("of", "from", "to")


@dataclass(frozen=True, slots=True)
class Narrowed(Generic[Row]):
    """A list narrowed to what a figure counts: the figure, and its own part of the address."""

    figure: Figure[Row]
    asked: dict[str, str]


def period_in(asked: QueryDict, now: Moment) -> tuple[Period, Refused | None]:
    """Return the period that an address asks for, else the last 365 days; and what was wrong with it."""
    zone = now.playbook.organisation.zone
    try:
        from_on, to_on = parse_day(asked.get("from", "")), parse_day(asked.get("to", ""))
        return period_of(from_on, to_on, today=now.on, zone=zone), None
    except Refused as refused:
        return period_of(None, None, today=now.on, zone=zone), refused


def deals_in(asked: QueryDict, user: User, now: Moment) -> Narrowed[Deal] | None:
    """Return the figure of deals that an address asks for; None where it asks for none one may see."""
    period, _refused = period_in(asked, now)
    found = of_deals.figure_of(
        asked.get("of", ""), period=period, playbook=now.playbook, may=user.may
    )
    return Narrowed(found, _own(asked)) if found else None


def engagements_in(asked: QueryDict, now: Moment) -> Narrowed[Engagement] | None:
    """Return the figure of engagements that an address asks for; None where it asks for none."""
    period, _refused = period_in(asked, now)
    found = of_engagements.figure_of(
        asked.get("of", ""), period=period, on=now.on, playbook=now.playbook
    )
    return Narrowed(found, _own(asked)) if found else None


def _own(asked: QueryDict) -> dict[str, str]:
    return {name: str(asked[name]) for name in NAMES if asked.get(name)}


def chip_of(narrowed: Narrowed[Any] | None, query: str) -> dict[str, Any] | None:
    """Return a figure as a filter shows it, with the address that takes it away; None without one."""
    if narrowed is None:
        return None
    without = QueryDict(query, mutable=True)
    for name in NAMES:
        without.pop(name, None)
    return {
        "words": narrowed.figure.words,
        "url": f"?{without.urlencode()}",
        "fields": narrowed.asked.items(),
    }


def query_for(figure: str, period: Period, *, view: str) -> str:
    """Return the query of a list that shows what a figure counts."""
    named = {"view": view, "of": figure}
    if figure.partition(".")[0] in PERIODIC:
        named |= {"from": period.from_on.isoformat(), "to": period.to_on.isoformat()}
    return urlencode(named)


PERIODIC: Final = frozenset({"entered", "left", "went", "over"})
