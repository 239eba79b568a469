"""The command that gives out the workbook of cloud costs, and takes it back rearranged."""

from pathlib import Path

import click

from throughline.billing.actions.rearranging import bring_workbook
from throughline.billing.workbook_taken import SHORT, take_workbook
from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.documents.actions import write_atomically
from throughline.intake.bills import bytes_of

FILE = click.Path(path_type=Path)


@click.command("workbook")
@click.option("--to", type=FILE, metavar="FILE", help="Write a copy of it, to rearrange.")
@click.option("--from", "source", type=FILE, metavar="FILE", help="Bring the copy back.")
@by_option
@replies
def workbook(to: Path | None, source: Path | None, by: str | None) -> Reply:
    """Take the workbook of cloud costs out to rearrange it, and bring it back."""
    if to is not None and source is None:
        return _taken(to)
    if source is not None and to is None:
        return _brought(source, by)
    raise click.UsageError("Give either --to or --from.")


def _taken(to: Path) -> Reply:
    taken = take_workbook()
    write_atomically(to.absolute(), taken.content)
    return Reply(
        {"file": str(to), "version": taken.version},
        [f"{to}: the workbook at version {taken.version[:SHORT]}."],
    )


def _brought(source: Path, by: str | None) -> Reply:
    done = bring_workbook(bytes_of(source), name=source.name, by=operator(by), at=now())
    return Reply(
        {"file": str(source), "version": done.document.sha256, "lacks": done.lacks},
        [f"{source.name} is the workbook now."],
        [done.lacks_said] if done.lacks else [],
    )
