"""Whether BD and PS have talked: an answer by a second person, or why none was needed."""

from collections.abc import Sequence

from throughline.sales.gates.finding import CONDITIONS, Finding, Question, met, stale, unmet
from throughline.sales.models import Review
from throughline.sales.reviews import changes_since, is_overdue
from throughline.sales.words import ReviewState


@CONDITIONS.register("ps.reviewed")
def ps_has_answered(asked: Question) -> Finding:
    """Pass once PS was asked and answered, or BD wrote down why no input is needed.

    What was declined stands in the way until BD asks anew or says why none is needed; an answer
    for another scope or other dates is stale.
    """
    reviews = sorted(asked.facts.deal.reviews.all(), key=lambda one: one.pk)
    if not reviews:
        return unmet("PS was not asked.", "Ask PS, or write down why no input is needed.")
    if waiting := next((one for one in reviews if one.is_open), None):
        return _waits(waiting, asked)
    if declined := _standing_refusal(reviews):
        return unmet(
            f"{declined.declined_by} declined: {declined.declined_because}",
            "Ask again in another way, or write down why no input is needed.",
        )
    settled = [one for one in reviews if one.state != ReviewState.DECLINED]
    return _settled(max(settled, key=lambda one: (one.settled_at, one.pk)), asked)


def _waits(review: Review, asked: Question) -> Finding:
    if review.answer:
        return unmet(
            f"{review.holder} is said to have answered on {review.spoken_on}: {review.answer}",
            f"{review.holder} confirms it.",
        )
    late = f" It was needed by {review.needed_by}." if is_overdue(review, on=asked.on) else ""
    if review.accepted_at is not None:
        who, remedy = f"{review.holder} has it", f"{review.holder} answers it."
    elif review.holder:
        who, remedy = f"handed on to {review.holder}", f"{review.holder} accepts or answers it."
    else:
        who, remedy = "", "Somebody of PS answers it."
    asker = f"asked by {review.asked_by}" + (f"; {who}" if who else "")
    return unmet(f"PS has not answered yet: {review.question} ({asker}).{late}", remedy)


def _standing_refusal(reviews: Sequence[Review]) -> Review | None:
    """Return the last review that PS declined and after which nothing was asked or explained."""
    for one in reversed(reviews):
        if one.declined_at is None:
            continue
        later = [two for two in reviews if two.pk > one.pk and two.asked_at >= one.declined_at]
        if not any(two.state != ReviewState.DECLINED for two in later):
            return one
    return None


def _settled(review: Review, asked: Question) -> Finding:
    if review.state == ReviewState.NOT_NEEDED:
        return met(f"No input needed: {review.question}")
    if changed := changes_since(review, asked.facts):
        return stale(
            f"Since {review.answered_by} answered, {', '.join(changed)} changed.",
            "Ask PS whether the answer still holds.",
        )
    spoken = f", orally on {review.spoken_on}" if review.spoken_on else ""
    return met(f"{review.answered_by} answered {review.asked_by}{spoken}.")
