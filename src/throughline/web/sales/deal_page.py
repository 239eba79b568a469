"""What a deal's page shows."""

from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from throughline.delivery.history import history_of
from throughline.delivery.models import Engagement
from throughline.delivery.returns import handoff_ball
from throughline.intake.hubspot.differing import both_sides
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.actions.conflicts import ELSEWHERE
from throughline.sales.actions.order import ORDERABLE
from throughline.sales.actions.record import FACTS
from throughline.sales.actions.summary import summary_of
from throughline.sales.agreement_notes import order_notes
from throughline.sales.models import GateException
from throughline.sales.queries import DealFacts
from throughline.sales.waiting import ball_of
from throughline.sales.words import ExceptionState
from throughline.web.fact_words import FACTS_ASKED, condition_name
from throughline.web.journal.events import events_of
from throughline.web.moment import Moment
from throughline.web.review_lines import shown_reviews
from throughline.web.sales.board import (
    capacity_light,
    days_since,
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
    term_sources,
    what_it_is,
)
from throughline.web.sales.fact_form_for import may_record
from throughline.web.sales.forms import ExplainForm
from throughline.web.sales.gate_panel import Tried, gate_panel, standing_of
from throughline.web.sales.terms import for_page

SOURCES: Final = {"mail.": "Mail", "sales.signature.": "Signature", "handoff.": "GitHub"}
HISTORY = 60  # entries; the journal has the others
OPEN = 12  # of them; the others are folded


def deal_page(user: User, facts: DealFacts, now: Moment, tried: Tried) -> dict[str, Any]:
    """Return the context of a deal's page."""
    deal = facts.deal
    gate = next_gate(facts, now)
    ball = ball_of(gate, facts) if gate else None
    engagement = Engagement.objects.filter(pk=deal.pk).first()
    return {
        "deal": deal,
        "community": deal.community,
        "stage_name": stage_name(deal.stage, now.playbook),
        "days": days_since(deal.stage_since, now),
        "ball": ball.party.label if ball else "",
        "ball_since": ball.since if ball else None,
        "settled": settled_words(facts, now),
        "both_sides": both_sides(deal, now.playbook),
        "capacity": capacity_light(facts, now),
        "panel": gate_panel(user, facts, now, tried),
        "explain": tried.explain or ExplainForm(),
        "sees_money": user.may(Permission.SEE_MONEY),
        "engagement": engagement,
        "handoff_ball": handoff_ball(engagement) if engagement else None,
        "order": order_panel(user, facts, now, tried, engagement),
        "history": history(facts),
        "edits": {code.replace(".", "_"): may_record(user, code, facts) for code in FACTS},
        "recordable": [
            {"name": asked.title, "url": reverse("web:deal-record", args=[deal.pk, code])}
            for code, asked in FACTS_ASKED.items()
            if may_record(user, code, facts)
        ],
    } | dossier(user, facts, now)


def history(facts: DealFacts, *, until: datetime | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return what happened, the latest open and the rest folded; repeated things are told once.

    `until` leaves out what happened after an instant.
    """
    told: list[dict[str, Any]] = []
    found = (
        history_of(facts.deal) if until is None else history_of(facts.deal).filter(at__lte=until)
    )
    entries = list(found[:HISTORY])
    for entry, event in zip(entries, events_of(entries, _names(facts)), strict=True):
        one = event | {"text": for_page(event["text"]), "times": 1, "source": told_by(entry)}
        if told and all(told[-1][key] == one[key] for key in ("text", "by", "at")):
            told[-1]["times"] += 1
        else:
            told.append(one)
    for event in told:
        if event["times"] > 1:
            event["text"] = f"{event['text']} ({event['times']} times)"
    return {"latest": told[:OPEN], "earlier": told[OPEN:]}


def told_by(entry: Entry) -> str:
    """Return the system that an entry comes from; "" for what was written down here."""
    if "hubspot" in entry.by.casefold() or entry.act == ELSEWHERE:
        return "HubSpot"
    return next((name for start, name in SOURCES.items() if entry.act.startswith(start)), "")


def _names(facts: DealFacts) -> dict[tuple[str, int], str]:
    """Return how the history calls things that are not the deal itself."""
    return {("communities.roleassignment", one.pk): one.contact.full_name for one in facts.roles}


def dossier(user: User, facts: DealFacts, now: Moment) -> dict[str, Any]:
    """Return what is known about a deal; its money only to those who may see it."""
    deal, statement = facts.deal, facts.statement
    sees_money = user.may(Permission.SEE_MONEY)
    return {
        "about": what_it_is(facts, now),
        "money": money_facts(deal, now.playbook) if sees_money else [],
        "terms": term_rows(facts),
        "term_sources": term_sources(deal, now.playbook),
        "people": role_holders(facts, now.playbook),
        "agreed": agreed_mail(facts, now) if user.may(Permission.EDIT_DEALS) else None,
        "statement": statement,
        "versions": len(deal.statements_of_work.all()),
        "sign_offs": sign_offs(facts, now),
        "promises": promises_of(facts),
        "agreement": agreement_facts(facts, sees_money=sees_money),
        "signatories": signing_facts(facts),
        "order_notes": [
            {"message": for_page(one.message), "remedy": one.remedy}
            for one in order_notes(deal, facts.documents, on=now.on)
        ],
        "sponsor_work": sorted(deal.sponsor_work.all(), key=lambda one: one.pk),
        "exceptions": [
            _exception(one, user, facts, now)
            for one in deal.exceptions.all()
            if one.state == ExceptionState.OPEN
        ],
        "past_exceptions": [
            one for one in deal.exceptions.all() if one.state != ExceptionState.OPEN
        ],
        "waivers": [
            {"waiver": one, "name": condition_name(one.code), "expired": not one.counts(now.on)}
            for one in sorted(deal.waivers.all(), key=lambda one: one.until_on, reverse=True)
        ],
        "early_starts": [
            {"early": one, "expired": one.until_on < now.on} for one in deal.early_starts.all()
        ],
        "answer": facts.capacity,
        "reviews": shown_reviews(
            sorted(deal.reviews.all(), key=lambda one: one.pk, reverse=True), now
        ),
        "may_ask": user.may(Permission.ASK_PS),
        "early_start_over": facts.early_start_over(now.on),
    }


def agreed_mail(facts: DealFacts, now: Moment) -> dict[str, Any] | None:
    """Return the mail that tells the community what was agreed, and whether it went; None before."""
    if not facts.deal.verbal_closes.all():
        return None
    try:
        draft = summary_of(facts, playbook=now.playbook)
    except Refused as refused:
        return {"refused": refused}
    return {"draft": draft, "sent": Message.objects.filter(key=draft.key).first()}


def _exception(
    exception: GateException, user: User, facts: DealFacts, now: Moment
) -> dict[str, Any]:
    """Return a move past an open gate, with how each condition stands today and where to do it."""
    conditions = []
    for code in exception.conditions:
        found = standing_of(code, facts, now)
        able = code in FACTS and may_record(user, code, facts)
        conditions.append({
            "name": condition_name(code),
            "status": found.status if found else "unknown",
            "word": "holds now" if found and found.status == "met" else "does not hold",
            "url": reverse("web:deal-record", args=[facts.deal.pk, code]) if able else "",
        })  # fmt: skip
    return {
        "from": stage_name(exception.from_stage, now.playbook),
        "to": stage_name(exception.to_stage, now.playbook),
        "found_by": exception.found_by,
        "found_at": exception.found_at,
        "conditions": conditions,
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
        "may_allow_early": orderable
        and user.may(Permission.ALLOW_EARLY_START)
        and not hasattr(deal, "order"),
        "placed": getattr(deal, "order", None),
        "refused": tried.order_refused,
        "on": now.on,
    }
