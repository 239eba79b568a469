"""Finding things: the index proposes, and the rows decide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from throughline.playbook.model import Playbook
from throughline.search.folding import clean
from throughline.search.proposing import EXACTLY, Row, propose
from throughline.search.quoting import Parts, Wanted, marked, quoted
from throughline.search.reading.families import things_of
from throughline.search.reading.picking import picks_of
from throughline.search.words import Family, Kind, Sight, Thing

A_GROUP: Final = 5  # of each kind where all are shown
FIRST: Final = slice(0, A_GROUP)


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
    totals: Mapping[Kind, int]  # in all, by kind
    stale: Mapping[Family, frozenset[int]]

    @property
    def count(self) -> int:
        """How much there is in all."""
        return sum(self.totals.values())

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

    A constant number of queries: those of the index, and those that read the rows of the kinds
    that are shown.
    """
    proposed = propose(asked, sight=sight, part=part, by_kind=by_kind)
    things = _things(proposed.rows, playbook)
    stale: dict[Family, set[int]] = {}
    found = []
    for row in proposed.rows:
        thing = things.get((row.kind, row.number))
        if thing is None or not asked.found_in(thing) or not _is_seen(thing, sight):
            stale.setdefault(Family(row.family), set()).add(row.family_number)
        else:
            found.append(_found(thing, asked, row.rank))
    numbers = {family: frozenset(some) for family, some in stale.items()}
    return Findings(tuple(found), proposed.totals, numbers)


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
