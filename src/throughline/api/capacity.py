"""Whether a deal can be delivered, as the team's hours have it now; nothing is kept."""

from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import Field

from throughline.api import schemas
from throughline.api.access import needs
from throughline.api.dates import today
from throughline.api.schemas import Day
from throughline.people.words import Permission
from throughline.playbook.current import current
from throughline.sales.demand import answer_for, ask_of_deal
from throughline.sales.queries import facts_of, find_deal

router = Router(tags=["capacity"])


class StartWanted(Schema):
    """Another start than the deal's own."""

    start: schemas.OurDay | None = None


class Beside(Schema):
    """Another deal that wants the same hours."""

    deal: str
    name: str
    held: bool
    start_on: Day | None
    message: str


class Limit(Schema):
    """A role and a week that bind."""

    role: str
    week: Day
    used_pct: float


class Computed(Schema):
    """The computed answer: yes, yes_from, only_if or no. PS's answer is what counts."""

    deal: str
    answer: str
    sentence: str
    start_on: Day | None
    finish_p50_on: Day | None
    finish_p80_on: Day | None
    finish_p95_on: Day | None
    limits: list[Limit]
    only_if: list[str]
    start_weeks_later: int = Field(ge=0)
    low_h: float
    high_h: float
    pairs: list[Beside]
    expires_on: Day
    assumptions: list[str]


@router.get("/capacity/deals/{reference}", response=Computed)
@needs(Permission.SEE_CAPACITY)
def compute_capacity(
    request: HttpRequest, reference: Path[schemas.Text], wanted: Query[StartWanted]
) -> dict[str, Any]:
    """Compute whether a deal can be delivered, from its own start or from another day on.

    Raises:
        Refused: its estimate or its dates make no sense.
    """
    on, playbook = today(), current()
    facts = facts_of(find_deal(reference), on=on)
    asked = ask_of_deal(
        facts.deal, facts.statement, playbook=playbook, on=on, start_on=wanted.start
    )
    found = answer_for(asked, playbook=playbook, on=on)
    return {"deal": facts.deal.reference} | found.as_json()
