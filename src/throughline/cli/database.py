"""Opening the database: on SQLite, what is missing is made; elsewhere it is asked for."""

import fcntl
import io
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from throughline.intake.statistics import take_statistics
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
        if connection.vendor == "sqlite" and not connection.introspection.table_names():
            make_at_once()
        else:
            call_command("migrate", verbosity=0, interactive=False, stdout=io.StringIO())
        take_statistics()


def make_at_once() -> None:
    """Make an empty SQLite database as the models say, all of it or nothing.

    The migrations count as applied afterwards. Walking through them one by one takes ten times as
    long, which a first start should not; a test holds both results against each other.
    """
    connection.disable_constraint_checking()  # else SQLite makes no tables in a transaction
    try:
        with transaction.atomic():
            with connection.schema_editor() as editor:
                for model in apps.get_models():
                    if model._meta.can_migrate(connection):
                        editor.create_model(model)
            run_code_of_migrations(editor)
            recorder = MigrationRecorder(connection)
            recorder.ensure_schema()
            for app, name in MigrationLoader(connection).disk_migrations:
                recorder.record_applied(app, name)
            emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
    finally:
        connection.enable_constraint_checking()


def run_code_of_migrations(editor: BaseDatabaseSchemaEditor) -> None:
    """Do what our migrations do beside making tables, such as raising the journal's wall."""
    for operation in _code_of_migrations():
        operation.code(apps, editor)  # type: ignore[arg-type]  # the models of now do as well


def _code_of_migrations() -> Iterator[RunPython]:
    graph = MigrationLoader(None).graph
    ours = {one.label for one in apps.get_app_configs() if one.name.startswith("throughline.")}
    for app in sorted(ours & {app for app, _name in graph.nodes}):
        for leaf in graph.leaf_nodes(app):
            for node in graph.forwards_plan(leaf):
                if node[0] == app:
                    operations = graph.nodes[node].operations
                    yield from (one for one in operations if isinstance(one, RunPython))
