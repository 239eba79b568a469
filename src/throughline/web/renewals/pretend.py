"""“Pretend today is …”: a day in the address by which pages of renewals are shown. It changes nothing."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from throughline.intake.jobs import DayBrings, rehearse_day
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.web.moment import Moment, moment

FIELD = "pretend"
FURTHEST = 550  # days that a slider reaches: the eighteen months of the bars
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Pretence:
    """The moment by which a page is shown, and the real day beside it."""

    now: Moment
    today: date  # really
    problem: str = ""  # what was asked for is no day

    @property
    def is_on(self) -> bool:
        """Whether another day than today is shown."""
        return self.now.on != self.today

    @property
    def value(self) -> str:
        """The day as an address says it; "" for today."""
        return self.now.on.isoformat() if self.is_on else ""

    @property
    def furthest(self) -> int:
        """How many days ahead a slider reaches."""
        return FURTHEST

    @property
    def ahead(self) -> int:
        """How many days after today the shown day is, as far as a slider tells."""
        return min(max((self.now.on - self.today).days, 0), FURTHEST)

    @property
    def brings(self) -> DayBrings | None:
        """What the day would bring; None for today, which brings it by itself."""
        if not self.is_on:
            return None
        return rehearse_day(on=self.now.on, today=self.today, playbook=self.now.playbook)


def pretence(request: HttpRequest) -> Pretence:
    """Return the day that the address asks for, else today."""
    now = moment()
    try:
        wanted = parse_day(request.GET.get(FIELD, ""))
    except Refused as refused:
        return Pretence(now, now.on, f"{refused.message} {refused.remedy}")
    if wanted is None or wanted == now.on:
        return Pretence(now, now.on)
    at = datetime.combine(wanted, NOON, tzinfo=ZoneInfo(now.playbook.organisation.zone))
    return Pretence(replace(now, at=at, on=wanted), now.on)
