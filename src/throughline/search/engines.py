"""The words of all things, as each database searches them best; one interface over both.

SQLite has FTS5, PostgreSQL a `tsvector` under a GIN index. Both get words that are folded and
separated already, so they agree on what a word is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from django.db import connection

TITLE_WEIGHS: Final = 10.0
BODY_WEIGHS: Final = 1.0
MOST_POSITION: Final = 16383  # of a word in a tsvector


class Words(NamedTuple):
    """What is indexed of one item."""

    item: int
    title: Sequence[str]
    body: Sequence[str]


@dataclass(frozen=True, slots=True)
class Match:
    """How items that have some words are asked for, with `search_item` as `item`."""

    source: str
    where: str
    rank: str  # the best the lowest; only the order means anything
    newest: str  # what came into the index last is the highest
    query: str  # a parameter of `where`
    for_rank: tuple[Any, ...]  # the parameters of `rank`


class Engine(Protocol):
    """What a database must be able to do."""

    def put(self, rows: Iterable[Words]) -> None:
        """Index words of items; what was indexed of them goes."""

    def drop(self, items: Sequence[int]) -> None:
        """Forget items."""

    def clear(self) -> None:
        """Forget everything."""

    def compact(self) -> None:
        """Leave nothing behind of what was forgotten."""

    def match(self, wanted: Sequence[str]) -> Match:
        """Return how items are asked for that have all wanted words; the last may go on."""


def engine() -> Engine:
    """Return that of the database in use."""
    return Sqlite() if connection.vendor == "sqlite" else Postgres()


def _run(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)


def _marks(values: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(values))


class Sqlite:
    """FTS5 over words that are separated by spaces; its own tokenizer finds nothing else to do."""

    def put(self, rows: Iterable[Words]) -> None:
        found = list(rows)
        self.drop([one.item for one in found])
        _run(
            "INSERT INTO search_words (rowid, title, body) VALUES (%s, %s, %s)",
            [(one.item, " ".join(one.title), " ".join(one.body)) for one in found],
        )

    def drop(self, items: Sequence[int]) -> None:
        _run("DELETE FROM search_words WHERE rowid = %s", [(one,) for one in items])

    def clear(self) -> None:
        _run("DELETE FROM search_words", [()])

    def compact(self) -> None:
        # FTS5 only marks what is deleted, until it writes a segment anew.
        _run("INSERT INTO search_words (search_words) VALUES ('optimize')", [()])

    def match(self, wanted: Sequence[str]) -> Match:
        quoted = [f'"{word}"' for word in wanted]  # no word holds a quotation mark
        return Match(
            # SQLite has no figures about FTS5, and would go through all items to begin with.
            source="search_words CROSS JOIN search_item item ON item.id = search_words.rowid",
            where="search_words MATCH %s",
            rank="bm25(search_words, %s, %s)",
            newest="search_words.rowid",  # FTS5 goes backwards by it, and stops where it may
            query=" ".join(quoted) + "*",
            for_rank=(TITLE_WEIGHS, BODY_WEIGHS),
        )


class Postgres:
    """A `tsvector` that is written here, word by word: no parser of the database looks at it."""

    def put(self, rows: Iterable[Words]) -> None:
        _run(
            "INSERT INTO search_words (id, words) VALUES (%s, %s::tsvector)"
            " ON CONFLICT (id) DO UPDATE SET words = excluded.words",
            [(one.item, _vector(one)) for one in rows],
        )

    def drop(self, items: Sequence[int]) -> None:
        if items:
            _run(f"DELETE FROM search_words WHERE id IN ({_marks(items)})", [items])  # noqa: S608 -- marks only

    def clear(self) -> None:
        _run("DELETE FROM search_words", [()])

    def compact(self) -> None:
        """Do nothing: VACUUM takes old versions of these rows with those of all others."""

    def match(self, wanted: Sequence[str]) -> Match:
        query = " & ".join(f"'{word}'" for word in wanted) + ":*"
        weights = [0.0, 0.0, BODY_WEIGHS / TITLE_WEIGHS, 1.0]  # of D, C, B, A
        return Match(
            source="search_words JOIN search_item item ON item.id = search_words.id",
            where="search_words.words @@ %s::tsquery",
            rank="-ts_rank(%s::real[], search_words.words, %s::tsquery)",
            newest="item.id",
            query=query,
            for_rank=(weights, query),
        )


def _vector(one: Words) -> str:
    """Return a `tsvector` as text: each word with its places, those of the title in weight A."""
    places: dict[str, list[str]] = {}
    weighed = [(word, "A") for word in one.title] + [(word, "B") for word in one.body]
    for place, (word, weight) in enumerate(weighed, start=1):
        places.setdefault(word, []).append(f"{min(place, MOST_POSITION)}{weight}")
    # PostgreSQL keeps no more than 256 places of a word.
    return " ".join(f"'{word}':{','.join(found[:255])}" for word, found in places.items())
