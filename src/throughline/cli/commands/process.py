"""`throughline process`: where everything stands, how it moves, and what the coming months bring."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from throughline.cli.reply import Reply, day, now, replies
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.kernel.tables import write_rows
from throughline.playbook.current import current
from throughline.renewals.process_shapes import process_shape, tables
from throughline.sales.flow import Period, period_of


@click.command()
@click.option("--from", "from_on", default="", metavar="DATE", help="First day of the period.")
@click.option(
    "--to", "to_on", default="", metavar="DATE", help="Its last day; today, where left out."
)
@click.option(
    "--csv", "folder", metavar="DIR", help="Write the tables as CSV files to a folder, too."
)
@replies
def process(from_on: str, to_on: str, folder: str | None) -> Reply:
    """Show how much stands where, from lead to the end, and how deals go from stage to stage.

    The period is that in which deals entered a stage, and engagements ended: the last 365 days,
    where left out.
    """
    playbook = current()
    zone = playbook.organisation.zone
    begins = day(from_on, what="--from") if from_on else None
    ends = day(to_on, what="--to") if to_on else None
    period = period_of(begins, ends, today=day_in_zone(now(), zone), zone=zone)
    found = process_shape(period, playbook=playbook, sees_money=True, sees_capacity=True)
    written = _write(Path(folder), period) if folder else []
    return Reply(found | ({"files": written} if folder else {}), [*_lines(found), *written])


def _write(folder: Path, period: Period) -> list[str]:
    """Write each table to a file, and return their names.

    Raises:
        Refused: the folder cannot be written.
    """
    made = []
    every = tables(period, playbook=current(), sees_money=True, sees_capacity=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in every.items():
            header, *lines = rows()
            file = folder / f"process-{name}.csv"
            write_rows(file, [str(cell) for cell in header], lines)
            made.append(str(file))
    except OSError as error:
        raise Refused(
            f"{folder} cannot be written: {error.strerror}.", remedy="Name another folder."
        ) from error
    return made


def _lines(found: dict[str, Any]) -> Iterator[str]:
    for title, key in (("Deals", "stages"), ("Delivery", "delivery"), ("Terms", "terms")):
        yield f"{title}:"
        for one in found[key]:
            sums = ", ".join(f"{each['total']} {each['currency']}" for each in one["sums"])
            yield f"  {one['name']:<24} {one['count']:>6}  {sums}".rstrip()
    yield f"Entered from {found['from']} to {found['to']}:"
    for one in found["flow"]:
        days = (
            "" if one["half_days"] is None
            else f"; half left within {one['half_days']} d, nine in ten within"
            f" {one['nine_in_ten_days']} d"
        )  # fmt: skip
        yield (
            f"  {one['name']:<24} {one['entered']:>6}: {one['on']} on, {one['back']} back,"
            f" {one['lost']} lost, {one['still']} still there{days}"
        )
    for line in found["revenue"]:
        yield f"{line['currency']} by month, committed and weighted:"
        for month in line["months"]:
            yield f"  {month['month']} {month['committed']:>16} {month['weighted']:>16}"
