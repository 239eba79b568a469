"""Which rows are read: those of whole families for the index, or single ones to be shown."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from throughline.search.words import Family, Kind


@dataclass(frozen=True, slots=True)
class Pick:
    """Some families of one sort; of each kind the chosen rows alone, or everything (None)."""

    numbers: Collection[int]
    chosen: Mapping[Kind, Collection[int]] | None = None

    def rows(self, kind: Kind, found: QuerySet[Any], family: str = "pk") -> QuerySet[Any]:
        """Return the rows of a kind that are read; `family` leads from one to its family.

        Where none of the kind is chosen, nothing is asked of the database.
        """
        if self.chosen is None:
            return found.filter(**{f"{family}__in": self.numbers})
        return found.filter(pk__in=self.chosen[kind]) if self.wants(kind) else found.none()

    def wants(self, kind: Kind) -> bool:
        """Return whether anything of a kind is read."""
        return self.chosen is None or kind in self.chosen


def picks_of(rows: Iterable[tuple[Kind, int, Family, int]]) -> dict[Family, Pick]:
    """Return what is read to show rows: kind, number, and the family that each belongs to."""
    numbers: dict[Family, set[int]] = {}
    chosen: dict[Family, dict[Kind, set[int]]] = {}
    for kind, number, family, family_number in rows:
        numbers.setdefault(family, set()).add(family_number)
        chosen.setdefault(family, {}).setdefault(kind, set()).add(number)
    return {family: Pick(found, chosen[family]) for family, found in numbers.items()}
