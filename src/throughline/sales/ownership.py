"""Which fields of a deal are HubSpot's, and which facts would write to them."""

from collections.abc import Mapping
from typing import Any, Final

from throughline.playbook.model import Playbook
from throughline.playbook.ownership import check_ours, deal_address, is_hubspots, is_locked
from throughline.sales.models import Deal

# What a fact's form calls a field, and the deal's own name of it. The record of a community is
# looked after by its own room.
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "deal.owner": {"owner": "owner"},
    "service.tier": {"tier": "tier", "none_because": "tier_none_because"},
    "dates.agreed": {"start_on": "contract_start_on", "end_on": "contract_end_on"},
    "lost.reason": {"reason": "lost_reason"},
}


def is_owned(deal: Deal, field: str, playbook: Playbook) -> bool:
    """Return whether HubSpot has the last word on a field of a deal."""
    return bool(deal.hubspot_id) and is_hubspots(_ledger_name(deal, field, playbook), playbook)


def locked_inputs(deal: Deal, code: str, playbook: Playbook) -> dict[str, str]:
    """Return the fields of a fact's form that are changed in HubSpot alone, and the deal's names."""
    if not deal.hubspot_id:
        return {}
    return {
        name: field
        for name, field in FIELDS.get(code, {}).items()
        if is_locked(_ledger_name(deal, field, playbook), playbook)
    }


def check_fact_is_ours(
    deal: Deal, code: str, wanted: Mapping[str, Any], *, playbook: Playbook
) -> None:
    """Pass if a fact would change no field of a deal that HubSpot alone changes.

    Raises:
        OwnedElsewhere: it would; the remedy says where it is changed.
    """
    fields = FIELDS.get(code, {})
    changed = [
        fields[name]
        for name, value in wanted.items()
        if name in fields and _differs(value, getattr(deal, fields[name]))
    ]
    check_deal_is_ours(deal, *changed, playbook=playbook)


def check_deal_is_ours(deal: Deal, *changed: str, playbook: Playbook) -> None:
    """Pass if no field that would change is one that HubSpot alone changes.

    Raises:
        OwnedElsewhere: one is; the remedy says where it is changed.
    """
    if deal.hubspot_id:
        names = [_ledger_name(deal, field, playbook) for field in changed]
        check_ours(names, playbook=playbook, address=deal_address(deal.hubspot_id))


def _differs(value: Any, standing: Any) -> bool:
    """Return whether a value is another than the standing one; a tier goes by code and by name."""
    if isinstance(value, str) and isinstance(standing, str):
        return value.casefold() != standing.casefold()
    return bool(value != standing)


def _ledger_name(deal: Deal, field: str, playbook: Playbook) -> str:
    """Return how the ledger calls a field; a tier that the revenue type stands for goes by that."""
    told = field.startswith("tier") and deal.tier and deal.tier == playbook.tier_of(
        deal.revenue_type
    )  # fmt: skip
    return "deal.revenue_type" if told else f"deal.{field}"
