"""Finding things: the index proposes, and the rows decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import connection

from throughline.playbook.model import Playbook
from throughline.search.engines import engine
from throughline.search.folding import clean
from throughline.search.quoting import Parts, Wanted, marked, quoted
from throughline.search.reading.families import things_of
from throughline.search.reading.picking import picks_of
from throughline.search.words import Family, Kind, Sight, Thing

EXACTLY: Final = -1000.0  # the rank of what goes by the very words; no other comes near it
A_GROUP: Final = 5  # of each kind where all are shown
FIRST: Final = slice(0, A_GROUP)


class Row(NamedTuple):
    """One proposal of the index."""

    kind: str
    number: int
    family: str
    family_number: int
    total: int
    rank: float


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that was found, with what was asked for marked in it."""

    thing: Thing
    title: Parts
    quotation: Parts
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind: how much in all, and some of it, the best first."""

    kind: Kind
    count: int
    found: tuple[Found, ...]

    @property
    def more(self) -> int:
        """How many are not among them."""
        return self.count - len(self.found)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, the best first, and which families the index had otherwise than the rows."""

    found: tuple[Found, ...]
    count: int  # in all
    totals: Mapping[Kind, int]  # in all, by kind; of kinds that are shown
    stale: Mapping[Family, frozenset[int]]

    @property
    def groups(self) -> tuple[Group, ...]:
        """What was found by kind, the kinds first in which something goes by the very words."""
        by_kind = {
            kind: tuple(one for one in self.found if one.thing.kind == kind) for kind in Kind
        }
        listed = [Group(kind, self.totals[kind], found) for kind, found in by_kind.items() if found]
        return tuple(sorted(listed, key=lambda group: not group.found[0].is_exact))


def find(
    asked: Wanted,
    *,
    sight: Sight,
    part: slice = FIRST,
    by_kind: bool = True,
    playbook: Playbook,
) -> Findings:
    """Return what goes by some words, for somebody's sight: a part of each kind, or of all.

    A constant number of queries: one of the index, and those that read the rows of the kinds that
    are shown.
    """
    rows = _rows(asked, sight, part, by_kind=by_kind)
    things = _things(rows, playbook)
    stale: dict[Family, set[int]] = {}
    found = []
    for row in rows:
        thing = things.get((row.kind, row.number))
        if thing is None or not asked.found_in(thing) or not _is_seen(thing, sight):
            stale.setdefault(Family(row.family), set()).add(row.family_number)
        else:
            found.append(_found(thing, asked, row.rank))
    totals = {Kind(row.kind): row.total for row in rows}
    count = sum(totals.values()) if by_kind else max(totals.values(), default=0)
    return Findings(
        tuple(found), count, totals, {one: frozenset(numbers) for one, numbers in stale.items()}
    )


def _is_seen(thing: Thing, sight: Sight) -> bool:
    return thing.kind in sight.kinds and (thing.kind not in sight.desk_only or thing.on_desk)


def _found(thing: Thing, asked: Wanted, rank: float) -> Found:
    title = marked(clean(thing.title), asked)
    return Found(thing, title, quoted(thing.text, asked), rank <= EXACTLY)


def _things(rows: Iterable[Row], playbook: Playbook) -> dict[tuple[str, int], Thing]:
    picks = picks_of(
        (Kind(row.kind), row.number, Family(row.family), row.family_number) for row in rows
    )
    return {
        (thing.kind.value, thing.number): thing
        for family, pick in picks.items()
        for thing in things_of(family, pick, playbook)
    }


def _rows(asked: Wanted, sight: Sight, part: slice, *, by_kind: bool) -> list[Row]:
    if not asked.whole or not sight.kinds:
        return []
    exactly = "SELECT item_id AS id, %s AS rank FROM search_exactid WHERE word = %s"
    parts, parameters = [exactly], [EXACTLY, asked.whole]
    if asked.words:
        hits = engine().hits(asked.words)
        parts.append(hits.sql)
        parameters += hits.parameters
    kinds, desk = sorted(sight.kinds), sorted(sight.desk_only)
    sql = _SQL.format(
        hits=" UNION ALL ".join(parts),
        among="PARTITION BY item.kind" if by_kind else "",
        kinds=_marks(kinds),
        desk=_marks(desk) or "''",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *kinds, *desk, part.start, part.stop])
        return [Row(*row) for row in cursor.fetchall()]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))


# Made of our own words alone; whatever people type is a parameter.
_SQL: Final = """
WITH hit AS MATERIALIZED ({hits}),
best AS (SELECT id, min(rank) AS rank FROM hit GROUP BY id),
placed AS (
  SELECT item.kind, item.number, item.family, item.family_number, best.rank,
    count(*) OVER ({among}) AS total,
    row_number() OVER ({among} ORDER BY best.rank, item.kind, item.number DESC) AS place
  FROM best JOIN search_item item ON item.id = best.id
  WHERE item.kind IN ({kinds}) AND (item.kind NOT IN ({desk}) OR item.on_desk)
)
SELECT kind, number, family, family_number, total, rank FROM placed
WHERE place > %s AND place <= %s ORDER BY rank, kind, number DESC
"""
