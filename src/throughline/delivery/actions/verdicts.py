"""Writing down a verdict with what it rests on, and closing the question that it settles."""

from datetime import datetime

from throughline.delivery.models import ChampionQuestion, Deliverable, Verdict
from throughline.delivery.verdicts import champion_of, evidence_of
from throughline.delivery.words import ChampionAnswer, DeliverableState
from throughline.kernel.errors import Refused
from throughline.people.actions import revoke_link


def require_reason_against_champion(deliverable: Deliverable, why: str) -> None:
    """Pass unless the community says "not yet" and BD would verify without a word about it.

    Raises:
        Refused: they said so, and no reason is given.
    """
    if champion_of(deliverable) == ChampionAnswer.NOT_YET and not why.strip():
        raise Refused(
            "The community has said that this is not what they needed yet.",
            remedy="Send it back, or say why it is verified all the same (--because).",
        )


def write_verdict(deliverable: Deliverable, *, by: str, at: datetime) -> Verdict:
    """Keep the verdict that a deliverable has now, with what evidence and champion said then."""
    verdict = Verdict.objects.create(
        deliverable=deliverable,
        state=DeliverableState(deliverable.state),
        why=deliverable.verdict_why,
        by=by,
        at=at,
        champion=champion_of(deliverable),
        evidence=evidence_of(deliverable),
    )
    close_question(deliverable, by=by, at=at)
    return verdict


def close_question(deliverable: Deliverable, *, by: str, at: datetime) -> None:
    """Close what waits for an answer, and its link: it was judged without one, or is asked anew."""
    waiting = ChampionQuestion.objects.filter(
        deliverable=deliverable, answered_at=None, closed_at=None
    )
    for question in waiting:
        question.closed_at, question.remind_at = at, None
        question.answer = ChampionAnswer.SILENT
        question.save(update_fields=["closed_at", "remind_at", "answer"])
        if question.link_id is not None:
            revoke_link(question.link_id, by=by, at=at)
