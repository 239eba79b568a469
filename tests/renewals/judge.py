"""Who must be told what before an agreement ends: slow, obvious, and written from the rules alone.

It knows nothing of our code. It lives through an engagement's days as a patient clerk would: with a
calendar, a list of what was said, and the rules on one page:

- 60 days before the last day, a notice to the address for renewals; 14 and 2 days before it, to the
  Community Representatives, if it is settled that the agreement ends. 180 days before: no mail.
- Each once for one last day. Of several that were missed only the latest. None after the end.
- A term of less than 60 days has one notice at half of it instead.
- Whoever was told of a last day that is another one now is told so, and it all begins again.
- A signed successor silences it. Where nobody can be told, it waits for a name.
"""

from dataclasses import dataclass, field
from datetime import date

from tests.renewals.slow_ladder import days_left, mails_by

RENEWALS = "partnerships@2i2c.org"


@dataclass(frozen=True, order=True)
class Demand:
    """One mail that the rules demand on a day."""

    on: date
    number: int
    to: tuple[str, ...]
    subject: str


@dataclass
class Life:
    """One engagement as the clerk knows it."""

    number: int
    name: str
    start_on: date
    end_on: date | None
    is_ending: bool = False
    is_renewed: bool = False
    representative: str = ""
    told: date | None = None  # the last day that people were told
    reached: set[str] = field(default_factory=set)  # everybody who was ever told
    over: set[tuple[date, str]] = field(default_factory=set)  # said, or passed over for a later one

    def on_a_day_that_runs(self, on: date) -> list[Demand]:
        """Return what must go out on a day on which the system runs, and take it as done."""
        return self._correction(on) + self._notice(on)

    def _correction(self, on: date) -> list[Demand]:
        if self.told is None or self.end_on is None or self.told == self.end_on:
            return []
        self.told = self.end_on
        words = f"{self.end_on.day} {self.end_on:%B %Y}"
        subject = f"Agreement end date changed: {self.name} now ends on {words}"
        return [Demand(on, self.number, tuple(sorted(self.reached)), subject)]

    def _notice(self, on: date) -> list[Demand]:
        if self.end_on is None or self.is_renewed:
            return []
        come = mails_by(on, self.start_on, self.end_on, is_ending=self.is_ending)
        if not come or (self.end_on, come[-1]) in self.over:
            return []
        to = self.representative if come[-1] in {"14", "2"} else RENEWALS
        if not to:
            return []
        self.over |= {(self.end_on, step) for step in come}
        self.told = self.end_on
        self.reached.add(to)
        subject = f"Agreement expiring in {days_left(on, self.end_on)} days"
        return [Demand(on, self.number, (to,), subject)]
