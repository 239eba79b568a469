"""All engagements, narrowed by what is true of them, with how far their promises are."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.waiting import UNDONE
from throughline.delivery.words import DeliverableState, Health, Origin
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class AsOf:
    """When somebody looks, and by which rules."""

    at: datetime
    on: date
    playbook: Playbook


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something that is true of an engagement or not: "engagements that …"."""

    words: str
    holds: Callable[[AsOf], Any]


def _some(**fields: Any) -> Exists:
    return Exists(Deliverable.objects.filter(project__engagement=OuterRef("pk"), **fields))


def _all_verified(_as_of: AsOf) -> Any:
    settled = (DeliverableState.VERIFIED, DeliverableState.DROPPED)
    whose = Deliverable.objects.filter(project__engagement=OuterRef("pk"))
    return _some(state=DeliverableState.VERIFIED) & ~Exists(whose.exclude(state__in=settled))


def _is_stale(as_of: AsOf) -> Q:
    limit = as_of.at - timedelta(days=as_of.playbook.periods.status_stale_days)
    return Q(health_at=None) | Q(health_at__lt=limit)


SENTENCES: Final[Mapping[str, Sentence]] = MappingProxyType({
    "stale": Sentence("nobody has spoken of lately", _is_stale),
    "overdue": Sentence(
        "have work overdue", lambda as_of: _some(state__in=UNDONE, due_on__lt=as_of.on)
    ),
    "to-verify": Sentence(
        "wait for BD’s verdict", lambda _as_of: _some(state=DeliverableState.DONE)
    ),
    "returned": Sentence(
        "have work that BD returned", lambda _as_of: _some(state=DeliverableState.RETURNED)
    ),
    "verified": Sentence("are verified in full", _all_verified),
    "unaccepted": Sentence(
        "PS has not accepted", lambda _as_of: Q(accepted_at=None, origin=Origin.ORDERED)
    ),
})  # fmt: skip


def narrowed(
    found: QuerySet[Engagement], asked: Mapping[str, str], sentences: Iterable[str], *, as_of: AsOf
) -> QuerySet[Engagement]:
    """Return the engagements of a health, origin and tier of which every sentence is true.

    What is no health, origin or sentence narrows nothing; a tier that nobody has leaves none.
    """
    if asked.get("health") in Health.values:
        found = found.filter(health=asked["health"])
    if asked.get("origin") in Origin.values:
        found = found.filter(origin=asked["origin"])
    if tier := asked.get("tier"):
        found = found.filter(deal__tier=tier)
    for code in sentences:
        if code in SENTENCES:
            found = found.filter(SENTENCES[code].holds(as_of))
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an engagement's promises are; what an amendment took out does not count."""

    promised: int = 0
    verified: int = 0
    to_verify: int = 0
    overdue: int = 0


def progress_of(numbers: Iterable[int], *, on: date) -> dict[int, Progress]:
    """Return how far the promises of engagements are, those without any left out; one query."""
    rows = (
        Deliverable.objects.filter(project__engagement__in=list(numbers))
        .exclude(state=DeliverableState.DROPPED)
        .values("project__engagement")
        .annotate(
            promised=Count("pk"),
            verified=Count("pk", filter=Q(state=DeliverableState.VERIFIED)),
            to_verify=Count("pk", filter=Q(state=DeliverableState.DONE)),
            overdue=Count("pk", filter=Q(state__in=UNDONE, due_on__lt=on)),
        )
        .values_list("project__engagement", "promised", "verified", "to_verify", "overdue")
    )
    return {number: Progress(*counts) for number, *counts in rows}
