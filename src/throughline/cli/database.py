"""Opening the database: on SQLite, what is missing is made; elsewhere it is asked for."""

import fcntl
import io
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from throughline.kernel.errors import Refused


def is_migrated() -> bool:
    """Return whether every migration has been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def open_database() -> None:
    """Make sure that the database is there and up to date.

    Raises:
        Refused: a database that others share needs `throughline migrate` first.
    """
    if is_migrated():
        return
    if connection.vendor != "sqlite":
        raise Refused("The database is not up to date.", remedy="Run `throughline migrate`.")
    migrate_database()


def migrate_database() -> None:
    """Apply every migration; two commands at once take turns."""
    with (Path(settings.HOME) / ".migrating").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        call_command("migrate", verbosity=0, interactive=False, stdout=io.StringIO())
