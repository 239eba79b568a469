"""What a deal's page shows."""

from typing import Any

from throughline.delivery.history import history_of
from throughline.delivery.models import Engagement
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.actions.order import ORDERABLE
from throughline.sales.gates.ball import ball_holder
from throughline.sales.queries import DealFacts
from throughline.sales.words import ExceptionState
from throughline.web.journal.events import events_of
from throughline.web.moment import Moment
from throughline.web.sales.board import (
    capacity_light,
    days_in_stage,
    next_gate,
    settled_words,
    stage_name,
)
from throughline.web.sales.dossier import (
    agreement_facts,
    money_facts,
    promises_of,
    role_holders,
    signing_facts,
    term_rows,
    what_it_is,
)
from throughline.web.sales.fact_form_for import may_record
from throughline.web.sales.gate_panel import Tried, gate_panel

HISTORY = 40  # entries; the journal has the others


def deal_page(user: User, facts: DealFacts, now: Moment, tried: Tried) -> dict[str, Any]:
    """Return the context of a deal's page."""
    deal = facts.deal
    gate = next_gate(facts, now)
    engagement = Engagement.objects.filter(pk=deal.pk).first()
    return {
        "deal": deal,
        "community": deal.community,
        "stage_name": stage_name(deal.stage, now.playbook),
        "days": days_in_stage(facts, now),
        "ball": ball_holder(gate, facts).label if gate else "",
        "settled": settled_words(facts, now),
        "capacity": capacity_light(facts, now),
        "panel": gate_panel(user, facts, now, tried),
        "sees_money": user.may(Permission.SEE_MONEY),
        "engagement": engagement,
        "order": order_panel(user, facts, now, tried, engagement),
        "events": events_of(history_of(deal)[:HISTORY], user),
        "edits": {
            code.replace(".", "_"): may_record(user, code, facts)
            for code in ("dates.agreed", "community.people", "agreement.artefact", "service.tier",
                         "deal.owner", "legal.involved", "sow.signed_off", "capacity.answered")
        },
    } | dossier(user, facts, now)  # fmt: skip


def dossier(user: User, facts: DealFacts, now: Moment) -> dict[str, Any]:
    """Return what is known about a deal; its money only to those who may see it."""
    deal, statement = facts.deal, facts.statement
    sees_money = user.may(Permission.SEE_MONEY)
    return {
        "about": what_it_is(facts, now.playbook),
        "money": money_facts(deal) if sees_money else [],
        "terms": term_rows(facts),
        "people": role_holders(facts, now.playbook),
        "statement": statement,
        "versions": len(deal.statements_of_work.all()),
        "sign_offs": sign_offs(facts, now),
        "promises": promises_of(facts),
        "agreement": agreement_facts(facts, sees_money=sees_money),
        "signatories": signing_facts(facts),
        "sponsor_work": sorted(deal.sponsor_work.all(), key=lambda one: one.pk),
        "exceptions": [one for one in deal.exceptions.all() if one.state == ExceptionState.OPEN],
        "past_exceptions": [
            one for one in deal.exceptions.all() if one.state != ExceptionState.OPEN
        ],
        "waivers": [
            {"waiver": one, "expired": one.until_on < now.on}
            for one in sorted(deal.waivers.all(), key=lambda one: one.until_on, reverse=True)
        ],
        "early_starts": [
            {"early": one, "expired": one.until_on < now.on} for one in deal.early_starts.all()
        ],
        "answer": facts.capacity,
    }


def sign_offs(facts: DealFacts, now: Moment) -> list[dict[str, Any]]:
    """Return each role that signs off the statement of work, with who has."""
    if facts.statement is None:
        return []
    signed = {one.role: one for one in facts.statement.sign_offs.all()}
    return [
        {"role": role.name, "sign_off": signed.get(role.code)}
        for role in now.playbook.signoff_roles
    ]


def order_panel(
    user: User, facts: DealFacts, now: Moment, tried: Tried, engagement: Engagement | None
) -> dict[str, Any]:
    """Return where the order stands, and what this person can do about it."""
    deal = facts.deal
    orderable = deal.stage in ORDERABLE and engagement is None
    return {
        "is_due": orderable,
        "may": orderable and user.may(Permission.ORDER),
        "may_allow_early": orderable and user.may(Permission.WAIVE) and not hasattr(deal, "order"),
        "placed": getattr(deal, "order", None),
        "refused": tried.order_refused,
        "on": now.on,
    }
