"""`throughline doctor`, `export` and `migrate`: looking after an installation."""

import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click
from django.db import Error as DatabaseError

from throughline.cli.database import migrate_database, open_database
from throughline.cli.export import export_everything
from throughline.cli.reply import DONE, FAILED, Reply, now, replies, replies_anyhow
from throughline.intake.doctor import examine
from throughline.kernel.errors import Refused


@click.command()
@replies_anyhow
def doctor() -> Reply:
    """Look at the installation; say what is wrong and what to do."""
    with suppress(Refused, DatabaseError):  # its own check says what is wrong with the database
        open_database()
    checks = examine(at=now())
    lines = []
    for check in checks:
        lines.append(f"{'✓' if check.is_well else '✗'} {check.name}: {check.message}")
        if check.remedy:
            lines.append(f"    {check.remedy}")
    is_well = all(check.is_well for check in checks)
    return Reply(
        {"well": is_well, "checks": [asdict(check) for check in checks]},
        lines,
        (),
        DONE if is_well else FAILED,
    )


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@replies
def export(folder: Path) -> Reply:
    """Write everything to DIR as open files: leave at any time."""
    manifest = export_everything(folder, at=now())
    rows = sum(manifest["rows"].values())
    return Reply(manifest, [f"{rows} rows of {len(manifest['rows'])} tables are in {folder}."])


@click.command()
def migrate() -> None:
    """Bring the database up to date."""
    try:
        migrate_database()
    except DatabaseError as error:
        raise click.ClickException(
            f"The database does not answer: {str(error).strip()}."
        ) from error
    click.echo("The database is up to date.", err=True)
    sys.exit(DONE)
