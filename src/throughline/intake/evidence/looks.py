"""What one look found, and keeping it: once, and again only when it says something else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from throughline.delivery.actions.deliverables import add_evidence
from throughline.delivery.models import Deliverable, Engagement, Evidence
from throughline.delivery.queries import deliverables_of
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.infrastructure.models import Cluster

NO_CLUSTER = (
    "No cluster serves this engagement: name its deal in the cluster's file, and import it."
)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found."""

    state: EvidenceState
    text: str
    link: str = ""


def wanting(engagement: Engagement, kind: EvidenceKind) -> list[Deliverable]:
    """Return the deliverables of an engagement that a kind of evidence can show."""
    return [one for one in deliverables_of(engagement) if kind in one.wanted_evidence]


def clusters_of(engagement: Engagement) -> list[Cluster]:
    """Return the clusters that serve an engagement, with accounts and hubs, by name."""
    found = Cluster.objects.filter(serves__engagement=engagement).select_related("account")
    return list(found.prefetch_related("hubs").order_by("name"))


def nowhere() -> Look:
    """Return what is said where there is nothing to look at."""
    return Look(EvidenceState.UNAVAILABLE, NO_CLUSTER)


def keep(
    deliverables: Iterable[Deliverable],
    kind: EvidenceKind,
    looks: Sequence[Look],
    *,
    by: str,
    at: datetime,
) -> list[Evidence]:
    """Keep what was found for each of the deliverables, and return what is new."""
    return [
        kept
        for deliverable in deliverables
        for kept in _keep_new(deliverable, kind, looks, by=by, at=at)
    ]


@transaction.atomic
def _keep_new(
    deliverable: Deliverable, kind: EvidenceKind, looks: Sequence[Look], *, by: str, at: datetime
) -> list[Evidence]:
    """Write what was found, unless the newest evidence of the kind says the same.

    The rows of one look share their instant; together they are what the look said.
    """
    locked = Deliverable.objects.select_for_update().get(pk=deliverable.pk)
    newest = list(locked.evidence.filter(kind=kind).order_by("-at", "-pk"))
    said = {(one.state, one.text, one.link) for one in newest if one.at == newest[0].at}
    if said == {(one.state, one.text, one.link) for one in looks}:
        return []
    return [
        add_evidence(locked, kind, text=one.text, link=one.link, state=one.state, by=by, at=at)
        for one in looks
    ]
