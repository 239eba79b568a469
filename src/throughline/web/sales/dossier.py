"""What is known about a deal, as lists of facts with their source."""

from datetime import date
from typing import Any, Final

from django.urls import reverse

from throughline.intake.freshness import last_read
from throughline.playbook.model import Playbook
from throughline.playbook.ownership import deal_address
from throughline.sales.models import Deal
from throughline.sales.ownership import is_owned
from throughline.sales.queries import DealFacts, is_executed
from throughline.sales.words import AgreementKind
from throughline.web.moment import Moment, ago
from throughline.web.templatetags.ui import day, money

AMOUNTS: Final = (
    ("amount_collected", "Collected"),
    ("mrr", "Each month"),
    ("arr", "Each year"),
    ("projected_amount", "Projected"),
)


HUBSPOT: Final = "HubSpot ↗"
HERE: Final[dict[str, str]] = {"source": "here"}


def source_of(deal: Deal, field: str, playbook: Playbook) -> dict[str, str]:
    """Return who owns a field, as a fact says it: HubSpot, with where it is changed; else here."""
    if is_owned(deal, field, playbook):
        return {"source": HUBSPOT, "source_url": deal_address(deal.hubspot_id)}
    return HERE


def money_facts(deal: Deal, playbook: Playbook) -> list[dict[str, Any]]:
    """Return the amounts of a deal; those that nobody has told are left out, but for the first."""
    facts = [_amount(deal, "amount", "Amount", playbook)]
    facts += [
        _amount(deal, name, label, playbook)
        for name, label in AMOUNTS
        if getattr(deal, name) is not None
    ]
    if deal.probability is not None:
        source = source_of(deal, "probability", playbook)
        facts.append({"label": "Probability", "value": f"{deal.probability:.0%}", **source})
    return facts


def _amount(deal: Deal, name: str, label: str, playbook: Playbook) -> dict[str, Any]:
    value = getattr(deal, name)
    words = "unknown" if value is None else f"{money(value)} {deal.currency}"
    return {"label": label, "value": words, **source_of(deal, name, playbook)}


def what_it_is(facts: DealFacts, now: Moment) -> list[dict[str, Any]]:
    """Return what names and places a deal."""
    deal, community, playbook = facts.deal, facts.deal.community, now.playbook
    tiers = {tier.code: tier.name for tier in playbook.tiers}
    none = f"none, because {deal.tier_none_because}" if deal.tier_none_because else "not chosen"
    listed: list[dict[str, Any]] = [
        {
            "label": "Community",
            "value": community.short_name if community else "not named yet",
            "url": reverse("web:community", args=[community.pk]) if community else "",
            "note": (community.community_id or "") if community else "",
            **HERE,
        },
        {
            "label": "Owner",
            "value": deal.owner or "nobody",
            **source_of(deal, "owner", playbook),
        },
        {
            "label": "Tier",
            "value": tiers.get(deal.tier, deal.tier) or none,
            **source_of(deal, "tier", playbook),
        },
    ]
    optional = (
        ("Buyer", deal.buyer, source_of(deal, "buyer", playbook)),
        ("Pipeline", deal.pipeline, source_of(deal, "pipeline", playbook)),
        ("Legal", _legal(deal), HERE),
    )
    listed += [
        {"label": label, "value": value, **source} for label, value, source in optional if value
    ]
    listed.append({
        "label": "Number", "value": str(deal.pk), "source": _hubspot(deal),
        "source_url": deal_address(deal.hubspot_id), "note": _read(deal, now),
    })  # fmt: skip
    return listed


def _read(deal: Deal, now: Moment) -> str:
    """Return how old what is shown of HubSpot is."""
    at = last_read(deal)
    return f"last read {ago(at, at=now.at)}" if at else ""


def _legal(deal: Deal) -> str:
    return f"needed: {deal.legal_needed_because}" if deal.legal_needed_because else ""


def _hubspot(deal: Deal) -> str:
    return f"HubSpot {deal.hubspot_id} ↗" if deal.hubspot_id else ""


def term_rows(facts: DealFacts) -> list[dict[str, Any]]:
    """Return start and end as targeted, agreed and signed; what contradicts is marked."""
    deal, agreement = facts.deal, facts.agreement
    start, end = (agreement.effective_on, agreement.end_on) if agreement else (None, None)
    last = facts.signed_end or end  # an executed extension moves the end, and contradicts nothing
    moved = end and deal.contract_end_on in {end, last}
    rows = (
        ("Start", deal.target_start_on, deal.contract_start_on, start, start),
        ("Last day", deal.target_end_on, deal.contract_end_on, last, None if moved else end),
    )
    return [_term_row(*row) for row in rows]


def term_sources(deal: Deal, playbook: Playbook) -> dict[str, dict[str, str]]:
    """Return who owns the targeted, agreed and signed dates."""
    return {
        "target": source_of(deal, "target_start_on", playbook),
        "agreed": source_of(deal, "contract_start_on", playbook),
        "signed": HERE,
    }


def _term_row(
    label: str,
    target: date | None,
    agreed: date | None,
    signed: date | None,
    stated: date | None,
) -> dict[str, Any]:
    """Return one row of dates; `stated` is what the agreement says where that must be agreed."""
    clash = bool(agreed and stated and agreed != stated)
    return {
        "label": label,
        "cells": [
            {"on": target, "clash": False},
            {"on": agreed, "clash": clash},
            {"on": signed, "clash": clash},
        ],
        "clash": clash,
        "moved": bool(target and agreed and target != agreed),
    }


def role_holders(facts: DealFacts, playbook: Playbook) -> list[dict[str, Any]]:
    """Return each role with the people who have it; a required one that nobody has is a gap."""
    rows = []
    for role in playbook.engagement_roles:
        holders = [one.contact for one in facts.roles if one.role == role.code]
        if holders or role.required:
            rows.append({"role": role.name, "holders": holders})
    return rows


def promises_of(facts: DealFacts) -> list[dict[str, Any]]:
    """Return the deliverables of the statement of work with hours and due date."""
    if facts.statement is None:
        return []
    due, deal = facts.deal.deliverable_dates, facts.deal
    return [
        {
            "title": one["title"],
            "hours": hours_words(one.get("low_h"), one.get("high_h")),
            "due_on": date.fromisoformat(due[one["title"]]) if one["title"] in due else None,
            "clash": _is_outside(due.get(one["title"]), deal),
        }
        for one in facts.statement.content["deliverables"]
    ]


def hours_words(low: object, high: object) -> str:
    """Return an estimate in words: "10–20 h"; "" where there is none."""
    if low is None or high is None:
        return ""
    return f"{float(str(low)):g}–{float(str(high)):g} h"


def _is_outside(due: str | None, deal: Deal) -> bool:
    if due is None:
        return False
    on = date.fromisoformat(due)
    return bool((deal.start_on and on < deal.start_on) or (deal.end_on and on > deal.end_on))


def agreement_facts(facts: DealFacts, *, sees_money: bool) -> list[dict[str, Any]]:
    """Return what governs the deal; nothing where no document is named."""
    agreement = facts.agreement
    if agreement is None:
        return []
    listed: list[dict[str, Any]] = [
        {"label": agreement.get_kind_display(), "value": agreement.title},
        {"label": "State", "value": "executed" if is_executed(agreement) else "not executed"},
    ]
    if agreement.kind == AgreementKind.PURCHASE_ORDER:
        accepted = day(agreement.accepted_on) if agreement.accepted_on else "not yet"
        listed.append({"label": "Accepted", "value": accepted})
    optional = (("Number", agreement.reference), ("Kept at", agreement.location))
    listed += [{"label": label, "value": value} for label, value in optional if value]
    if sees_money and agreement.ceiling is not None:
        words = f"{money(agreement.ceiling)} {facts.deal.currency}"
        listed.append({"label": "Ceiling", "value": words})
    return listed


def signing_facts(facts: DealFacts) -> list[dict[str, Any]]:
    """Return who signs for each party, and where it stands."""
    found = facts.agreement.signatories.all() if facts.agreement else []
    return [
        {"signatory": one, "status": "met" if one.signed_on else "unmet"}
        for one in sorted(found, key=lambda one: one.position)
    ]
