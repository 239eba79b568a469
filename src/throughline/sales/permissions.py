"""Who may write down the fact of a condition: pages and API ask here."""

from collections.abc import Mapping
from typing import Final

from throughline.people.words import Permission
from throughline.sales.queries import DealFacts

P = Permission
ORDINARY: Final = frozenset({P.EDIT_DEALS})
# Facts that others than BD write down.
WRITERS: Final[Mapping[str, frozenset[Permission]]] = {
    "ps.reviewed": frozenset({P.ASK_PS, P.EDIT_DEALS}),
    "capacity.answered": frozenset({P.ANSWER_PS}),
    "sow.signed_off": frozenset({P.EDIT_DEALS, P.ANSWER_PS}),
}
ANYBODY_WHO_WRITES: Final = ORDINARY.union(*WRITERS.values())


def permissions_to_record(code: str, facts: DealFacts) -> frozenset[Permission]:
    """Return the permissions of which one lets a person write a fact down.

    A review that waits is for PS alone to answer.
    """
    if code == "ps.reviewed" and review_waits(facts):
        return frozenset({P.ANSWER_PS})
    return WRITERS.get(code, ORDINARY)


def review_waits(facts: DealFacts) -> bool:
    """Return whether PS was asked something that it has not answered."""
    return any(review.is_open for review in facts.deal.reviews.all())
