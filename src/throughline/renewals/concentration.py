"""Months in which so many agreements end that people should know early."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from throughline.delivery.models import Engagement
from throughline.journal.remembering import remembered
from throughline.kernel.months import month_of, months_later
from throughline.renewals.known import COVERING

MONTHS: Final = 12
LEAST: Final = 3  # fewer are no concentration …
LEAST_PCT: Final = 25  # … and neither is a smaller part of all that end within a year


@dataclass(frozen=True, slots=True)
class Concentration:
    """A month in which a large part of a year's agreements ends."""

    month: date
    count: int
    of: int

    @property
    def said(self) -> str:
        """The warning, as people say it."""
        return f"{self.count} of {self.of} end in {self.month:%B %Y}"


def concentrations(*, on: date) -> list[Concentration]:
    """Return the months of the coming year in which many end, the fullest first; one query."""
    last = months_later(month_of(on), MONTHS)
    ends = Engagement.objects.filter(
        deal__end_on__gte=on, deal__end_on__lt=last, deal__deleted_at=None
    ).values_list("deal__end_on", flat=True)
    return concentrated(ends)


def concentrations_as_known(*, on: date) -> list[Concentration]:
    """Return what `concentrations` does, remembered until an end may have moved: for pages."""
    return remembered(("concentrations", on), COVERING, lambda: concentrations(on=on))


def concentrated(ends: Iterable[date | None]) -> list[Concentration]:
    """Return the months in which many of some days lie."""
    counts = Counter(month_of(one) for one in ends if one is not None)
    total = sum(counts.values())
    found = [
        Concentration(month, count, total)
        for month, count in counts.items()
        if count >= LEAST and count * 100 >= total * LEAST_PCT
    ]
    return sorted(found, key=lambda one: (-one.count, one.month))
