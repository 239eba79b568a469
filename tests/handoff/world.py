"""Engagements to hand over, and what the world looks like before and after."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from tests.factories import NOON, make_cluster, make_engagement
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.handoff.jobs import run_passes
from throughline.handoff.models import Outcome
from throughline.handoff.passes import EVERYTHING, Terms, apply_handoff, verify_handoff
from throughline.handoff.plans import HandoffPlan, plan_handoff
from throughline.handoff.wanted import Doing
from throughline.infrastructure.words import Payer
from throughline.playbook.loader import shipped
from throughline.sales.actions.statements import keep_statement
from throughline.sales.models import Deal, StatementOfWork

ITEMS = [
    ("Build the tool", ["It builds.", "It is documented."], 4.5, 9),
    ("Hand it over", ["The community uses it."], 2, 2.25),
]


@dataclass
class SetClock:
    """A clock that stands where a test put it; a pause moves it on, and nobody waits."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def pause(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def doing_at(at: datetime, by: str = "pia") -> Doing:
    return Doing(by, at, SetClock(at))


def plan(engagement: Engagement, at: datetime = NOON) -> HandoffPlan:
    return plan_handoff(fresh(engagement), playbook=shipped(), at=at, clock=SetClock(at))


def apply(
    engagement: Engagement,
    *,
    holder: str = "worker",
    at: datetime = NOON,
    terms: Terms = EVERYTHING,
) -> list[Outcome]:
    return apply_handoff(
        fresh(engagement), playbook=shipped(), holder=holder, doing=doing_at(at), terms=terms
    )


def sweep(at: datetime, *, holder: str = "worker", **more: Any) -> list[int]:
    """Do what a worker does at an instant."""
    return run_passes(
        at=at, **{"playbook": shipped(), "holder": holder, "clock": SetClock(at)} | more
    )


def verify(engagement: Engagement, at: datetime = NOON) -> list[Outcome]:
    return verify_handoff(fresh(engagement), playbook=shipped(), doing=doing_at(at))


def verify_with(engagement: Engagement, connect: Any, at: datetime = NOON) -> list[Outcome]:
    return verify_handoff(
        fresh(engagement), playbook=shipped(), doing=doing_at(at), connect=connect
    )


def fresh(engagement: Engagement) -> Engagement:
    """Return the engagement as the database has it, as a page or command would."""
    return engagements().get(pk=engagement.pk)


def states(outcomes: list[Outcome]) -> dict[str, str]:
    return {one.key: str(one.state) for one in outcomes}


def not_converged(outcomes: list[Outcome]) -> dict[str, str]:
    return {key: state for key, state in states(outcomes).items() if state != "converged"}


def rows() -> dict[str, int]:
    """Return how many rows every table has."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def files() -> dict[str, bytes]:
    """Return every file in the home folder with its content."""
    home = Path(settings.HOME)
    found = (path for path in home.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in found}


def with_cluster(engagement: Engagement, name: str = "earthscope", **fields: Any) -> None:
    """Let a cluster serve an engagement, as its file would say."""
    deal = engagement.deal
    if deal.hubspot_id is None:
        Deal.objects.filter(pk=deal.pk).update(hubspot_id=f"8{deal.pk:05}")
        deal.refresh_from_db()
    wanted = {"deal_id": deal.hubspot_id, "paid_by": Payer.US, "hubs": {"prod": ("", "h.example")}}
    make_cluster(name, **wanted | fields)
    link_clusters(by="factory", at=NOON)


def with_statement(engagement: Engagement, items: Any = ITEMS, text: str = "v1") -> StatementOfWork:
    """Keep a statement of work in the shape of design §12."""
    deliverables = [
        {"title": title, "definition_of_done": done, "items": [], "low_h": low, "high_h": high}
        for title, done, low, high in items
    ]
    total = {"low_h": sum(one[2] for one in items), "high_h": sum(one[3] for one in items)}
    read = {
        "title": "A New Tool", "deliverables": deliverables, "total": total, "people": [],
        "out_of_scope": [],
    }  # fmt: skip
    content = text.encode()
    return keep_statement(content, read, name="sow.md", deal=engagement.deal, by="ada", at=NOON)[0]


def make_whole() -> Engagement:
    """Return an ordered engagement with a tier, people, a statement of work and two clusters."""
    engagement = make_engagement(name="EarthScope 2026")
    with_statement(engagement)
    with_cluster(engagement, "earthscope")
    with_cluster(engagement, "seismic", paid_by=Payer.COMMUNITY)
    return fresh(engagement)
