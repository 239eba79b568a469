"""Asking whether we can deliver something: what runs and what is open is looked at first."""

from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from throughline.capacity.asking import Proposal
from throughline.delivery.load import refresh_standing_load
from throughline.intake.statement_of_work import parse
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.kernel.tables import read_text
from throughline.playbook.model import Playbook
from throughline.renewals.queries import hubs_ending
from throughline.sales.demand import (
    NobodyIs,
    answer_for,
    ask_of_deal,
    ask_of_statement,
    refresh_demand,
)
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of


@transaction.atomic
def ask_about_deal(
    deal: Deal, *, start_on: date | None, playbook: Playbook, by: str, at: datetime
) -> Proposal:
    """Return whether a deal can be delivered, from its own start or from another day on.

    Raises:
        Refused: its estimate or its dates make no sense; the message names the line.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    facts = facts_of(deal, on=on)
    asked = ask_of_deal(facts.deal, facts.statement, playbook=playbook, on=on, start_on=start_on)
    refresh_standing_load(ending=hubs_ending(), playbook=playbook, by=by, at=at)
    refresh_demand(playbook=playbook, by=by, at=at, also=deal)
    return answer_for(asked, playbook=playbook, on=on)


@transaction.atomic
def ask_about_file(
    path: Path, *, start_on: date | None, playbook: Playbook, by: str, at: datetime
) -> Proposal:
    """Return whether a statement of work can be delivered that belongs to no deal yet; keep nothing.

    Raises:
        Refused: the file cannot be read, is no statement of work, or makes no sense.
    """
    on, text = day_in_zone(at, playbook.organisation.zone), read_text(path)
    content = parse(text).as_json()
    try:
        asked = ask_of_statement(content, playbook=playbook, on=on, start_on=start_on)
    except NobodyIs as refused:
        raise Refused(
            f"{_line_of(refused.named, text)}{refused.message}", remedy=refused.remedy
        ) from refused
    refresh_standing_load(ending=hubs_ending(), playbook=playbook, by=by, at=at)
    refresh_demand(playbook=playbook, by=by, at=at)
    return answer_for(asked, playbook=playbook, on=on)


def _line_of(named: tuple[str, ...], text: str) -> str:
    """Return where a role was written, as "Line 18: "; "" where the words stand differently."""
    lines = enumerate(text.splitlines(), start=1)
    return next((f"Line {line}: " for line, words in lines if named[0] in words), "")
