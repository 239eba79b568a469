"""`throughline week`: what is due or open in the organisation's week, in numbers and lists."""

from dataclasses import asdict
from datetime import datetime, time
from zoneinfo import ZoneInfo

import click

from throughline.cli.reply import Reply, day, now, replies
from throughline.intake.week import figures
from throughline.intake.week.figures import Figure
from throughline.intake.week.look import Look
from throughline.intake.week.parts import Line
from throughline.kernel.days import day_in_zone
from throughline.playbook.current import current


@click.command()
@click.argument("figure", required=False, default="")
@click.option("--on", default="", metavar="DATE", help="Its first day; today, where left out.")
@replies
def week(figure: str, on: str) -> Reply:
    """Count what is due or open from a day through the next seven days, as the page Today does.

    With a FIGURE (gates, answers, verifications, renewals, lapses, alerts, unknowns): list exactly
    what its number counts, with whose ball it is and since when.
    """
    look = _look(on)
    told = {"on": look.on, "to": look.last_on, "zone": look.playbook.organisation.zone}
    if not figure:
        found = figures.week(look)
        head = f"{look.on} to {look.last_on} ({told['zone']})"
        return Reply(
            told | {"figures": [one.as_json() for one in found]}, [head, *map(_words, found)]
        )
    one = figures.figure(figure, look)
    lines = one.lines(0, one.count)
    document = told | one.as_json() | {"lines": [asdict(line) for line in lines]}
    return Reply(document, [_words(one), *(_line(line) for line in lines)])


def _look(on: str) -> Look:
    at, playbook = now(), current()
    zone = playbook.organisation.zone
    if on:
        at = datetime.combine(day(on, what="--on"), time(12), tzinfo=ZoneInfo(zone))
    return Look(at, day_in_zone(at, zone), playbook)


def _words(one: Figure) -> str:
    days = [
        f"next {one.next_on}" if one.next_on else "",
        f"oldest since {one.oldest_on}" if one.oldest_on else "",
    ]
    said = ", ".join(filter(None, days))
    left = f"  {one.leaves_out}" if one.leaves_out else ""
    return f"{one.count:>6}  {one.kind.label:<26}{said}{left}".rstrip()


def _line(line: Line) -> str:
    since = f"since {line.since_on}" if line.since_on else ""
    due = f"due {line.due_on}" if line.due_on else ""
    return f"  {line.name}: {line.what} [{', '.join(filter(None, [line.ball, since, due]))}]"
