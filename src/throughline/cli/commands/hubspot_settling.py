"""`throughline hubspot …`: labels and properties, orders that wait, merged deals to settle."""

from typing import Any, Final

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.intake.hubspot.actions.mapped import map_field, map_label
from throughline.intake.hubspot.actions.merges import Decision, open_merges, settle_merge
from throughline.intake.hubspot.actions.orders import waiting_orders
from throughline.intake.models import HowSettled, HubSpotField, HubSpotLabel, HubSpotMerge
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current
from throughline.sales.models import Deal
from throughline.sales.queries import find_deal

NOTHING: Final = "none"


@click.command("labels")
@replies
def labels() -> Reply:
    """Show the labels of contacts as they were last read, and the role each stands for."""
    rows = list(HubSpotLabel.objects.all())
    names = {one.code: one.name for one in current().engagement_roles}
    return Reply(
        [_label(row) for row in rows],
        [f"{row}: {names.get(row.code, 'not mapped')}" for row in rows]
        or ["HubSpot was not read yet, or its deals and contacts have no labels."],
    )


@click.command("map-label")
@click.argument("key", metavar="ID")
@click.argument("role")
@by_option
@replies
def map_label_(key: str, role: str, by: str | None) -> Reply:
    """Say that the label ID stands for ROLE, or for none; the next reading gives the roles."""
    told = "" if role == NOTHING else role
    row = map_label(key, told, playbook=current(), by=operator(by), at=now())
    return Reply(_label(row), [f"{row} stands for {row.code or 'no role of ours'}."])


@click.command("fields")
@replies
def fields() -> Reply:
    """Show the properties of your own as they were last read, and what each fills here."""
    rows = list(HubSpotField.objects.all())
    return Reply(
        [_field(row) for row in rows],
        [f"{row}: {row.column or 'kept with the deal'}" for row in rows]
        or ["HubSpot was not read yet, or its deals have no properties of your own."],
    )


@click.command("map-field")
@click.argument("name")
@click.argument("column", metavar="FIELD")
@by_option
@replies
def map_field_(name: str, column: str, by: str | None) -> Reply:
    """Say that the property NAME fills FIELD, or none; the next reading carries it over."""
    told = "" if column == NOTHING else column
    row = map_field(name, told, by=operator(by), at=now())
    return Reply(_field(row), [f"{row} fills {row.column or 'nothing: it is kept with the deal'}."])


@click.command("orders")
@replies
def orders() -> Reply:
    """Show the orders of HubSpot that wait, and what is in their way."""
    found = waiting_orders()
    return Reply(
        [
            {"order": row.order_id, "deal": row.deal_id, "why": row.refusal, "seen_at": row.seen_at}
            for row, _deal in found
        ],
        [
            f"order {row.order_id} of {deal or row.deal_id}:"
            f" {row.refusal or 'placed with the next reading'}"
            for row, deal in found
        ]
        or ["No order waits."],
    )


@click.command("merges")
@replies
def merges() -> Reply:
    """Show the deals that HubSpot merged while each was being delivered here."""
    rows = list(open_merges(on=day_in_zone(now(), current().organisation.zone)))
    deals = Deal.objects.in_bulk({number for row in rows for number in row.deals})
    return Reply(
        [_merge(row) for row in rows],
        [
            f"{row}: {', '.join(f'{deals[one]}, our number {one}' for one in row.deals)}"
            for row in rows
        ]
        or ["No merge waits."],
    )


@click.command("settle")
@click.argument("survivor", metavar="ID")
@click.argument("how", type=click.Choice(HowSettled.values))
@click.option("--keep", required=True, metavar="D", help="The deal that goes on under ID.")
@click.option("--reason", required=True, help="Why, in one sentence.")
@click.option("--until", metavar="DATE", help="Where both are kept: the last day of that.")
@by_option
@replies
def settle(
    survivor: str, how: str, keep: str, reason: str, until: str | None, by: str | None
) -> Reply:
    """Say which engagement goes on after HubSpot merged the deals of two into ID.

    join adds the work of the other to it; keep lets the other end as it is; both keeps
    two engagements for a while, against the rule of one for each deal.
    """
    until_on = day(until, what="--until") if until else None
    decision = Decision(HowSettled(how), find_deal(keep).pk, reason, until_on)
    row = settle_merge(survivor, decision, playbook=current(), by=operator(by), at=now())
    return Reply(_merge(row), [f"{row} is settled: {row.get_how_display()}."])


def _label(row: HubSpotLabel) -> dict[str, Any]:
    return {
        "id": row.key, "label": row.label, "role": row.code, "chosen_by": row.chosen_by,
        "gone_at": row.gone_at,
    }  # fmt: skip


def _field(row: HubSpotField) -> dict[str, Any]:
    return {
        "name": row.name, "label": row.label, "field": row.column, "chosen_by": row.chosen_by,
        "gone_at": row.gone_at,
    }  # fmt: skip


def _merge(row: HubSpotMerge) -> dict[str, Any]:
    return {
        "survivor": row.survivor_id, "deals": row.deals, "how": row.how, "kept": row.kept,
        "reason": row.reason, "until": row.until_on, "settled_by": row.settled_by,
    }  # fmt: skip


SETTLING: Final = (labels, map_label_, fields, map_field_, orders, merges, settle)
