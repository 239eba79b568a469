"""A deal as it was on a day: what the journal tells of that time."""

from datetime import date
from typing import Any

from throughline.communities.models import Community
from throughline.kernel.days import last_instant
from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.history import DealThen, deal_then
from throughline.sales.models import Deal
from throughline.sales.queries import facts_of
from throughline.web.moment import Moment
from throughline.web.sales.board import stage_name
from throughline.web.sales.deal_page import history
from throughline.web.templatetags.ui import day, money


def then_page(user: User, deal: Deal, on: date, now: Moment) -> dict[str, Any]:
    """Return the context of a deal's page as of the end of a day."""
    at = last_instant(on, now.playbook.organisation.zone)
    then = deal_then(deal, at=at)
    sees_money = user.may(Permission.SEE_MONEY)
    return {
        "deal": deal,
        "on": on,
        "then": then,
        "facts": _facts(deal, then, now, sees_money=sees_money) if then else [],
        "history": history(facts_of(deal, on=now.on), until=at),
    }


def _facts(deal: Deal, then: DealThen, now: Moment, *, sees_money: bool) -> list[dict[str, Any]]:
    """Return what stood then, each with what stands now where that is something else."""
    today = DealThen(**{name: getattr(deal, name) for name in DealThen.__dataclass_fields__})
    before, after = (dict(_told(one, deal, now)) for one in (then, today))
    return [
        {
            "label": label,
            "value": value,
            "note": "" if after[label] == value else f"now {after[label]}",
        }
        for label, value in before.items()
        if sees_money or label != "Amount"
    ]


def _told(known: DealThen, deal: Deal, now: Moment) -> list[tuple[str, str]]:
    tiers = {tier.code: tier.name for tier in now.playbook.tiers}
    community = Community.objects.filter(pk=known.community_id or 0).first()
    amount = "unknown" if known.amount is None else f"{money(known.amount)} {deal.currency}"
    return [
        ("Stage", stage_name(known.stage, now.playbook)),
        ("Community", community.short_name if community else "not named yet"),
        ("Owner", known.owner or "nobody"),
        ("Tier", tiers.get(known.tier, known.tier) or "not chosen"),
        ("Amount", amount),
        ("Target start", day(known.target_start_on)),
        ("Target last day", day(known.target_end_on)),
        ("Agreed start", day(known.contract_start_on)),
        ("Agreed last day", day(known.contract_end_on)),
    ]
