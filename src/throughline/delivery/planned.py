"""What an engagement should be made of: template, statement of work, and what people added since.

It is what a handoff makes true, and what begins at once where a person begins it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from django.db.models import Model

from throughline.delivery.joined import FROM
from throughline.delivery.load import ADDED_CODE, STATEMENT_PROJECT
from throughline.delivery.models import (
    BegunProject,
    Deliverable,
    Engagement,
    JointWork,
    ScopeChange,
    Service,
)
from throughline.delivery.words import DeliverableState, ScopeVerb
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.playbook.parts import DeliverableTemplate, ProjectTemplate
from throughline.playbook.working_days import due_day
from throughline.sales.models import Deal, StatementOfWork

SCOPE_FIELDS: Final = ("definition_of_done", "low_h", "high_h")
FIELDS: Final = (
    "title", "promise", "definition_of_done", "wanted_evidence", "due_on", "low_h", "high_h",
)  # fmt: skip
LONGEST: Final = 250
Row = TypeVar("Row", bound=Model)
STATEMENT_PROMISE, TEMPLATE_PROMISE, AMENDMENT_PROMISE, CLAUSE_PROMISE = (
    "statement of work: ", "template: ", "amendment: ", "clause: ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlannedProject:
    """A stream of work."""

    code: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class PlannedDeliverable:
    """A promise, as a plan spells it: days as ISO text, hours with two decimals."""

    project: str
    code: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PlannedService:
    """Ongoing work."""

    code: str
    title: str
    rhythm: str


Planned = PlannedProject | PlannedDeliverable | PlannedService


def planned_parts(
    engagement: Engagement,
    deal: Deal,
    statement: StatementOfWork | None,
    playbook: Playbook,
    *,
    standing: Iterable[Deliverable] | None = None,
) -> Iterator[Planned]:
    """Yield what an engagement should be made of, in the order in which it is made.

    What people agreed on since stays; once PS has accepted, what a deliverable means and takes is
    changed by an amendment and by nothing else. Four queries; `standing` are the deliverables that
    stand, with their projects, where they are read already.
    """
    rows = list(_standing(engagement) if standing is None else standing)
    there = {(one.project.code, one.code): one for one in rows}
    scope = {(one.project, one.code): one for one in in_order(engagement.scope.all())}
    elsewhere = set(
        JointWork.objects.filter(begun_in=engagement)
        .exclude(project__engagement=engagement)
        .values_list("begun_as", flat=True)
    )
    seen: set[str] = set()
    planned, came = _planned(engagement, deal, statement, playbook), _joined(engagement, rows)
    for one in (*planned, *came, *_added(scope.values())):
        if isinstance(one, PlannedProject):
            seen.add(one.code)
        if _project_of(one) in elsewhere:
            continue
        if not isinstance(one, PlannedDeliverable):
            yield one
        elif one.project in seen and (kept := _as_changed(one, scope, there, engagement)):
            yield kept


def _joined(engagement: Engagement, standing: Iterable[Deliverable]) -> Iterator[Planned]:
    """Yield, as it stands, the work that came from an engagement which goes on as this one.

    No template or statement of this deal's plans it. One query where there is any.
    """
    came = sorted((one for one in standing if FROM in one.project.code), key=lambda one: one.pk)
    for project in {one.project_id: one.project for one in came}.values():
        yield PlannedProject(project.code, project.title, project.kind)
        for one in came:
            if one.project_id == project.pk and one.state != DeliverableState.DROPPED:
                fields = {name: spelled(getattr(one, name)) for name in FIELDS}
                yield PlannedDeliverable(project.code, one.code, fields)
    if came:
        services = Service.objects.filter(engagement=engagement, code__contains=FROM)
        for service in services.order_by("pk"):
            yield PlannedService(service.code, service.title, service.rhythm)


def _project_of(one: Planned) -> str:
    match one:
        case PlannedProject():
            return one.code
        case PlannedDeliverable():
            return one.project
        case _:
            return ""


def _standing(engagement: Engagement) -> Iterable[Deliverable]:
    return Deliverable.objects.filter(project__engagement=engagement).select_related("project")


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Return rows as they were made; those that were read ahead cost no query."""
    return sorted(rows, key=lambda one: one.pk)


def _as_changed(
    one: PlannedDeliverable,
    scope: dict[tuple[str, str], ScopeChange],
    standing: dict[tuple[str, str], Deliverable],
    engagement: Engagement,
) -> PlannedDeliverable | None:
    """Return a deliverable as people changed it since; None where an amendment took it out."""
    key = (one.project, one.code)
    row, change = standing.get(key), scope.get(key)
    if change is not None and change.verb == ScopeVerb.DROPPED:
        return None
    fields = dict(one.fields)
    if change is not None:
        fields |= change.fields
    elif row is not None and engagement.accepted_at is not None:
        fields |= {name: spelled(getattr(row, name)) for name in SCOPE_FIELDS}
    return replace(one, fields=agreed_fields(fields, row.agreed if row is not None else {}))


def agreed_fields(planned: Mapping[str, Any], agreed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a deliverable should be: as planned, but for what people changed instead of it."""
    return {
        name: agreed[name]["now"]
        if name in agreed and agreed[name]["instead_of"] == value
        else value
        for name, value in planned.items()
    }


def _added(changes: Iterable[ScopeChange]) -> Iterator[PlannedDeliverable]:
    for one in changes:
        if "title" in one.fields and one.code.startswith(ADDED_CODE):
            yield PlannedDeliverable(one.project, one.code, one.fields)


def _planned(
    engagement: Engagement, deal: Deal, statement: StatementOfWork | None, playbook: Playbook
) -> Iterator[Planned]:
    template = playbook.template_for(deal.tier, deal.revenue_type)
    anchors = _anchors(engagement, deal, playbook)
    for project in template.projects:
        yield from project_parts(project, anchors, playbook)
    if statement is not None:
        yield from _from_statement(statement, deal)
    for begun in in_order(engagement.begun.all()):
        yield from begun_parts(begun, engagement, deal, playbook)
    for service in template.services:
        yield PlannedService(service.code, service.title, service.rhythm)


def begun_parts(
    begun: BegunProject, engagement: Engagement, deal: Deal, playbook: Playbook
) -> Iterator[Planned]:
    """Yield a project that a person began, and its deliverables; none where the playbook lost it."""
    anchors = _anchors(engagement, deal, playbook) | {"day": begun.about_on}
    for project in playbook.projects:
        if project.code == begun.template:
            own = replace(project, code=begun.code, title=begun.title)
            yield from project_parts(own, anchors, playbook)


def _anchors(engagement: Engagement, deal: Deal, playbook: Playbook) -> dict[str, date | None]:
    opened_on = day_in_zone(engagement.opened_at, playbook.organisation.zone)
    return {
        "order": opened_on if hasattr(deal, "order") else deal.start_on,
        "start": deal.start_on,
        "end": deal.end_on,
        "day": None,
    }


def project_parts(
    project: ProjectTemplate, anchors: dict[str, date | None], playbook: Playbook
) -> Iterator[Planned]:
    """Yield a project of the playbook and its deliverables, each with the day it is due."""
    yield PlannedProject(project.code, project.title, project.kind)
    for part in project.deliverables:
        due_on = _due_on(part, anchors, playbook)
        yield PlannedDeliverable(project.code, part.code, _from_template(part, due_on))


def _due_on(
    part: DeliverableTemplate, anchors: dict[str, date | None], playbook: Playbook
) -> date | None:
    anchor = anchors[part.anchor]
    if part.is_exact:
        return None if anchor is None else anchor + timedelta(days=part.offset_days)
    return due_day(anchor, part.offset_days, playbook.capacity.closures, last=anchors["end"])


def _from_template(part: DeliverableTemplate, due_on: date | None) -> dict[str, Any]:
    return {
        "title": part.title,
        "promise": f"{TEMPLATE_PROMISE}{part.code}",
        "definition_of_done": list(part.definition_of_done),
        "wanted_evidence": list(part.evidence),
        "due_on": spelled(due_on),
        "low_h": None,
        "high_h": None,
    }


def _from_statement(statement: StatementOfWork, deal: Deal) -> Iterator[Planned]:
    yield PlannedProject(STATEMENT_PROJECT, statement.title, "directed_development")
    for position, item in enumerate(statement.content["deliverables"], start=1):
        fields = {
            "title": item["title"][:LONGEST],
            "promise": statement_promise(item["title"]),
            "definition_of_done": item["definition_of_done"],
            "wanted_evidence": ["issue.closed", "manual"],
            "due_on": deal.deliverable_dates.get(item["title"]),
            "low_h": f"{item['low_h']:.2f}",
            "high_h": f"{item['high_h']:.2f}",
        }
        yield PlannedDeliverable(STATEMENT_PROJECT, f"deliverable-{position}", fields)


def statement_promise(title: str) -> str:
    """Return how a deliverable names the item of the statement of work that it serves."""
    return f"{STATEMENT_PROMISE}{title}"[:LONGEST]


def spelled(value: Any) -> Any:
    """Return a value as plans spell it: days as ISO text, hours with two decimals."""
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | list):
        return value
    return f"{value:.2f}"
