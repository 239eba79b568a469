"""With whom the ball is: who acts next on what a deal waits for."""

from django.db.models import TextChoices

from throughline.sales.gates.gate import Gate, JudgedCondition
from throughline.sales.queries import DealFacts
from throughline.sales.words import AgreementKind


class Party(TextChoices):
    """Whose move it is."""

    BD = "BD", "BD"
    PS = "PS", "PS"
    SPONSOR = "Sponsor", "the Sponsor"


def party_to_act(condition: JudgedCondition, facts: DealFacts) -> Party:
    """Return who can make a condition hold: the Sponsor and PS once they were asked, else BD."""
    match condition.code:
        case "capacity.answered":
            return Party.PS
        case "ps.reviewed":
            return Party.PS if _review_waits(facts) else Party.BD
        case "sow.signed_off":
            return _who_signs_off(facts)
        case "agreement.executed":
            return Party.SPONSOR if _signatures_are_under_way(facts) else Party.BD
        case "legal.involved" | "invoicing.prepared":
            return Party.SPONSOR
        case _:
            return Party.BD


def parties_to_act(gate: Gate, facts: DealFacts) -> tuple[Party, ...]:
    """Return everybody whom a closed gate waits for, each once, the first in the way first."""
    return tuple(dict.fromkeys(party_to_act(one, facts) for one in gate.in_the_way))


def ball_holder(gate: Gate, facts: DealFacts) -> Party:
    """Return who acts next: on the first condition in the way; BD moves a deal that is ready."""
    return next(iter(parties_to_act(gate, facts)), Party.BD)


def _review_waits(facts: DealFacts) -> bool:
    return any(review.is_open for review in facts.deal.reviews.all())


def _who_signs_off(facts: DealFacts) -> Party:
    """Head of Product and Tech Lead are of PS; once both have signed, the BD Lead is left."""
    statement = facts.statement
    signed = {one.role for one in statement.sign_offs.all()} if statement else set()
    return Party.BD if {"head_of_product", "tech_lead"} <= signed else Party.PS


def _signatures_are_under_way(facts: DealFacts) -> bool:
    agreement = facts.agreement
    return (
        agreement is not None
        and agreement.kind == AgreementKind.SERVICE_AGREEMENT
        and len(agreement.signatories.all()) > 1
    )
