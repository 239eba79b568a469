"""Projects, deliverables and services: they live here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from throughline.delivery.actions.structure import put_deliverable, put_project, put_service
from throughline.delivery.joined import planned_as
from throughline.delivery.models import Deliverable, Engagement, Project, Service
from throughline.delivery.planned import (
    FIELDS,
    PlannedDeliverable,
    PlannedProject,
    planned_parts,
    spelled,
)
from throughline.handoff.wanted import Doing, Seen, Wanted
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts


@dataclass(frozen=True, slots=True)
class ProjectStands:
    """A stream of work exists."""

    number: int
    code: str
    title: str
    kind: str
    system: str = "delivery"
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"delivery.project:{planned_as(self.number, self.code)}"

    @property
    def summary(self) -> str:
        return f"Project “{self.title}”"

    @property
    def wanted(self) -> Seen:
        return {"title": self.title, "kind": self.kind}

    def observe(self) -> Seen | None:
        found = Project.objects.filter(engagement_id=self.number, code=self.code).first()
        return {"title": found.title, "kind": found.kind} if found else None

    def act(self, doing: Doing) -> Seen:
        project = put_project(
            self.number, self.code, title=self.title, kind=self.kind, by=doing.by, at=doing.at
        )
        return {"id": project.pk}

    def waits_for(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class DeliverableStands:
    """A promise is written down, with its definition of done and its due date."""

    number: int
    project: str
    code: str
    fields: dict[str, Any]
    system: str = "delivery"
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"delivery.deliverable:{planned_as(self.number, self.project)}:{self.code}"

    @property
    def summary(self) -> str:
        due = self.fields["due_on"]
        return f"Deliverable “{self.fields['title']}”" + (f", due {due}" if due else "")

    @property
    def wanted(self) -> Seen:
        return self.fields

    def observe(self) -> Seen | None:
        found = Deliverable.objects.filter(
            project__engagement_id=self.number, project__code=self.project, code=self.code
        ).first()
        return {name: spelled(getattr(found, name)) for name in FIELDS} if found else None

    def act(self, doing: Doing) -> Seen:
        made = put_deliverable(
            self.number, self.project, self.code, wanted=self.fields, by=doing.by, at=doing.at
        )
        return {"id": made.pk}

    def waits_for(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class ServiceStands:
    """Ongoing work is written down, with its rhythm."""

    number: int
    code: str
    title: str
    rhythm: str
    system: str = "delivery"
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"delivery.service:{planned_as(self.number, self.code)}"

    @property
    def summary(self) -> str:
        return f"Service “{self.title}”, {self.rhythm}"

    @property
    def wanted(self) -> Seen:
        return {"title": self.title, "rhythm": self.rhythm}

    def observe(self) -> Seen | None:
        found = Service.objects.filter(engagement_id=self.number, code=self.code).first()
        return {"title": found.title, "rhythm": found.rhythm} if found else None

    def act(self, doing: Doing) -> Seen:
        service = put_service(
            self.number, self.code, title=self.title, rhythm=self.rhythm, by=doing.by, at=doing.at
        )
        return {"id": service.pk}

    def waits_for(self) -> str:
        return ""


def structure_of(engagement: Engagement, facts: DealFacts, playbook: Playbook) -> Iterator[Wanted]:
    """Yield what an engagement is made of: its template's parts, then its statement of work's.

    What people changed after the handoff stays as they changed it.
    """
    number = engagement.number
    for one in planned_parts(engagement, facts.deal, facts.statement, playbook):
        match one:
            case PlannedProject():
                yield ProjectStands(number, one.code, one.title, one.kind)
            case PlannedDeliverable():
                yield DeliverableStands(number, one.project, one.code, one.fields)
            case _:
                yield ServiceStands(number, one.code, one.title, one.rhythm)
