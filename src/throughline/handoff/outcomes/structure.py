"""Projects, deliverables and services: they live here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from throughline.delivery.actions.agreeing import agreed_fields
from throughline.delivery.actions.structure import put_deliverable, put_project, put_service
from throughline.delivery.load import STATEMENT_PROJECT
from throughline.delivery.models import Deliverable, Engagement, Project, Service
from throughline.handoff.wanted import Doing, Seen, Wanted
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.playbook.parts import DeliverableTemplate
from throughline.sales.models import StatementOfWork
from throughline.sales.queries import DealFacts

DELIVERABLE_FIELDS = (
    "title", "promise", "definition_of_done", "wanted_evidence", "due_on", "low_h", "high_h",
)  # fmt: skip


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
        return f"delivery.project:{self.number}:{self.code}"

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
        return f"delivery.deliverable:{self.number}:{self.project}:{self.code}"

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
        return (
            {name: _plain(getattr(found, name)) for name in DELIVERABLE_FIELDS} if found else None
        )

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
        return f"delivery.service:{self.number}:{self.code}"

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
    agreed = _agreed(engagement)
    for one in _planned(engagement, facts, playbook):
        if isinstance(one, DeliverableStands) and (one.project, one.code) in agreed:
            fields = agreed_fields(one.fields, agreed[one.project, one.code])
            yield replace(one, fields=fields)
        else:
            yield one


def _agreed(engagement: Engagement) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what people changed after the handoff, by project and deliverable."""
    found = Deliverable.objects.filter(project__engagement=engagement).exclude(agreed={})
    return {
        (project, code): agreed
        for project, code, agreed in found.values_list("project__code", "code", "agreed")
    }


def _planned(engagement: Engagement, facts: DealFacts, playbook: Playbook) -> Iterator[Wanted]:
    deal, number = facts.deal, engagement.number
    template = playbook.template_for(deal.tier, deal.revenue_type)
    opened_on = day_in_zone(engagement.opened_at, playbook.organisation.zone)
    for project in template.projects:
        yield ProjectStands(number, project.code, project.title, project.kind)
        for part in project.deliverables:
            yield DeliverableStands(
                number, project.code, part.code, _from_template(part, opened_on, facts)
            )
    if facts.statement is not None:
        yield from _from_statement(number, facts.statement, facts)
    for service in template.services:
        yield ServiceStands(number, service.code, service.title, service.rhythm)


def _from_template(part: DeliverableTemplate, opened_on: date, facts: DealFacts) -> dict[str, Any]:
    deal = facts.deal
    anchors = {
        "order": opened_on if hasattr(deal, "order") else deal.start_on,
        "start": deal.start_on,
        "end": deal.end_on,
    }
    return {
        "title": part.title,
        "promise": f"template: {part.code}",
        "definition_of_done": list(part.definition_of_done),
        "wanted_evidence": list(part.evidence),
        "due_on": _plain(_shifted(anchors[part.anchor], part.offset_days)),
        "low_h": None,
        "high_h": None,
    }


def _shifted(day: date | None, days: int) -> date | None:
    return None if day is None else day + timedelta(days=days)


def _from_statement(number: int, statement: StatementOfWork, facts: DealFacts) -> Iterator[Wanted]:
    yield ProjectStands(number, STATEMENT_PROJECT, statement.title, "directed_development")
    for position, item in enumerate(statement.content["deliverables"], start=1):
        fields = {
            "title": item["title"][:250],
            "promise": f"statement of work: {item['title']}"[:250],
            "definition_of_done": item["definition_of_done"],
            "wanted_evidence": ["issue.closed", "manual"],
            "due_on": facts.deal.deliverable_dates.get(item["title"]),
            "low_h": f"{item['low_h']:.2f}",
            "high_h": f"{item['high_h']:.2f}",
        }
        yield DeliverableStands(number, STATEMENT_PROJECT, f"deliverable-{position}", fields)


def _plain(value: Any) -> Any:
    """Return a value as `wanted` spells it: days as ISO text, hours with two decimals."""
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | list):
        return value
    return f"{value:.2f}"
