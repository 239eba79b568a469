"""Making the parts of an engagement that a handoff wants."""

from datetime import datetime
from typing import Any

from django.db import transaction

from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.models import Deliverable, Project, Service
from throughline.journal.actions import record


@transaction.atomic
def put_project(number: int, code: str, *, title: str, kind: str, by: str, at: datetime) -> Project:
    """Make a project what is wanted, and return it."""
    engagement = locked_engagement(number)
    project, created = Project.objects.update_or_create(
        engagement=engagement, code=code, defaults={"title": title, "kind": kind}
    )
    record(_act("project", created=created), project, by=by, at=at, title=title, kind=kind)
    return project


@transaction.atomic
def put_deliverable(
    number: int, project_code: str, code: str, *, wanted: dict[str, Any], by: str, at: datetime
) -> Deliverable:
    """Make a deliverable what is wanted, and return it; its verdict stays.

    `wanted` holds title, promise, definition_of_done, wanted_evidence, due_on, low_h and high_h.
    """
    engagement = locked_engagement(number)
    project = Project.objects.get(engagement=engagement, code=project_code)
    deliverable, created = Deliverable.objects.update_or_create(
        project=project, code=code, defaults=wanted
    )
    record(_act("deliverable", created=created), deliverable, by=by, at=at, wanted=wanted)
    return deliverable


@transaction.atomic
def put_service(
    number: int, code: str, *, title: str, rhythm: str, by: str, at: datetime
) -> Service:
    """Make a service what is wanted, and return it."""
    engagement = locked_engagement(number)
    service, created = Service.objects.update_or_create(
        engagement=engagement, code=code, defaults={"title": title, "rhythm": rhythm}
    )
    record(_act("service", created=created), service, by=by, at=at, title=title, rhythm=rhythm)
    return service


def _act(what: str, *, created: bool) -> str:
    return f"delivery.{what}.{'made' if created else 'changed'}"
