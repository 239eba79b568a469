"""Engagements whose deals became one: one goes on, with what the other was to deliver (E17)."""

from datetime import datetime

from django.db import transaction

from throughline.delivery.actions.engagements import locked_engagement, name_successor
from throughline.delivery.models import Engagement, Project, Service
from throughline.journal.actions import record
from throughline.kernel.errors import Refused


@transaction.atomic
def join_engagements(number: int, *, into: int, by: str, at: datetime) -> Engagement:
    """Give an engagement's projects and services to another, and return that one.

    Deliverables keep their evidence and verdicts. A project that both have comes beside the
    other's, under a code that tells where it is from; a service that both have stays behind.

    Raises:
        Refused: an engagement cannot join itself.
    """
    if number == into:
        raise Refused("An engagement cannot join itself.", remedy="Name two.")
    found = {one: locked_engagement(one) for one in sorted((number, into))}
    joined, whole = found[number], found[into]
    codes = set(whole.projects.values_list("code", flat=True))
    moved = []
    for project in Project.objects.filter(engagement=joined).order_by("pk"):
        if project.code in codes:
            project.code = f"{project.code[:40]}-of-{joined.pk}"
        project.engagement = whole
        project.save(update_fields=["engagement", "code"])
        moved.append(project.code)
    services = set(whole.services.values_list("code", flat=True))
    Service.objects.filter(engagement=joined).exclude(code__in=services).update(engagement=whole)
    record("delivery.engagement.joined", whole, by=by, at=at, joined=joined.pk, projects=moved)
    follow_on(joined.pk, into=whole, by=by, at=at)
    return whole


@transaction.atomic
def follow_on(number: int, *, into: Engagement, by: str, at: datetime) -> Engagement:
    """Say that an engagement goes on as another, so that nobody is told that it ends."""
    return name_successor(number, into.deal, by=by, at=at)
