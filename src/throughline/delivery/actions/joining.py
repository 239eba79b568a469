"""Engagements whose deals became one: one goes on, with what the other was to deliver (E17).

What is still to be done goes along; what was, stays where it happened, to be looked up.
"""

from datetime import datetime

from django.db import transaction

from throughline.delivery.actions.carrying import carry_project, code_from
from throughline.delivery.actions.engagements import locked_engagement, name_successor
from throughline.delivery.joined import joined_code
from throughline.delivery.models import (
    Clause,
    Decision,
    Deliverable,
    Engagement,
    HandoffReturn,
    JointShare,
    Project,
    Service,
)
from throughline.delivery.planned import CLAUSE_PROMISE
from throughline.delivery.words import Health
from throughline.journal.actions import record
from throughline.kernel.errors import Refused

WORST_LAST = (Health.ON_TRACK, Health.AT_RISK, Health.OFF_TRACK)


@transaction.atomic
def join_engagements(number: int, *, into: int, by: str, at: datetime) -> Engagement:
    """Give an engagement's work to another, and return that one.

    Projects go along with their deliverables, evidence, verdicts and questions, and say by their
    code where they are from; so do services that the other has not, facts of phases, clauses,
    changes of scope, shares of joint work, and what is open: returned lines and decisions. Where
    the other goes worse, or PS has not accepted it, that holds for the whole. Looks, notices,
    closed returns and settled decisions stay where they were made.

    Raises:
        Refused: an engagement cannot join itself, or a code is too long to say where it is from.
    """
    if number == into:
        raise Refused("An engagement cannot join itself.", remedy="Name two.")
    found = {one: locked_engagement(one) for one in sorted((number, into))}
    joined, whole = found[number], found[into]
    moved = _move_projects(joined, whole, by=by, at=at)
    services = _move_services(joined, whole)
    _move_clauses(joined, whole)
    _move_shares(joined, whole, by=by, at=at)
    for rows in (
        HandoffReturn.objects.filter(engagement=joined, answered_at=None),
        Decision.objects.filter(engagement=joined, settled_at=None),
    ):
        rows.update(engagement=whole)
    _let_the_worse_hold(joined, whole, at=at)
    record(
        "delivery.engagement.joined", whole, by=by, at=at, joined=joined.pk, projects=moved,
        services=services,
    )  # fmt: skip
    follow_on(joined.pk, into=whole, by=by, at=at)
    return whole


def _move_projects(joined: Engagement, whole: Engagement, *, by: str, at: datetime) -> list[str]:
    """Give all projects to the whole, with what is kept by their codes; return the new codes."""
    found = Project.objects.filter(engagement=joined).order_by("pk")
    return [carry_project(project, whole, by=by, at=at) for project in found]


def _move_services(joined: Engagement, whole: Engagement) -> list[str]:
    """Give the services that the whole has not to it; one that both have goes on once, there."""
    standing = set(whole.services.values_list("code", flat=True))
    codes = []
    for service in Service.objects.filter(engagement=joined).exclude(code__in=standing):
        service.engagement, service.code = whole, code_from(joined.pk, service.code)
        service.save(update_fields=["engagement", "code"])
        codes.append(service.code)
    return codes


def _move_clauses(joined: Engagement, whole: Engagement) -> None:
    """Give the clauses to the whole; one whose name is taken says which agreement it is of."""
    taken = set(whole.clauses.values_list("name", flat=True))
    for clause in Clause.objects.filter(engagement=joined).order_by("pk"):
        before = clause.name
        if before in taken:
            clause.name = f"{before[:60]} (deal {joined.pk})"
            Deliverable.objects.filter(
                project__engagement=whole, project__code__endswith=joined_code(joined.pk, ""),
                promise=f"{CLAUSE_PROMISE}{before}",
            ).update(promise=f"{CLAUSE_PROMISE}{clause.name}")  # fmt: skip
        clause.engagement = whole
        clause.save(update_fields=["engagement", "name"])


def _move_shares(joined: Engagement, whole: Engagement, *, by: str, at: datetime) -> None:
    """Let the whole carry what the other carried of joint work; two shares of one add up."""
    standing = {one.work_id: one for one in JointShare.objects.filter(deal=whole.deal)}
    for share in JointShare.objects.filter(deal=joined.deal, left_at=None).order_by("pk"):
        other = standing.get(share.work_id)
        if other is None:
            share.deal = whole.deal
            share.save(update_fields=["deal"])
            continue
        other.parts = share.parts + (other.parts if other.left_at is None else 0)
        other.left_by, other.left_at, other.left_why = "", None, ""
        other.save(update_fields=["parts", "left_by", "left_at", "left_why"])
        share.left_by, share.left_at = by, at
        share.left_why = f"its engagement goes on as {whole.pk}"
        share.save(update_fields=["left_by", "left_at", "left_why"])


def _let_the_worse_hold(joined: Engagement, whole: Engagement, *, at: datetime) -> None:
    """Hide no trouble by joining: nor that PS has not accepted all of it."""
    rank = {health: place for place, health in enumerate(WORST_LAST)}
    if rank[Health(joined.health)] > rank[Health(whole.health)]:
        whole.health, whole.health_at = joined.health, at
        whole.health_why = f"Engagement {joined.pk}, joined: {joined.health_why}"[:250]
    if joined.accepted_at is None:
        whole.accepted_at, whole.accepted_by = None, ""
    whole.save(update_fields=["health", "health_at", "health_why", "accepted_at", "accepted_by"])


@transaction.atomic
def follow_on(number: int, *, into: Engagement, by: str, at: datetime) -> Engagement:
    """Say that an engagement goes on as another, so that nobody is told that it ends."""
    return name_successor(number, into.deal, by=by, at=at)
