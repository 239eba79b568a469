"""`throughline project …`: what a person begins, and whether its phases can begin."""

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.delivery.actions.beginning import begin_project, write_ready_field
from throughline.delivery.models import Engagement
from throughline.delivery.queries import deliverables_of, find_engagement
from throughline.delivery.readiness import ready_shape, ready_tables
from throughline.delivery.seasons import last_season, season_shape
from throughline.delivery.shapes import deliverable_shape
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current


@click.group()
def project() -> None:
    """Begin an event, a wake-up or a decommissioning, and see what each phase still asks for."""


@project.command("begin")
@click.argument("reference", metavar="E")
@click.argument("code", metavar="CODE")
@click.option("--on", required=True, metavar="DATE", help="The day that it is about.")
@click.option("--because", default="", metavar="TEXT", help="Why, where that has to be said.")
@by_option
@replies
def begin(reference: str, code: str, on: str, because: str, by: str | None) -> Reply:
    """Begin a project of the playbook, such as event, wake-up or decommission."""
    engagement = find_engagement(reference)
    made = begin_project(
        engagement.number, code, about_on=day(on, what="--on"), why=because, playbook=current(),
        by=operator(by), at=now(),
    )  # fmt: skip
    parts = [deliverable_shape(one) for one in deliverables_of(engagement).filter(project=made)]
    shape = {
        "engagement": engagement.number,
        "project": made.code,
        "title": made.title,
        "deliverables": parts,
    }
    lines = [f"  {one['due_on'] or 'no date':<10}  {one['title']}" for one in parts]
    return Reply(shape, [made.title, *lines])


@project.command("ready")
@click.argument("reference", metavar="E")
@replies
def ready(reference: str) -> Reply:
    """Say for each phase whether work on it can begin, and what is missing."""
    return _tables(find_engagement(reference))


@project.command("tell")
@click.argument("reference", metavar="E")
@click.argument("code", metavar="PROJECT")
@click.argument("field", metavar="FIELD")
@click.argument("value", metavar="VALUE")
@by_option
@replies
def tell(reference: str, code: str, field: str, value: str, by: str | None) -> Reply:
    """Fill a field of a project's table that no other page keeps, such as project.gpus."""
    engagement = find_engagement(reference)
    write_ready_field(
        engagement.number, code, field, value, playbook=current(), by=operator(by), at=now()
    )
    return _tables(engagement)


@project.command("season")
@click.argument("reference", metavar="E")
@replies
def season(reference: str) -> Reply:
    """Say what has changed since the community's last engagement, for a hub that wakes up."""
    found = last_season(find_engagement(reference))
    if found is None:
        return Reply(None, ["This community has no earlier engagement."])
    shape = season_shape(found)
    lines = [
        f"{one['what']}: {one['then'] or 'nothing'}, now {one['now'] or 'nothing'}"
        for one in shape["changed"]
    ]
    return Reply(shape, [f"Before: engagement {shape['engagement']}.", *lines])


def _tables(engagement: Engagement) -> Reply:
    playbook = current()
    on = day_in_zone(now(), playbook.organisation.zone)
    tables = ready_tables(engagement, playbook=playbook, on=on)
    lines = []
    for table in tables:
        lines.append(f"{table.title}: {'ready' if table.is_ready else 'not ready'}")
        lines += [f"  missing: {line.text} ({line.field})" for line in table.missing]
    return Reply(
        [ready_shape(table) for table in tables], lines or ["No phase of it asks for anything."]
    )
