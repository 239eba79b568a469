"""`throughline renewals …` and `throughline reconcile …`."""

from dataclasses import asdict

import click

from throughline.cli.reply import DONE, SOMETHING_TO_DO, Reply, day, now, replies
from throughline.delivery.queries import engagements
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current
from throughline.renewals.queries import Renewal
from throughline.renewals.queries import renewals as found_renewals
from throughline.renewals.reconcile import findings
from throughline.renewals.shapes import renewal_shape

on_option = click.option("--on", default="", metavar="DATE", help="Today, where left out.")


@click.group()
def renewals() -> None:
    """See where agreements stand towards their end."""


@renewals.command("list")
@on_option
@replies
def list_renewals(on: str) -> Reply:
    """List engagements by end date, with every notice of their ladder."""
    playbook = current()
    today = day(on, what="--on") if on else day_in_zone(now(), playbook.organisation.zone)
    found = found_renewals(engagements(), on=today, playbook=playbook)
    lines = [line for one in found for line in _lines(one)] or ["No engagements."]
    return Reply([renewal_shape(one) for one in found], lines)


def _lines(one: Renewal) -> list[str]:
    deal = one.standing.deal
    left = "" if one.days_left is None else f", {one.days_left} days"
    head = f"{deal.pk:>6}  {deal.end_on or 'no end date'}{left}  {one.state.label}  {deal.name}"
    return [
        head,
        *(f"          {notice.step:>9} due {notice.due_on}  {notice.state.label}"
          for notice in one.notices),
    ]  # fmt: skip


@click.group()
def reconcile() -> None:
    """Hold agreements against what runs."""


@reconcile.command("infrastructure")
@on_option
@replies
def infrastructure(on: str) -> Reply:
    """Find hubs without agreement, agreements without hub, and payers that differ."""
    zone = current().organisation.zone
    found = findings(on=day(on, what="--on") if on else day_in_zone(now(), zone))
    return Reply(
        {"findings": [asdict(one) for one in found]},
        [
            f"{one.code:<25} {one.cluster or '-':<22} {one.deal_id or '-':<14} {one.message}"
            for one in found
        ]
        or ["Agreements and infrastructure agree."],
        (),
        SOMETHING_TO_DO if found else DONE,
    )
