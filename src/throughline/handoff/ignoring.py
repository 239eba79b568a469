"""Drift that a person lets be, for a reason and until a day: plans and passes leave it alone."""

from collections.abc import Iterable
from datetime import date

from throughline.delivery.models import Engagement
from throughline.handoff.models import IgnoredDrift
from throughline.handoff.wanted import Held, Wanted


def ignored_of(engagement: Engagement, *, on: date) -> dict[str, IgnoredDrift]:
    """Return by outcome what may differ on a day; a new difference is not covered. One query."""
    found = IgnoredDrift.objects.filter(
        outcome__engagement=engagement, ended_at=None, until_on__gte=on
    ).select_related("outcome")
    return {
        one.outcome.key: one for one in found.order_by("pk") if one.holds(one.outcome.seen, on=on)
    }


def leave_ignored(
    wanted: Iterable[Wanted], engagement: Engagement, *, on: date
) -> tuple[Wanted, ...]:
    """Return the outcomes, of which those wait whose difference somebody lets be."""
    ignored = ignored_of(engagement, on=on)
    return tuple(_left(one, ignored.get(one.key)) for one in wanted)


def _left(one: Wanted, ignored: IgnoredDrift | None) -> Wanted:
    if ignored is None:
        return one
    return Held(one, f"{ignored.by} lets it differ until {ignored.until_on}: {ignored.why}")
