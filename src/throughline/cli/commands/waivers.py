"""`throughline waiver …`: what is set aside, how long still, and taking it back."""

import click

from throughline.cli.reply import Reply, day, now, replies
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current
from throughline.sales.actions.waive import renew_waiver, withdraw_waiver
from throughline.sales.setaside import past_waivers, standing_waivers, waiver_shape, waivers

who_option = click.option("--by", required=True, metavar="WHO", help="Somebody entitled to.")


@click.group()
def waiver() -> None:
    """Conditions that were set aside. W is a waiver's number."""


@waiver.command("list")
@click.option("--state", type=click.Choice(["standing", "past", "all"]), default="standing")
@replies
def list_waivers(state: str) -> Reply:
    """List waivers: those that count, where nothing else is said."""
    on = day_in_zone(now(), current().organisation.zone)
    found = {
        "standing": standing_waivers(on=on),
        "past": past_waivers(on=on),
        "all": waivers(),
    }[state]
    shapes = [waiver_shape(one, on=on) for one in found]
    lines = [
        f"{one['waiver']:>5}  until {one['until']}  {one['code']} of deal {one['deal']}, by"
        f" {one['by']}: {one['reason']}"
        for one in shapes
    ]
    return Reply(shapes, lines or ["No waivers."])


@waiver.command("renew")
@click.argument("number", metavar="W", type=int)
@click.option("--until", required=True, metavar="DATE", help="Last day on which it counts.")
@click.option("--reason", default="", help="The old one, where left out.")
@who_option
@replies
def renew(number: int, until: str, reason: str, by: str) -> Reply:
    """Set the same condition aside for longer."""
    at, last, playbook = now(), day(until, what="--until"), current()
    made = renew_waiver(number, reason=reason, until=last, playbook=playbook, by=by, at=at)
    shape = waiver_shape(made, on=day_in_zone(at, playbook.organisation.zone))
    return Reply(shape, [f"{made.code} is waived for {made.deal} until {made.until_on}."])


@waiver.command("withdraw")
@click.argument("number", metavar="W", type=int)
@who_option
@replies
def withdraw(number: int, by: str) -> Reply:
    """End a waiver: its condition counts again."""
    at, playbook = now(), current()
    ended = withdraw_waiver(number, playbook=playbook, by=by, at=at)
    shape = waiver_shape(ended, on=day_in_zone(at, playbook.organisation.zone))
    return Reply(shape, [f"{ended.code} counts again for {ended.deal}."])
