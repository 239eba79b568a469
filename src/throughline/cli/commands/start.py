"""`throughline start …`: the first steps with an empty installation."""

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.intake.beginning import actions
from throughline.intake.beginning.steps import Beginning, beginning
from throughline.playbook.current import current, own_path, path_in_force

SIGNS = {"done": "x", "skipped": "-", "open": " "}


@click.group()
def start() -> None:
    """Begin with an empty installation: organisation, people, playbook, what there is already."""


@start.command("show")
@replies
def show() -> Reply:
    """Say how far the first steps are, and what does the next ones."""
    return _reply(beginning(current()))


@start.command("organisation")
@click.option("--name", required=True, help="As people say it.")
@click.option("--zone", required=True, help="Whose days count, such as America/New_York.")
@click.option("--currency", required=True, help="Three letters, such as USD.")
@click.option("--renewals", required=True, metavar="ADDRESS", help="Told of ends to come.")
@click.option("--support", required=True, metavar="ADDRESS", help="Told of costs.")
@click.option("--sponsor", default="", metavar="ADDRESS", help="Told of work for the Sponsor.")
@by_option
@replies
def organisation(*, by: str | None, **told: str) -> Reply:
    """Write the organisation into a playbook of its own, in the home folder."""
    playbook = actions.tell_organisation(
        actions.OrganisationTold(**told), by=operator(by), at=now()
    )
    one, path = playbook.organisation, own_path()
    return Reply(
        {"name": one.name, "zone": one.zone, "currency": one.currency, "file": str(path)},
        [f"{one.name}, days of {one.zone}, amounts in {one.currency}: written to {path}."],
    )


@start.command("confirm")
@by_option
@replies
def confirm(by: str | None) -> Reply:
    """Say that stages, tiers and fees of the playbook in force are the organisation's own."""
    playbook = current()
    row = actions.confirm_playbook(playbook=playbook, by=operator(by), at=now())
    file = path_in_force()
    return Reply(
        {"playbook": playbook.sha256, "file": str(file) if file else None, "by": row.by},
        [f"Confirmed by {row.by}: {playbook.name} {playbook.version}, {playbook.sha256[:12]}."],
    )


@start.command("skip")
@click.argument("step")
@by_option
@replies
def skip(step: str, by: str | None) -> Reply:
    """Pass over a STEP (organisation, people, playbook, import), or put them away (all)."""
    actions.pass_over(step, by=operator(by), at=now())
    return _reply(beginning(current()))


def _reply(found: Beginning) -> Reply:
    steps = [
        {"step": one.code, "state": one.state, "stands": one.stands, "command": one.command}
        for one in found.steps
    ]
    lines = [f"{found.done} of {len(found.steps)} done."]
    for one in found.steps:
        lines.append(f"[{SIGNS[one.state]}] {one.title}: {one.stands}")
        if one.state != "done":
            lines.append(f"    {one.command}")
    return Reply({"steps": steps, "put_away": found.is_put_away}, lines)
