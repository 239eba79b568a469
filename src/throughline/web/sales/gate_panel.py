"""The next gate as a checklist: what holds, what does not, and where to do it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Stage
from throughline.sales.actions.advance import StageRefused
from throughline.sales.actions.record import FACTS
from throughline.sales.gates.ball import party_to_act
from throughline.sales.gates.finding import CONDITIONS, Finding, Question
from throughline.sales.gates.gate import PASSABLE, Gate, JudgedCondition, judge
from throughline.sales.history import settled_by
from throughline.sales.queries import DealFacts
from throughline.sales.words import ConditionStatus
from throughline.web.moment import Moment
from throughline.web.sales.board import stage_name
from throughline.web.sales.fact_form_for import fact_form, may_record
from throughline.web.sales.fact_forms import FactForm, Setting
from throughline.web.sales.forms import ExplainForm
from throughline.web.sales.terms import for_page

FIELD_NAME = re.compile(r"\b(?!community_id)[a-z]+(_[a-z]+)+\b")


@dataclass(frozen=True, slots=True)
class Tried:
    """What was just tried on a deal, to be shown with the page."""

    to: str = ""  # a stage that was named, by code or name; "": the next one
    moved: bool = False
    form: FactForm | None = None
    refused: Refused | None = None
    order_refused: Refused | None = None
    explain: ExplainForm | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One condition of the checklist, with what this person can do about it."""

    code: str
    status: str
    required: bool
    message: str
    remedy: str
    who: str
    at: datetime | None  # when it was settled
    form: FactForm | None
    record_url: str
    waive_url: str
    is_order: bool
    open: bool

    @property
    def has_action(self) -> bool:
        """Whether this person can do something here."""
        return bool(self.form or self.waive_url or self.is_order)


def page_address(number: int, to: str = "") -> str:
    """Return the address of a deal's page, with its gate turned to a stage that was named."""
    address = reverse("web:deal", args=[number])
    return f"{address}?{urlencode({'to': to})}" if to else address


def standing_of(code: str, facts: DealFacts, now: Moment) -> Finding | None:
    """Return how a condition stands by itself, waivers aside; None where the code is none."""
    if code not in {item.code for stage in now.playbook.stages for item in stage.conditions}:
        return None
    found = CONDITIONS.get(code)(Question(facts, now.playbook, now.on))
    return Finding(found.status, worded(code, found.message), for_page(found.remedy))


def worded(code: str, message: str) -> str:
    """Return a condition's message as the checklist words it."""
    if code == "community.context":  # the form asks the questions one by one
        message = f"{message.partition(':')[0].rstrip('.')}."
    if code == "community.record":
        message = FIELD_NAME.sub(lambda found: found[0].replace("_", " "), message)
    return for_page(message)


def gate_panel(user: User, facts: DealFacts, now: Moment, tried: Tried) -> dict[str, Any]:
    """Return what the panel of the gate shows."""
    stage = _target(facts, now.playbook, tried.to)
    panel: dict[str, Any] = {
        "stage": stage,
        "tried": tried,
        "may_move": user.may(Permission.ADVANCE_DEALS),
        "moves": other_moves(facts, now.playbook, stage),
        # A closed gate says by its lines what is wrong; any other refusal needs its words.
        "refused": None if isinstance(tried.refused, StageRefused) else tried.refused,
    }
    if stage is None:
        return panel
    gate = judge(facts, to=stage, playbook=now.playbook, at=now.at)
    lines = _lines(gate, user, facts, now, tried)
    required = [one for one in gate.conditions if one.required]
    return panel | {
        "gate": gate,
        "open_lines": [one for one in lines if one.status not in PASSABLE],
        "met_lines": [one for one in lines if one.status in PASSABLE],
        "met": sum(one.status in PASSABLE for one in required),
        "total": len(required),
        "button": _button(stage, gate),
        "missing": len(gate.in_the_way),
        "passes": _between(gate, now.playbook),
    }


def _target(facts: DealFacts, playbook: Playbook, to: str) -> Stage | None:
    named = playbook.stage_named(to) if to else None
    if named is not None and named.code != facts.deal.stage:
        return named
    return playbook.next_stage(facts.deal.stage)


def _button(stage: Stage, gate: Gate) -> str:
    missing = len(gate.in_the_way)
    if not missing:
        return f"Move to {stage.name}"
    return f"Move to {stage.name} – {missing} thing{'s' if missing > 1 else ''} missing"


def _between(gate: Gate, playbook: Playbook) -> list[str]:
    """Return the names of the stages that a move passes on its way."""
    codes = dict.fromkeys(one.stage for one in gate.conditions if one.stage != gate.to_stage)
    return [stage_name(code, playbook) for code in codes]


def _lines(gate: Gate, user: User, facts: DealFacts, now: Moment, tried: Tried) -> list[Line]:
    first = gate.in_the_way[0].code if gate.in_the_way and tried.moved else ""
    opened = tried.form.code if tried.form else first
    by_code = settled_by(facts.deal)
    return [
        _line(one, user, facts, now, tried, opened=opened, by_code=by_code)
        for one in gate.conditions
    ]


def _line(
    condition: JudgedCondition,
    user: User,
    facts: DealFacts,
    now: Moment,
    tried: Tried,
    *,
    opened: str,
    by_code: Mapping[str, Entry],
) -> Line:
    code, settled = condition.code, condition.status in PASSABLE
    recordable = code in FACTS and may_record(user, code, facts)
    form = None
    if recordable and not settled:
        is_tried = tried.form is not None and tried.form.code == code
        by = user.get_username()
        form = tried.form if is_tried else fact_form(code, Setting(facts, now.playbook, by))
        if code == opened:
            _focus(form)
    record = reverse("web:deal-record", args=[facts.deal.pk, code])
    return Line(
        code=code,
        status=str(condition.status),
        required=condition.required,
        message=worded(code, condition.message),
        remedy=for_page(condition.remedy),
        who=_who(condition, facts, by_code.get(code)),
        at=by_code[code].at if condition.status == "met" and code in by_code else None,
        form=form,
        record_url=f"{record}?{urlencode({'to': tried.to})}" if tried.to else record,
        waive_url="" if settled else _waive_url(condition, user, facts, now.playbook),
        is_order=code == "delivery.requested" and not settled and user.may(Permission.ORDER),
        open=code == opened,
    )


def _who(condition: JudgedCondition, facts: DealFacts, entry: Entry | None) -> str:
    """Return for whom an open condition waits, or who settled one that holds."""
    if condition.status not in PASSABLE:
        return f"Waits for {party_to_act(condition, facts).label}"
    return entry.by if entry and condition.status == ConditionStatus.MET else ""


def _focus(form: FactForm | None) -> None:
    """Put the cursor into the first field that wants something."""
    if form is None or not form.fields:
        return
    wanting = next((name for name in form.fields if name in form.errors), next(iter(form.fields)))
    form.fields[wanting].widget.attrs["autofocus"] = True


def _waive_url(condition: JudgedCondition, user: User, facts: DealFacts, playbook: Playbook) -> str:
    """Return where this person can set a condition aside; "" where they cannot."""
    entitled = {name.casefold() for name in playbook.entitled_to_waive(condition.code)}
    wears = {hat.casefold() for hat in user.hats()}
    is_owner = facts.deal.owner.casefold() == user.get_username().casefold()
    if not condition.waivable or not entitled & wears or is_owner:
        return ""
    return reverse("web:deal-waive", args=[facts.deal.pk, condition.code])


def all_moves(facts: DealFacts, now: Moment) -> list[dict[str, Any]]:
    """Return every other stage with what is missing to enter it; going back needs nothing."""
    found = []
    for stage in now.playbook.stages:
        if stage.code == facts.deal.stage:
            continue
        gate = judge(facts, to=stage, playbook=now.playbook, at=now.at)
        missing = [worded(one.code, one.message) for one in gate.in_the_way]
        found.append({"stage": stage, "button": _button(stage, gate), "missing": missing})
    return found


def other_moves(
    facts: DealFacts, playbook: Playbook, stage: Stage | None
) -> dict[str, list[dict[str, str]]]:
    """Return the stages that a deal can go back to, and those whose gates can be looked at."""
    back: list[dict[str, str]] = []
    ahead: list[dict[str, str]] = []
    for other in playbook.stages:
        if other.code == facts.deal.stage or other == stage:
            continue
        move = {
            "code": other.code,
            "name": other.name,
            "url": page_address(facts.deal.pk, other.code),
        }
        free = not playbook.between(facts.deal.stage, other.code)
        (back if free else ahead).append(move)
    return {"back": back, "ahead": ahead}
