"""`throughline deliverable …`: what PS does on the way to "done"."""

from datetime import date, datetime

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.delivery.actions.working import (
    need_deliverable,
    need_no_more,
    own_deliverable,
    replan_deliverable,
    spend_hours,
    tick_point,
)
from throughline.delivery.models import Deliverable
from throughline.delivery.queries import deliverables_of
from throughline.delivery.shapes import deliverable_shape
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current


def changed(pk: int) -> Reply:
    """Answer with a deliverable as it is now."""
    engagement = Deliverable.objects.select_related("project__engagement").get(pk=pk).project
    shape = deliverable_shape(deliverables_of(engagement.engagement).get(pk=pk))
    ticked = sum(point["at"] is not None for point in shape["points"])
    owner = f"Owner: {shape['owner'] or 'nobody'}. Hours spent: {shape['spent_h']:g}."
    lines = [
        f"{shape['title']}: {shape['state']}, due {shape['due_on'] or 'on no date'}.",
        f"{owner} Points: {ticked} of {len(shape['points'])}.",
    ]
    return Reply(shape, lines)


@click.command("own")
@click.argument("number", metavar="N", type=int)
@click.argument("owner", metavar="WHO")
@by_option
@replies
def own(number: int, owner: str, by: str | None) -> Reply:
    """Name who of PS sees to deliverable N; "" names nobody."""
    own_deliverable(number, owner, by=operator(by), at=now())
    return changed(number)


@click.command("tick")
@click.argument("number", metavar="N", type=int)
@click.argument("point", metavar="POINT", type=int)
@click.option("--undo", is_flag=True, help="Take it back.")
@by_option
@replies
def tick(number: int, point: int, undo: bool, by: str | None) -> Reply:
    """Say that one point of the definition of done holds; points count from 1."""
    tick_point(number, point, by=operator(by), at=now(), is_done=not undo)
    return changed(number)


@click.command("spend")
@click.argument("number", metavar="N", type=int)
@click.argument("hours", metavar="HOURS")
@click.option("--on", metavar="DATE", help="When they were worked; today, where left out.")
@click.option("--note", default="", metavar="TEXT", help="What was done.")
@by_option
@replies
def spend(number: int, hours: str, on: str | None, note: str, by: str | None) -> Reply:
    """Count hours that were worked on deliverable N. Take some back after "--": spend N -- -1."""
    at = now()
    worked_on = day(on, what="--on") if on else _today(at)
    spend_hours(number, hours, on=worked_on, note=note, by=operator(by), at=at)
    return changed(number)


def _today(at: datetime) -> date:
    return day_in_zone(at, current().organisation.zone)


@click.command("need")
@click.argument("number", metavar="N", type=int)
@click.argument("needed", metavar="M", type=int)
@click.option("--no-more", is_flag=True, help="Take it back.")
@by_option
@replies
def need(number: int, needed: int, no_more: bool, by: str | None) -> Reply:
    """Say that deliverable N cannot be done before deliverable M is."""
    act = need_no_more if no_more else need_deliverable
    act(number, needed, by=operator(by), at=now())
    return changed(number)


@click.command("replan")
@click.argument("number", metavar="N", type=int)
@click.argument("due_on", metavar="DATE")
@click.option("--because", required=True, metavar="TEXT", help="Why it is moved.")
@by_option
@replies
def replan(number: int, due_on: str, because: str, by: str | None) -> Reply:
    """Move the due date of deliverable N, with a reason."""
    replan_deliverable(number, day(due_on, what="DATE"), why=because, by=operator(by), at=now())
    return changed(number)


COMMANDS = (own, tick, spend, need, replan)
