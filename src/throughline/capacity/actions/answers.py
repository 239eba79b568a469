"""PS's answer to "can we deliver this?"."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from throughline.capacity.models import CapacityAnswer
from throughline.capacity.queries import newest_answers
from throughline.capacity.words import AnswerWord, GivenHow
from throughline.journal.actions import record
from throughline.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What PS says; `expires_on` is the last day on which it counts."""

    answer: AnswerWord
    expires_on: date
    start_on: date | None = None
    only_if: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    note: str = ""
    proposed: dict[str, Any] = field(
        default_factory=dict
    )  # what was computed; {} where nothing was


@transaction.atomic
def give_answer(
    subject: str, given: GivenAnswer, *, basis: dict[str, Any], by: str, at: datetime
) -> CapacityAnswer:
    """Write down PS's answer for one deal; earlier answers stay readable, the newest counts.

    Raises:
        Refused: "yes from" without a day, or "only if" without a condition.
    """
    if given.answer == AnswerWord.YES_FROM and given.start_on is None:
        raise Refused("“Yes, from” needs a day.", remedy="Give start_on as YYYY-MM-DD.")
    if given.answer == AnswerWord.ONLY_IF and not given.only_if:
        raise Refused("“Only if” needs a condition.", remedy="Say in only_if what must happen.")
    answer = CapacityAnswer.objects.create(
        subject=subject,
        answer=given.answer,
        start_on=given.start_on,
        only_if=given.only_if,
        assumptions=given.assumptions,
        note=given.note,
        proposed=given.proposed,
        how=_how(given),
        basis=basis,
        by=by,
        at=at,
        expires_on=given.expires_on,
    )
    record("capacity.answer.given", answer, by=by, at=at, about=subject, answer=given.answer)
    return answer


def _how(given: GivenAnswer) -> GivenHow:
    if given.answer == AnswerWord.NO:
        return GivenHow.REFUSED
    if not given.proposed:
        return GivenHow.BY_HAND
    start_on = given.start_on.isoformat() if given.start_on else given.proposed.get("start_on")
    is_same = (given.answer, start_on) == (
        given.proposed.get("answer"),
        given.proposed.get("start_on"),
    )
    return GivenHow.CONFIRMED if is_same else GivenHow.COUNTERED


@transaction.atomic
def tell_affected(
    answer_id: int, affected: Sequence[dict[str, Any]], *, by: str, at: datetime
) -> CapacityAnswer:
    """Write down which deals an answer crowds out, on it and in the journal of their own answers."""
    answer = CapacityAnswer.objects.select_for_update().get(pk=answer_id)
    answer.affects = list(affected)
    answer.save(update_fields=["affects"])
    others = newest_answers(one["subject"] for one in affected)
    for one in affected:
        if one["subject"] in others:
            theirs = others[one["subject"]]
            record("capacity.answer.affected", theirs, by=by, at=at, about=one["subject"],
                   message=one["message"], cause=answer.subject)  # fmt: skip
    return answer
