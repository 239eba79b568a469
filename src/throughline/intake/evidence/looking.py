"""One look at everything that can show an engagement's deliverables are done; by hand, or each day."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery

from throughline.delivery.actions.looking import keep_look
from throughline.delivery.models import Deliverable, Engagement, Evidence, EvidenceLook
from throughline.delivery.queries import engagements
from throughline.delivery.value import said_by, value_of
from throughline.delivery.words import DeliverableState
from throughline.handoff.outside.github import client_from_settings
from throughline.intake.evidence.alerts import collect_alerts
from throughline.intake.evidence.columns import collect_columns
from throughline.intake.evidence.hubs import Connect, collect_hub_answers, hub_connections
from throughline.intake.evidence.issues import ConnectGitHub, collect_issues
from throughline.intake.evidence.ladder import collect_ladder
from throughline.intake.evidence.people import (
    ConnectPrometheus,
    collect_people,
    prometheus_connections,
)
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.stopping import Stop, never
from throughline.playbook.model import Playbook

log = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
AT_ONCE: Final = 5  # engagements of one run: the next run goes on, so that no hub gets all at once


@dataclass(frozen=True, slots=True)
class Eyes:
    """How what is outside is asked; None where it is not."""

    hub: Connect | None
    github: ConnectGitHub
    prometheus: ConnectPrometheus | None


def eyes_from_settings() -> Eyes:
    """Return how the settings say that everything outside is asked."""
    return Eyes(hub_connections(), client_from_settings, prometheus_connections())


def collect_evidence(
    engagement: Engagement, *, eyes: Eyes, playbook: Playbook, by: str, at: datetime
) -> list[Evidence]:
    """Look for all evidence that can be had without a person, and return what is new."""
    return [
        *collect_issues(engagement, connect=eyes.github, by=by, at=at),
        *collect_hub_answers(engagement, connect=eyes.hub, by=by, at=at),
        *collect_people(engagement, connect=eyes.prometheus, playbook=playbook, by=by, at=at),
        *collect_columns(engagement, by=by, at=at),
        *collect_alerts(engagement, by=by, at=at),
        *collect_ladder(engagement, playbook=playbook, by=by, at=at),
    ]


def look_for_evidence(
    engagement: Engagement, *, eyes: Eyes, playbook: Playbook, by: str, at: datetime
) -> list[Evidence]:
    """Look for evidence as `collect_evidence` does, and write down that somebody looked.

    The engagement comes from `queries.engagements`.
    """
    found = collect_evidence(engagement, eyes=eyes, playbook=playbook, by=by, at=at)
    on = day_in_zone(at, playbook.organisation.zone)
    value = value_of(engagement, playbook=playbook, on=on)
    said = said_by(value, playbook.verification)
    with transaction.atomic():
        keep_look(engagement.number, said=said, at=at)
        states = Counter(one.state for one in found)
        record(
            "delivery.evidence.looked", engagement, by=by, at=at, new=len(found),
            found=states["found"], absent=states["absent"], unavailable=states["unavailable"],
        )  # fmt: skip
    return found


def due_evidence(*, at: datetime, playbook: Playbook) -> list[int]:
    """Return the engagements whose evidence nobody has looked for in a day, the longest first.

    They run, and something of them is wanted: a promise that is not verified, or the use of hubs,
    which may be lost after the verdict.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    looked = EvidenceLook.objects.filter(engagement=OuterRef("pk"))
    promised = Deliverable.objects.filter(project__engagement=OuterRef("pk")).exclude(
        state=DeliverableState.DROPPED
    )
    wanted = promised.exclude(wanted_evidence=[]).exclude(wanted_evidence=["manual"])
    runs = Q(deal__end_on__isnull=True) | Q(deal__end_on__gte=on)
    found = Engagement.objects.annotate(looked_at=Subquery(looked.values("at")[:1])).filter(
        Q(looked_at__isnull=True) | Q(looked_at__lte=at - EVERY), runs, Exists(wanted)
    )
    ordered = found.order_by(F("looked_at").asc(nulls_first=True), "pk")
    return list(ordered.values_list("pk", flat=True)[:AT_ONCE])


def look_at_due_evidence(
    *,
    at: datetime,
    playbook: Playbook,
    by: str,
    stop: Stop = never,
    eyes: Callable[[], Eyes] = eyes_from_settings,
) -> list[int]:
    """Look for the evidence that is due, and return whose it was; a failure stops no other look."""
    looked = []
    for number in due_evidence(at=at, playbook=playbook):
        if stop():
            break
        try:
            one = engagements().get(pk=number)
            look_for_evidence(one, eyes=eyes(), playbook=playbook, by=by, at=at)
        except Exception:
            log.exception("the look for evidence of engagement %s failed; others go on", number)
            keep_look(number, at=at)  # its next turn is tomorrow, or by hand
        looked.append(number)
    return looked
