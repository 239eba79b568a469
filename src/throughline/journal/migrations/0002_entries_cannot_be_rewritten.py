"""The wall around the journal: the database itself refuses to change or remove an entry."""

from django.db import migrations

SQLITE_UP = (
    """
    CREATE TRIGGER journal_entry_no_update BEFORE UPDATE ON journal_entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: record a correction'); END
    """,
    """
    CREATE TRIGGER journal_entry_no_delete BEFORE DELETE ON journal_entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only: record a correction'); END
    """,
)
SQLITE_DOWN = (
    "DROP TRIGGER IF EXISTS journal_entry_no_update",
    "DROP TRIGGER IF EXISTS journal_entry_no_delete",
)
POSTGRES_UP = (
    """
    CREATE FUNCTION journal_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the journal is append-only: record a correction'; END $$
    """,
    """
    CREATE TRIGGER journal_entry_no_change BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_entry_refuse()
    """,
    """
    CREATE TRIGGER journal_entry_no_truncate BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_entry_refuse()
    """,
)
POSTGRES_DOWN = (
    "DROP TRIGGER IF EXISTS journal_entry_no_truncate ON journal_entry",
    "DROP TRIGGER IF EXISTS journal_entry_no_change ON journal_entry",
    "DROP FUNCTION IF EXISTS journal_entry_refuse()",
)


def _run(schema_editor, sqlite, postgres):
    statements = sqlite if schema_editor.connection.vendor == "sqlite" else postgres
    for statement in statements:
        schema_editor.execute(statement)


def raise_the_wall(apps, schema_editor):
    _run(schema_editor, SQLITE_UP, POSTGRES_UP)


def take_it_down(apps, schema_editor):
    _run(schema_editor, SQLITE_DOWN, POSTGRES_DOWN)


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunPython(raise_the_wall, take_it_down)]
