"""Deals and gates as JSON: the command line and the REST API say the same, field for field."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from throughline.kernel.money import shown
from throughline.playbook.model import Playbook
from throughline.sales.gates.gate import Gate
from throughline.sales.models import Deal


def name_of(deal: Deal) -> str:
    """Return what people call a deal by: its community where there is one, and its own name."""
    if deal.community is None or deal.community.short_name in deal.name:
        return deal.name
    return f"{deal.community.short_name}: {deal.name}"


def deal_shape(deal: Deal, *, playbook: Playbook, with_money: bool) -> dict[str, Any]:
    """Return a deal as JSON; whoever need not see money gets null instead.

    The deal comes with `community` and `engagement` selected.

    Units: money in whole units of `currency`, as text with two decimals.
    Source: design §12.
    """
    return {
        "deal": deal.reference,
        "number": deal.pk,
        "hubspot_id": deal.hubspot_id,
        "name": deal.name,
        "stage": stage_name(deal.stage, playbook),
        "stage_elsewhere": deal.stage_elsewhere,  # as the source words it; "" where there is none
        "pipeline": deal.pipeline or None,
        "owner": deal.owner or None,
        "buyer": deal.buyer or None,
        "community": deal.community.short_name if deal.community else None,
        "community_id": deal.community.community_id if deal.community else None,
        "revenue_type": deal.revenue_type or None,
        "tier": tier_name(deal.tier, playbook),
        **_money(deal, with_money=with_money),
        "probability": None if deal.probability is None else float(deal.probability),
        **_days(deal),
        "lost_reason": deal.lost_reason or None,
        "engagement": deal.pk if hasattr(deal, "engagement") else None,  # one number names both
    }


def _money(deal: Deal, *, with_money: bool) -> dict[str, str | None]:
    seen = shown if with_money else _hidden
    return {
        "amount": seen(deal.amount),
        "currency": deal.currency,
        "amount_collected": seen(deal.amount_collected),
        "mrr": seen(deal.mrr),
        "arr": seen(deal.arr),
        "projected_amount": seen(deal.projected_amount),
    }


def _hidden(_amount: Decimal | None) -> None:
    return None


def _days(deal: Deal) -> dict[str, str | None]:
    return {
        "close_on": iso(deal.close_on),
        "contract_start_on": iso(deal.contract_start_on),
        "contract_end_on": iso(deal.contract_end_on),
        "target_start_on": iso(deal.target_start_on),
        "target_end_on": iso(deal.target_end_on),
        "start_on": iso(deal.start_on),
        "end_on": iso(deal.end_on),
    }


def gate_shape(gate: Gate, deal: Deal, playbook: Playbook) -> dict[str, Any]:
    """Return a gate as JSON, with every condition between here and there."""
    return {
        "deal": deal.reference,
        "from": stage_name(gate.from_stage, playbook),
        "to": stage_name(gate.to_stage, playbook),
        "open": gate.is_open,
        "conditions": [
            {
                "code": one.code,
                "status": one.status.value,
                "required": one.required,
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in gate.conditions
        ],
    }


def stage_name(code: str, playbook: Playbook) -> str | None:
    """Return what people call a stage: None where nobody has mapped it.

    A code that the playbook no longer has is its own name: a list must not fail for one deal.
    """
    return next((one.name for one in playbook.stages if one.code == code), code or None)


def tier_name(code: str, playbook: Playbook) -> str | None:
    """Return what people call a tier: None without one."""
    return next((one.name for one in playbook.tiers if one.code == code), code or None)


def iso(moment: date | datetime | None) -> str | None:
    """Return a day or an instant as JSON has it."""
    return None if moment is None else moment.isoformat()
