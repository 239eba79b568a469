"""What the playbook lets a handoff do without a person."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from throughline.handoff.models import Outcome
from throughline.handoff.steps import puts_back
from throughline.handoff.wanted import Change
from throughline.handoff.words import Verb
from throughline.playbook.model import Playbook

# What is begun under something that a person approved, and goes on by itself: a month's cells under
# their columns.
BEGUN_UNDER: Final[Mapping[str, str]] = {
    "workbook.month": "workbook.columns",
    "sheets.month": "sheets.columns",
}


def rule_for(playbook: Playbook, row: Outcome | None, change: Change, *, is_outside: bool) -> str:
    """Return which rule of the playbook lets a change be made; "" if a person has to approve it.

    No rule undoes what somebody changed in the world, and `follows` creates nothing: it carries on
    what a person approved once and what is true. Cells of a month are part of their columns, and
    begin with them. Source: decisions 0011 and 0022.
    """
    if puts_back(row, change):
        return ""
    if playbook.approval == "all" or (playbook.approval == "in_house" and not is_outside):
        return playbook.approval
    is_true = row is not None and row.receipt is not None and change.verb == Verb.UPDATE
    kind = change.outcome.partition(":")[0]
    if not any(fnmatchcase(kind, one) for one in playbook.follows):
        return ""
    return "follows" if is_true or _is_part(row, change) else ""


def _is_part(row: Outcome | None, change: Change) -> bool:
    """Return whether a change begins something under what was approved, and is true, already."""
    kind, _colon, name = change.outcome.partition(":")
    if kind not in BEGUN_UNDER or (row is not None and row.receipt is not None):
        return False
    above = f"{BEGUN_UNDER[kind]}:{name.rpartition(':')[0]}"
    return Outcome.objects.filter(key=above, receipt__isnull=False).exists()
