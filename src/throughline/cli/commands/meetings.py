"""`throughline meeting …`: the weekly Engagement Review, from its agenda to its minutes."""

from pathlib import Path

import click

from throughline.cli.reply import Reply, by_option, day, now, operator, replies
from throughline.delivery.actions.meetings import (
    close_meeting,
    decide,
    open_meeting,
    settle_decision,
)
from throughline.delivery.meeting_shapes import agenda_shape, decision_shape, meeting_shape
from throughline.delivery.meetings import (
    agenda_for,
    decisions_of,
    find_meeting,
    minutes_of,
    open_meeting_now,
    past_meetings,
)
from throughline.delivery.models import Meeting
from throughline.delivery.queries import find_engagement
from throughline.documents.actions import write_atomically
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.current import current

FILE = click.Path(path_type=Path, dir_okay=False)
meeting_argument = click.argument("number", metavar="[M]", type=int, required=False)


@click.group()
def meeting() -> None:
    """Hold the Engagement Review. M is a review's number; without one, the review under way."""


@meeting.command("list")
@replies
def list_meetings() -> Reply:
    """List the reviews, the one under way first, then the latest."""
    found = [one for one in (open_meeting_now(), *past_meetings()) if one is not None]
    lines = [
        f"{one.pk:>6}  {one.held_on}  {f'closed by {one.closed_by}' if one.closed_at else 'open'}"
        for one in found
    ]
    return Reply([meeting_shape(one) for one in found], lines or ["No review was held yet."])


@meeting.command("agenda")
@replies
def agenda() -> Reply:
    """Say what the review under way, or the next one, looks at, each engagement once."""
    at, playbook = now(), current()
    on = day_in_zone(at, playbook.organisation.zone)
    shape = agenda_shape(agenda_for(open_meeting_now(), on=on, at=at, playbook=playbook))
    lines = []
    for part in shape["parts"]:
        lines.append(f"{part['title']}: {len(part['engagements'])}")
        lines += [
            f"{one['engagement']:>6}  {one['name']}: {one['health_why'] or one['health'] or '?'}"
            for one in part["engagements"]
        ]
    lines += [f"not settled: {one['decision']}  {one['text']}" for one in shape["standing"]]
    return Reply(shape, lines)


@meeting.command("open")
@by_option
@replies
def open_one(by: str | None) -> Reply:
    """Open today's review; one is under way at a time."""
    at = now()
    made = open_meeting(on=day_in_zone(at, current().organisation.zone), by=operator(by), at=at)
    return Reply(meeting_shape(made), [f"The review of {made.held_on} is open: {made.pk}."])


@meeting.command("decide")
@click.argument("text", metavar="TEXT")
@click.option("--of", "reference", metavar="E", help="The engagement; else it is of all.")
@click.option("--owner", default="", metavar="WHO", help="Who does it.")
@click.option("--due", metavar="DATE", help="Until when.")
@by_option
@replies
def decide_one(
    text: str, reference: str | None, owner: str, due: str | None, by: str | None
) -> Reply:
    """Write down what the review under way decides."""
    made = decide(
        _under_way().pk, text,
        number=find_engagement(reference).number if reference else None, owner=owner,
        due_on=day(due, what="--due") if due else None, by=operator(by), at=now(),
    )  # fmt: skip
    return Reply(decision_shape(made), [f"Decided ({made.pk}): {made.text}"])


@meeting.command("settle")
@click.argument("number", metavar="DECISION", type=int)
@by_option
@replies
def settle(number: int, by: str | None) -> Reply:
    """Say that a decision is carried out: no later review asks about it."""
    made = settle_decision(number, by=operator(by), at=now())
    return Reply(decision_shape(made), [f"Settled: {made.text}"])


@meeting.command("decisions")
@meeting_argument
@replies
def decisions(number: int | None) -> Reply:
    """List what a review decided."""
    made = decisions_of(find_meeting(number) if number else _under_way())
    lines = [
        f"{one.pk:>6}  {'settled' if one.settled_at else 'open':<7}  {one.text}" for one in made
    ]
    return Reply([decision_shape(one) for one in made], lines or ["Nothing is decided yet."])


@meeting.command("close")
@by_option
@replies
def close(by: str | None) -> Reply:
    """Close the review under way; its minutes stay as they are now."""
    at, playbook = now(), current()
    on = day_in_zone(at, playbook.organisation.zone)
    made = close_meeting(_under_way().pk, playbook=playbook, on=on, by=operator(by), at=at)
    shape = meeting_shape(made) | {"minutes": made.minutes}
    return Reply(shape, [f"The review of {made.held_on} is closed, and its minutes stand."])


@meeting.command("minutes")
@meeting_argument
@click.option("--to", "file", type=FILE, metavar="FILE", help="Write them there.")
@replies
def minutes(number: int | None, file: Path | None) -> Reply:
    """Print the minutes of a review as Markdown, or write them to a file."""
    at, playbook = now(), current()
    found = find_meeting(number) if number else _under_way()
    on = day_in_zone(at, playbook.organisation.zone)
    text = minutes_of(found, on=on, at=at, playbook=playbook)
    shape = meeting_shape(found) | {"minutes": text, "file": str(file) if file else None}
    if file is None:
        return Reply(shape, text.splitlines())
    try:
        write_atomically(file, text.encode())
    except OSError as error:
        raise Refused(
            f"{file} cannot be written: {error.strerror}.", remedy="Name another file."
        ) from error
    return Reply(shape, [f"The minutes are in {file}."])


def _under_way() -> Meeting:
    found = open_meeting_now()
    if found is None:
        raise Refused("No review is under way.", remedy="Open one: `throughline meeting open`.")
    return found
