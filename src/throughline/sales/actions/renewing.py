"""The deal that renews another: written down here, with what does not change."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from throughline.communities.actions import Person, Told, answer_question, assign_role
from throughline.communities.queries import roles_by_subject
from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.sales.actions.create import create_deal
from throughline.sales.actions.dates import settle_term
from throughline.sales.models import Deal

SAME = (
    "community_id", "buyer", "revenue_type", "tier", "tier_none_because", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Next:
    """What is known of the deal that follows; an unknown amount stays unknown."""

    name: str
    start_on: date | None = None
    end_on: date | None = None
    amount: Decimal | None = None


@transaction.atomic
def create_next_deal(
    deal: Deal, following: Next, *, playbook: Playbook, by: str, at: datetime
) -> Deal:
    """Write down the deal that follows one, for the same community and people, and return it.

    It begins at the first stage: its gates ask everything anew. The community's context questions
    are asked again, and what it said before stands (R22).

    Raises:
        Refused: the name or the dates are wrong.
    """
    made = create_deal(
        following.name, owner=deal.owner, amount=following.amount, pipeline=deal.pipeline,
        playbook=playbook, by=by, at=at,
    )  # fmt: skip
    for name in SAME:
        setattr(made, name, getattr(deal, name))
    made.target_start_on, made.target_end_on = following.start_on, following.end_on
    settle_term(made, signed_end=None)
    made.save()
    carry_people(deal, made, playbook=playbook, by=by, at=at)
    ask_context_again(made, playbook=playbook, by=by, at=at)
    return made


def carry_people(deal: Deal, following: Deal, *, playbook: Playbook, by: str, at: datetime) -> int:
    """Give those who are something for a deal the same role for the next, and return how many.

    Roles belong to one deal each: what ends for one goes on for the other. Whoever cannot be reached
    is left out.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    held = roles_by_subject([deal.subject], on=on).get(deal.subject, [])
    known = {role.code for role in playbook.engagement_roles}
    count = 0
    for one in held:
        contact = one.contact
        if one.role in known and (contact.email or contact.github_id):
            person = Person(contact.full_name, contact.email or "", contact.github_id)
            assign_role(
                person, role=one.role, subject=following.subject, from_on=on, playbook=playbook,
                by=by, at=at,
            )  # fmt: skip
            count += 1
    return count


def ask_context_again(deal: Deal, *, playbook: Playbook, by: str, at: datetime) -> None:
    """Put the context questions to the community anew: answers age."""
    if deal.community_id is None:
        return
    for question in playbook.context_questions:
        answer_question(
            deal.community_id, question.code, told=Told(""), playbook=playbook, by=by, at=at
        )
