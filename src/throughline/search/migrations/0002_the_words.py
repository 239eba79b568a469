"""The table of words: FTS5 on SQLite, a tsvector under a GIN index on PostgreSQL."""

from django.db import migrations

# The words come folded and separated by spaces: `ascii` leaves everything else in them alone.
SQLITE_UP = (
    """
    CREATE VIRTUAL TABLE search_words USING fts5 (
        title, body, tokenize = 'ascii', prefix = '1 2 3'
    )
    """,
)
POSTGRES_UP = (
    "CREATE TABLE search_words (id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX search_words_words ON search_words USING gin (words)",
)
DOWN = ("DROP TABLE IF EXISTS search_words",)


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement)


def make(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    _run(schema_editor, SQLITE_UP if is_sqlite else POSTGRES_UP)


def drop(apps, schema_editor):
    _run(schema_editor, DOWN)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [migrations.RunPython(make, drop)]
