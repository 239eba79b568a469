"""PS's capacity answer: the fact that its condition reads, and the hours that it holds."""

from collections.abc import Sequence
from datetime import date, timedelta

from pydantic import Field

from throughline.capacity.actions.answers import GivenAnswer, give_answer, tell_affected
from throughline.capacity.actions.demand import put_demand
from throughline.capacity.actions.holds import HeldHours, hold_hours
from throughline.capacity.asking import Proposal, affected_by
from throughline.capacity.engine.weeks import DAYS
from throughline.capacity.queries import bookings_of, team_on
from throughline.capacity.words import AnswerWord
from throughline.kernel.errors import Refused
from throughline.people.gates import require_four_eyes, require_permission
from throughline.people.words import Permission
from throughline.sales.actions.facts import Form, Writing, fact
from throughline.sales.demand import (
    answer_for,
    ask_of_deal,
    hours_to_hold,
    names_of,
    work_of_deal,
)
from throughline.sales.queries import DealFacts, capacity_basis, facts_of


class Capacity(Form):
    """PS's answer to "can we deliver this?"."""

    answer: AnswerWord = Field(description="yes, yes_from, only_if or no")
    start_on: date | None = Field(None, description="of yes_from")
    only_if: list[str] = Field(default_factory=list)
    assumptions: list[str] = Field(default_factory=list)
    expires_on: date | None = Field(None, description="last day; the playbook's where left out")
    note: str = Field("", description="what else BD should know")


@fact("capacity.answered", Capacity)
def record_capacity(form: Capacity, writing: Writing) -> None:
    """Write down PS's answer, for the estimate, dates and team as they are now, and hold its hours.

    What was computed at that moment is kept beside it: a person confirmed it, made a counter-offer,
    or refused. The hours are held softly, or firmly where the deal has its verbal yes.
    """
    deal = writing.deal
    require_permission(writing.by, Permission.ANSWER_PS, to="answer for PS")
    require_four_eyes(deal.owner, writing.by, what="A capacity answer")
    facts = facts_of(deal, on=writing.on)
    proposal, why_not = _proposal(facts, writing)
    answer = give_answer(
        deal.subject,
        _given(form, facts, proposal, why_not, writing),
        basis=capacity_basis(facts),
        by=writing.by,
        at=writing.at,
    )
    _hold(form, proposal, facts, writing)
    team = team_on(writing.on, playbook=writing.playbook)
    names = names_of(team.asked.keys() | {deal.subject})
    if affected := affected_by(team, deal.subject, names=names):
        tell_affected(answer.pk, affected, by=writing.by, at=writing.at)


def _given(
    form: Capacity, facts: DealFacts, proposal: Proposal | None, why_not: str, writing: Writing
) -> GivenAnswer:
    valid = timedelta(days=writing.playbook.capacity.answer_valid_days)
    unheld = [f"No hours are held: {why_not}"] if why_not else []
    return GivenAnswer(
        answer=form.answer,
        start_on=form.start_on,
        only_if=form.only_if,
        assumptions=[*form.assumptions, *unheld],
        expires_on=form.expires_on or writing.on + valid,
        note=form.note,
        proposed=proposal.as_json() if proposal and facts.team else {},
    )


def _proposal(facts: DealFacts, writing: Writing) -> tuple[Proposal | None, str]:
    """Return what is computed, or why nothing can be."""
    try:
        asked = ask_of_deal(facts.deal, facts.statement, playbook=writing.playbook, on=writing.on)
        return answer_for(asked, playbook=writing.playbook, on=writing.on), ""
    except Refused as refused:
        return None, str(refused)


def _hold(form: Capacity, proposal: Proposal | None, facts: DealFacts, writing: Writing) -> None:
    """Hold the hours of the answer; "no" frees them, and what is booked needs no hold."""
    if bookings_of(writing.deal.subject):
        return
    held: Sequence[HeldHours] = ()
    if proposal is not None and form.answer != AnswerWord.NO:
        days = (form.start_on - proposal.asked.start_on).days if form.start_on else 0
        held = hours_to_hold(proposal, later=max(-(-days // DAYS), 0))
        works = work_of_deal(
            facts.deal, facts.statement, playbook=writing.playbook,
            start_on=proposal.asked.start_on,
        )  # fmt: skip
        put_demand(writing.deal.subject, works, by=writing.by, at=writing.at)
    until = writing.on + timedelta(days=writing.playbook.capacity.soft_hold_days)
    hold_hours(writing.deal.subject, held, expires_on=until, by=writing.by, at=writing.at)
