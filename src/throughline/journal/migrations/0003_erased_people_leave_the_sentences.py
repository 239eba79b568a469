"""The one change that the wall lets through: an erased person's name, for their pseudonym.

An entry may change who did it and its facts, and nothing else, where it names a later entry by
which somebody was erased.
"""

from django.db import migrations, models

SAYS = "the journal is append-only: record a correction"
ERASED = "communities.contact.erased"
LET_THROUGH = f"""
    NEW.id = OLD.id AND NEW.act = OLD.act AND NEW.at = OLD.at
    AND NEW.recorded_at = OLD.recorded_at AND NEW.subject_type = OLD.subject_type
    AND NEW.subject_id = OLD.subject_id AND NEW.redacted_for > OLD.id
    AND EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.redacted_for AND act = '{ERASED}')
"""
SQLITE_UP = (
    "DROP TRIGGER IF EXISTS journal_entry_no_update",
    f"""
    CREATE TRIGGER journal_entry_no_update BEFORE UPDATE ON journal_entry
    WHEN ({LET_THROUGH}) IS NOT TRUE
    BEGIN SELECT RAISE(ABORT, '{SAYS}'); END
    """,
)
SQLITE_DOWN = (
    "DROP TRIGGER IF EXISTS journal_entry_no_update",
    f"""
    CREATE TRIGGER journal_entry_no_update BEFORE UPDATE ON journal_entry
    BEGIN SELECT RAISE(ABORT, '{SAYS}'); END
    """,
)
POSTGRES_UP = (
    f"""
    CREATE OR REPLACE FUNCTION journal_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF {LET_THROUGH} THEN RETURN NEW; END IF;
      END IF;
      RAISE EXCEPTION '{SAYS}';
    END $$
    """,
)
POSTGRES_DOWN = (
    f"""
    CREATE OR REPLACE FUNCTION journal_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{SAYS}'; END $$
    """,
)


def _run(schema_editor, sqlite, postgres):
    statements = sqlite if schema_editor.connection.vendor == "sqlite" else postgres
    for statement in statements:
        schema_editor.execute(statement)


def let_it_through(apps, schema_editor):
    _run(schema_editor, SQLITE_UP, POSTGRES_UP)


def close_the_wall(apps, schema_editor):
    _run(schema_editor, SQLITE_DOWN, POSTGRES_DOWN)


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_entries_cannot_be_rewritten")]
    operations = [
        migrations.AddField(
            model_name="entry", name="redacted_for", field=models.BigIntegerField(null=True)
        ),
        migrations.RunPython(let_it_through, close_the_wall),
    ]
