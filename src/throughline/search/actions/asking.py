"""Asking: the index is brought up to date first, within a bound, and says where it is behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import OperationalError

from throughline.playbook.model import Playbook
from throughline.search.actions.following import catch_up, waiting
from throughline.search.actions.indexing import index_families
from throughline.search.queries import FIRST, Findings, find
from throughline.search.quoting import Wanted, wanted
from throughline.search.words import Kind, Sight

BEFORE_AN_ANSWER: Final = 200  # things or entries; more would let people wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, what was found, and how much the index does not know of yet."""

    asked: Wanted
    findings: Findings
    behind: int


def ask(
    text: str,
    *,
    sight: Sight,
    kind: Kind | None = None,
    part: slice = FIRST,
    by_kind: bool = True,
    playbook: Playbook,
    at: datetime,
) -> Answer:
    """Return what goes by some words. Whatever the text is, it is looked for and nothing else."""
    asked = wanted(text)
    within = sight.within(kind)
    behind = _caught_up(playbook, at) if asked.whole else 0

    def found() -> Findings:
        return find(asked, sight=within, part=part, by_kind=by_kind, playbook=playbook)

    findings = found()
    if findings.stale:
        for family, numbers in findings.stale.items():
            index_families(family, sorted(numbers), playbook=playbook)
        findings = found()
    return Answer(asked, findings, behind)


def _caught_up(playbook: Playbook, at: datetime) -> int:
    try:
        return catch_up(most=BEFORE_AN_ANSWER, playbook=playbook, at=at)
    except OperationalError:  # SQLite is busy writing: the answer is a little older then
        return waiting()
