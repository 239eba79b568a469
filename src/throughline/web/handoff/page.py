"""What the page of a handoff shows: plan, ledger, notes, acceptance, receipts."""

from dataclasses import dataclass
from typing import Any

from throughline.delivery.gates import acceptance_gate
from throughline.delivery.models import Engagement, HandoffReturn
from throughline.delivery.returns import handoff_ball, returns_of
from throughline.handoff.acceptance import LEDGER, NOTE, PLAN
from throughline.handoff.approvals import OPEN
from throughline.handoff.connected import connected
from throughline.handoff.drift import drift_of, drifted
from throughline.handoff.plans import HandoffPlan, plan_handoff
from throughline.handoff.queries import outcomes_of, plans_of
from throughline.handoff.remembered import as_remembered
from throughline.kernel.errors import Refused
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.knowledge import notes_of, open_questions
from throughline.sales.models import DealNote
from throughline.web.handoff.forms import AnswerForm, Groups, RejectForm, ReturnForm
from throughline.web.handoff.shown import (
    shown_ledger,
    shown_plan,
    shown_receipts,
    shown_stale,
    shown_stored,
)
from throughline.web.moment import Moment
from throughline.web.notes.forms import NoteForm
from throughline.web.notes.shown import shown_notes
from throughline.web.sales.forms import StepForm


@dataclass(frozen=True, slots=True)
class Tried:
    """What was just tried and refused, to be shown where it was tried."""

    refused: Refused | None = None
    form: StepForm | None = None
    pk: int = 0  # of the returned line

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was tried."""
        return self.refused is None and self.form is None


def handoff_page(engagement: Engagement, user: User, now: Moment, tried: Tried) -> dict[str, Any]:
    """Return the context of a handoff's page. Outside systems are shown as last seen."""
    outside = as_remembered(connected())
    plan = plan_handoff(engagement, playbook=now.playbook, at=now.at, outside=outside)
    notes = list(notes_of(engagement.pk))
    stored = plans_of(engagement).filter(state__in=OPEN).first()
    sees_money = user.may(Permission.SEE_MONEY)
    return {
        "engagement": engagement,
        "deal": engagement.deal,
        "plan": shown_plan(plan, sees_money=sees_money),
        "stored": shown_stored(stored, plan) if stored else None,
        "stale": None if stored else shown_stale(plans_of(engagement).first()),
        "ledger": shown_ledger(plan.ledger, sees_money=sees_money, tried=tried.form),
        "receipts": shown_receipts(outcomes_of(engagement), sees_money=sees_money),
        "drifted": len(drifted(drift_of(engagement, on=now.on))),
        "notes": shown_notes(notes, user),
        "questions": len(open_questions(notes)),
        "note_form": NoteForm(auto_id="id_note_%s"),
        "refused": tried.refused or (tried.form.refused if tried.form else None),
        "may": {permission.value: user.may(permission) for permission in Permission},
        "reject_form": tried.form if isinstance(tried.form, RejectForm) else RejectForm(),
    } | _acceptance(engagement, plan, notes, user, tried)


def _acceptance(
    engagement: Engagement, plan: HandoffPlan, notes: list[DealNote], user: User, tried: Tried
) -> dict[str, Any]:
    form = tried.form if isinstance(tried.form, ReturnForm) else ReturnForm(auto_id="id_return_%s")
    return {
        "ball": handoff_ball(engagement),
        "in_the_way": acceptance_gate(engagement, by=user.get_username())
        if not engagement.accepted_by
        else (),
        "returns": [_returned(one, tried) for one in returns_of(engagement)],
        "return_form": form.offer(_lines(plan, notes)),
    }


def _returned(one: HandoffReturn, tried: Tried) -> dict[str, Any]:
    is_tried = isinstance(tried.form, AnswerForm) and tried.pk == one.pk
    return {
        "one": one,
        "form": tried.form if is_tried else AnswerForm(auto_id=f"id_answer_{one.pk}_%s"),
    }


def _lines(plan: HandoffPlan, notes: list[DealNote]) -> Groups:
    """Return the lines that PS can return, in groups, by what they are called."""
    noted = [(f"{NOTE}{one.pk}", f"Note {one.pk}: {one.get_kind_display()}") for one in notes]
    planned = [(f"{PLAN}{one.outcome}", f"{one.system}: {one.summary}"[:120]) for one in plan.lines]
    fields = [(f"{LEDGER}{name}", name) for name in dict.fromkeys(
        line.field for line in plan.ledger.lines
    )]  # fmt: skip
    groups = (("Notes", noted), ("Plan", planned), ("Fields of the ledger", fields))
    return [(name, lines) for name, lines in groups if lines]
