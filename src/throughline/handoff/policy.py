"""What the playbook lets a handoff do without a person."""

from fnmatch import fnmatchcase

from throughline.handoff.models import Outcome
from throughline.handoff.steps import puts_back
from throughline.handoff.wanted import Change
from throughline.handoff.words import Verb
from throughline.playbook.model import Playbook


def rule_for(playbook: Playbook, row: Outcome | None, change: Change, *, is_outside: bool) -> str:
    """Return which rule of the playbook lets a change be made; "" if a person has to approve it.

    No rule undoes what somebody changed in the world, and `follows` creates nothing: it carries on
    what a person approved once and what is true. Source: decision 0011.
    """
    if puts_back(row, change):
        return ""
    if playbook.approval == "all" or (playbook.approval == "in_house" and not is_outside):
        return playbook.approval
    is_true = row is not None and row.receipt is not None and change.verb == Verb.UPDATE
    kind = change.outcome.partition(":")[0]
    follows = is_true and any(fnmatchcase(kind, one) for one in playbook.follows)
    return "follows" if follows else ""
