"""What must be true in Airtable of an engagement: its record, its projects', its deliverables'."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings

from throughline.delivery.joined import planned_as
from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.words import DeliverableState
from throughline.handoff.models import Outcome
from throughline.handoff.outcomes.structure import DeliverableStands, ProjectStands, structure_of
from throughline.handoff.outside.airtable_columns import COLUMNS, PAGE, Kind
from throughline.handoff.wanted import Seen
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

NAME = "airtable"
LONGEST_TEXT = 100_000  # characters that Airtable keeps in a cell


@dataclass(frozen=True, slots=True)
class RecordStands:
    """A record of this key exists in Airtable, with these cells."""

    key: str
    summary: str
    wanted: Seen
    known: str = ""  # the id of the record that it was, the last time it was seen
    system: str = NAME
    audience: str = "staff"

    def waits_for(self) -> str:
        return ""


def wanted_of_airtable(
    engagement: Engagement, facts: DealFacts, playbook: Playbook
) -> Iterator[RecordStands]:
    """Yield the records of an engagement, its projects and its deliverables, parents first.

    Money and people's addresses are not among the cells. Two queries of its own.
    """
    known = _known(engagement)
    return (
        replace(one, known=known.get(one.key, "")) for one in _records(engagement, facts, playbook)
    )


def _records(
    engagement: Engagement, facts: DealFacts, playbook: Playbook
) -> Iterator[RecordStands]:
    page = f"{settings.BASE_URL}/engagements/{engagement.number}/"
    yield _engagement(engagement, facts, playbook, page)
    states = _states(engagement)
    for part in structure_of(engagement, facts, playbook):
        if isinstance(part, ProjectStands):
            yield _project(part, page)
        elif isinstance(part, DeliverableStands):
            state = states.get((part.project, part.code), DeliverableState.PLANNED)
            yield _deliverable(part, state, page)


def _engagement(
    engagement: Engagement, facts: DealFacts, playbook: Playbook, page: str
) -> RecordStands:
    deal = facts.deal
    cells = {
        "Name": deal.name,
        "Number": engagement.number,
        "Community": deal.community.short_name if deal.community else None,
        "Tier": playbook.tier(deal.tier).name if deal.tier else None,
        "Start": deal.start_on,
        "End": deal.end_on,
        "Status": engagement.get_health_display(),
        PAGE: page,
    }
    return _record("engagement", f"{engagement.number}", f"engagement “{deal.name}”", cells)


def _project(part: ProjectStands, page: str) -> RecordStands:
    cells = {
        "Name": part.title,
        "Engagement": f"airtable.engagement:{part.number}",
        "Kind": part.kind.replace("_", " "),
        PAGE: page,
    }
    return _record("project", planned_as(part.number, part.code), f"project “{part.title}”", cells)


def _deliverable(part: DeliverableStands, state: str, page: str) -> RecordStands:
    fields = part.fields
    cells = {
        "Name": fields["title"],
        "Project": f"airtable.project:{planned_as(part.number, part.project)}",
        "Due": fields["due_on"],
        "Definition of done": "\n".join(f"- {_line(one)}" for one in fields["definition_of_done"]),
        "Low hours": None if fields["low_h"] is None else float(fields["low_h"]),
        "High hours": None if fields["high_h"] is None else float(fields["high_h"]),
        "State": DeliverableState(state).label,
        PAGE: page,
    }
    name = f"{planned_as(part.number, part.project)}:{part.code}"
    return _record("deliverable", name, f"deliverable “{fields['title']}”", cells)


def _record(sort: str, name: str, summary: str, cells: Mapping[str, Any]) -> RecordStands:
    wanted = {column.name: _plain(cells[column.name], column.kind) for column in COLUMNS[sort]}
    return RecordStands(f"airtable.{sort}:{name}", f"Airtable {summary}", wanted)


def _plain(value: Any, kind: Kind) -> Any:
    """Return a value as Airtable gives it back: what is empty is not there, days are ISO text."""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return value
    text = value.strip() if kind is Kind.LONG_TEXT else _line(value)
    return text[:LONGEST_TEXT] or None


def _line(text: str) -> str:
    return " ".join(text.split())


def _known(engagement: Engagement) -> dict[str, str]:
    rows = Outcome.objects.filter(engagement=engagement, system=NAME, receipt__isnull=False)
    return {
        key: (receipt or {}).get("id", "") for key, receipt in rows.values_list("key", "receipt")
    }


def _states(engagement: Engagement) -> dict[tuple[str, str], str]:
    rows = Deliverable.objects.filter(project__engagement=engagement)
    return {
        (project, code): state
        for project, code, state in rows.values_list("project__code", "code", "state")
    }
