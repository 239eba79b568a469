"""Whether hubs are of value to their community: how many people use them, and since when (F20).

The time to first value is the days from the order to the end of the first window in which enough
separate people, none of them staff, used the engagement's hubs. A day of which no source tells is
unknown: with it a window can show that enough people came, and never that they did not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from throughline.communities.models import RoleAssignment
from throughline.communities.queries import roles_by_subject
from throughline.delivery.actions.activity import fingerprint_of
from throughline.delivery.models import (
    ActivitySpan,
    Engagement,
    EngagementCluster,
    UserDay,
)
from throughline.infrastructure.models import Hub
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook, Verifying

DAY = timedelta(days=1)
NO_HUB = "No hub is known for this engagement: name its deal in the cluster's file, and import it."
NOTHING_TOLD = (
    "No source has told who uses {hubs}: connect Prometheus, or import the hub's activity"
    " (`throughline import activity FILE`)."
)


@dataclass(frozen=True, slots=True)
class Window:
    """The people of the days up to one, as many days as a window has."""

    to_on: date
    people: int
    is_known: bool  # every day of it was told, for every hub


@dataclass(frozen=True, slots=True)
class Value:
    """What the use of an engagement's hubs says."""

    hubs: tuple[str, ...]
    sources: tuple[str, ...]
    windows: tuple[Window, ...]  # one for each day from the order on, as far as anything is told
    ordered_on: date | None  # None: it came in already won, and nobody ordered it here
    first_on: date | None  # the last day of the first window with enough people
    representative_on: date | None  # when a representative was first seen on a hub
    representatives: int  # how many are named
    unknown_because: str = ""  # nothing can be said, and why

    @property
    def days(self) -> int | None:
        """Days from the order to the first value; None while there is none."""
        if self.ordered_on is None or self.first_on is None:
            return None
        return (self.first_on - self.ordered_on).days

    @property
    def last(self) -> Window | None:
        """The newest window."""
        return self.windows[-1] if self.windows else None

    def is_lost(self, rules: Verifying) -> bool:
        """Return whether there was value once, and the newest window is known to have none (E22).

        It is a flag for who renews: a verdict that was given stays.
        """
        last = self.last
        return (
            self.first_on is not None
            and last is not None
            and last.is_known
            and last.people < rules.people
        )


def hubs_of(engagement: Engagement) -> tuple[list[Hub], str]:
    """Return the hubs that an engagement's people use, or none and why.

    A cluster that serves several engagements tells whose a hub is only by the community's id in its
    name or address (E21): without that, other people's users would count.
    """
    mine = list(
        EngagementCluster.objects.filter(engagement=engagement).values_list("cluster", flat=True)
    )
    shared = set(
        EngagementCluster.objects.filter(cluster__in=mine)
        .exclude(engagement=engagement)
        .values_list("cluster", flat=True)
    )
    community = engagement.deal.community
    name = (community.community_id or "") if community else ""
    standing = Hub.objects.filter(cluster__in=mine).select_related("cluster")
    hubs = list(standing.order_by("cluster__name", "name"))
    found = [one for one in hubs if one.cluster_id not in shared or _is_of(one, name)]
    if found:
        return found, ""
    if not hubs:
        return [], NO_HUB
    clusters = " and ".join(sorted({one.cluster.name for one in hubs}))
    return [], f"{clusters} serves several engagements, and no hub there has this community's id."


def _is_of(hub: Hub, community_id: str) -> bool:
    return bool(community_id) and community_id in f"{hub.name}.{hub.domain}".casefold()


def value_of(
    engagement: Engagement, *, playbook: Playbook, on: date,
    held: Sequence[RoleAssignment] | None = None,
) -> Value:  # fmt: skip
    """Return what the use of an engagement's hubs says up to a day; a constant number of queries.

    The engagement comes from `queries.engagements`; `held` are its roles on that day, where they
    are read already.
    """
    hubs, why = hubs_of(engagement)
    ordered_on = _ordered_on(engagement, playbook)
    spans = list(ActivitySpan.objects.filter(hub__in=hubs).order_by("from_on", "pk"))
    if hubs and not spans:
        why = NOTHING_TOLD.format(hubs=_listed(hubs))
    days = list(UserDay.objects.filter(hub__in=hubs, on__lte=on).order_by("on"))
    begins_on = ordered_on or min((one.from_on for one in spans), default=on)
    windows = _windows(days, spans, hubs, begins_on, on, playbook.verification)
    enough = playbook.verification.people
    subject = engagement.deal.subject
    roles = roles_by_subject([subject], on=on).get(subject, []) if held is None else held
    prints = _representatives(roles)
    return Value(
        hubs=tuple(str(one) for one in hubs),
        sources=tuple(sorted({one.source for one in spans})),
        windows=windows,
        ordered_on=ordered_on,
        first_on=next((one.to_on for one in windows if one.people >= enough), None),
        representative_on=next(
            (one.on for one in days if one.on >= begins_on and one.fingerprint in prints), None
        ),
        representatives=len(prints),
        unknown_because=why,
    )


def said_by(value: Value, rules: Verifying) -> dict[str, Any]:
    """Return what a look keeps of the use that it saw."""
    last = value.last
    return {
        "first_value_on": value.first_on,
        "people": last.people if last else None,
        "people_to": last.to_on if last else None,
        "is_lost": value.is_lost(rules),
        "unknown_because": value.unknown_because,
    }


def _ordered_on(engagement: Engagement, playbook: Playbook) -> date | None:
    order = getattr(engagement.deal, "order", None)
    return None if order is None else day_in_zone(order.at, playbook.organisation.zone)


def _windows(
    days: Sequence[UserDay], spans: Sequence[ActivitySpan], hubs: Sequence[Hub],
    begins_on: date, on: date, rules: Verifying,
) -> tuple[Window, ...]:  # fmt: skip
    told_to = min(on, max((one.to_on for one in spans), default=begins_on - DAY))
    people: dict[date, set[str]] = {}
    for one in days:
        if one.on >= begins_on and not one.is_staff:
            people.setdefault(one.on, set()).add(one.fingerprint)
    known = _known_days(spans, hubs, begins_on, told_to)
    found = []
    for count in range((told_to - begins_on).days + 1):
        to_on = begins_on + count * DAY
        window = [to_on - back * DAY for back in range(rules.window_days)]
        there = set[str]().union(*(people.get(day, set()) for day in window))
        # Days before the order are no part of it: they are known to count for nothing.
        is_known = all(day in known or day < begins_on for day in window)
        found.append(Window(to_on, len(there), is_known))
    return tuple(found)


def _known_days(
    spans: Sequence[ActivitySpan], hubs: Sequence[Hub], from_on: date, to_on: date
) -> set[date]:
    """Return the days of which something is told for every hub."""
    told: dict[int, set[date]] = {one.pk: set() for one in hubs}
    for span in spans:
        first, last = max(span.from_on, from_on), min(span.to_on, to_on)
        length = (last - first).days + 1
        told[span.hub_id] |= {first + count * DAY for count in range(length)}
    return set.intersection(*told.values()) if told else set()


def _representatives(held: Iterable[RoleAssignment]) -> frozenset[str]:
    """Return the fingerprints of the representatives' names: their address and their GitHub id."""
    names: list[str] = []
    for one in held:
        if one.role == "representative":
            names += [name for name in (one.contact.email, one.contact.github_id) if name]
    return frozenset(fingerprint_of(name) for name in names)


def _listed(hubs: Iterable[Hub]) -> str:
    return " and ".join(str(one) for one in hubs)
