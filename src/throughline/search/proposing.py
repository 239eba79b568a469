"""What the index proposes: numbers of things, the best first. Nothing of it is shown as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db import connection

from throughline.search.engines import Match, engine
from throughline.search.quoting import Wanted
from throughline.search.words import Family, Kind, Sight

EXACTLY: Final = -1000.0  # the rank of what goes by the very words; no other comes near it
MOST_RANKED: Final = 3000  # of more, what came last is first: weighing them all would take too long
MOST_EXACT: Final = 20
COLUMNS: Final = "item.kind, item.number, item.family, item.family_number"


class Row(NamedTuple):
    """One proposal."""

    kind: str
    number: int
    family: str
    family_number: int
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class Total:
    """How much of a kind has the words, and where in the index the first and the last of it are."""

    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A part of what the index has, and how much of each kind there is in all."""

    rows: Sequence[Row] = ()
    totals: Mapping[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of SQL, made of our own words; whatever people type is a parameter."""

    sql: str
    parameters: tuple[Any, ...] = ()


def propose(asked: Wanted, *, sight: Sight, part: slice, by_kind: bool) -> Proposed:
    """Return a part of each kind, or of all, of what has all words and may be seen."""
    if not asked.words or not sight.kinds:
        return Proposed()
    match, seen = engine().match(asked.words), _seen(sight)
    there = _totals(match, seen)
    if not there:
        return Proposed()
    totals = {kind: total.count for kind, total in there.items()}
    if sum(totals.values()) <= MOST_RANKED:
        return Proposed(_ranked(match, seen, asked, part, by_kind=by_kind), totals)
    rows = list(_newest(match, seen, there, part, by_kind=by_kind))
    exact = [] if part.start else _exact(seen, asked)
    known = {(one.kind, one.number) for one in exact}
    rest = [one for one in rows if (one.kind, one.number) not in known]
    return Proposed([*exact, *rest][: None if by_kind else part.stop], totals)


def families_with(words: Sequence[str]) -> Iterator[tuple[Family, int]]:
    """Yield the families of which something has all of some words."""
    match = engine().match(words)
    sql = f"SELECT {COLUMNS} FROM {match.source} WHERE {match.where}"  # noqa: S608 -- our own words
    for row in _read(sql, [match.query]):
        yield Family(row[2]), row[3]


def _seen(sight: Sight) -> Clause:
    kinds, desk = sorted(sight.kinds), sorted(sight.desk_only)
    sql = f"item.kind IN ({_marks(kinds)})"
    if desk:
        sql += f" AND (item.on_desk OR item.kind NOT IN ({_marks(desk)}))"
    return Clause(sql, (*kinds, *desk))


def _totals(match: Match, seen: Clause) -> dict[Kind, Total]:
    sql = (
        f"SELECT item.kind, count(*), min(item.id), max(item.id) FROM {match.source}"  # noqa: S608 -- our own words
        f" WHERE {match.where} AND {seen.sql} GROUP BY item.kind"
    )
    found = _read(sql, [match.query, *seen.parameters])
    return {Kind(kind): Total(*numbers) for kind, *numbers in found}


def _ranked(match: Match, seen: Clause, asked: Wanted, part: slice, *, by_kind: bool) -> list[Row]:
    among = "PARTITION BY kind" if by_kind else ""
    sql = f"""
        WITH hit AS MATERIALIZED (
          SELECT {COLUMNS}, CASE
            WHEN item.id IN (SELECT item_id FROM search_exactid WHERE word = %s) THEN %s
            ELSE {match.rank} END AS rank
          FROM {match.source} WHERE {match.where} AND {seen.sql}
        ), placed AS (
          SELECT *, row_number() OVER ({among} ORDER BY rank, kind, number DESC) AS place FROM hit
        )
        SELECT kind, number, family, family_number, rank FROM placed
        WHERE place > %s AND place <= %s ORDER BY rank, kind, number DESC
    """  # noqa: S608 -- our own words
    given = [asked.whole, EXACTLY, *match.for_rank, match.query, *seen.parameters]
    return [Row(*row) for row in _read(sql, [*given, part.start, part.stop])]


def _newest(
    match: Match, seen: Clause, there: Mapping[Kind, Total], part: slice, *, by_kind: bool
) -> Iterator[Row]:
    """Yield what came into the index last: of each kind, or of all.

    Only between the first and the last of a kind: before them, others would be passed over.
    """
    sql = f"""
        SELECT {COLUMNS} FROM {match.source}
        WHERE {match.where} AND {match.newest} BETWEEN %s AND %s
          AND {seen.sql} AND item.kind IN ({{kinds}})
        ORDER BY {match.newest} DESC LIMIT %s OFFSET %s
    """  # noqa: S608 -- our own words
    kinds = sorted(there)
    for some in [[kind] for kind in kinds] if by_kind else [kinds]:
        marked = sql.format(kinds=_marks(some))
        among = min(there[one].first for one in some), max(there[one].last for one in some)
        given = [match.query, *among, *seen.parameters, *some]
        yield from (
            Row(*row) for row in _read(marked, [*given, part.stop - part.start, part.start])
        )


def _exact(seen: Clause, asked: Wanted) -> list[Row]:
    sql = f"""
        SELECT {COLUMNS} FROM search_item item JOIN search_exactid ON search_exactid.item_id = item.id
        WHERE search_exactid.word = %s AND {seen.sql} ORDER BY item.kind, item.number LIMIT %s
    """  # noqa: S608 -- our own words
    found = _read(sql, [asked.whole, *seen.parameters, MOST_EXACT])
    return [Row(*row)._replace(rank=EXACTLY) for row in found]


def _read(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))
