"""The day that a week begins with, and what is read for it once however often it is asked about."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final

from throughline.kernel.days import day_in_zone
from throughline.playbook.model import Playbook
from throughline.renewals.known import running_as_known
from throughline.renewals.lapse import Running
from throughline.renewals.reading import Standings
from throughline.sales.judging import Judging

DAYS: Final = timedelta(days=7)  # today, and the seven days after it


@dataclass(frozen=True)
class Look:
    """An instant, the organisation's calendar day then, and the playbook in force."""

    at: datetime
    on: date
    playbook: Playbook

    @property
    def key(self) -> tuple[date, str]:
        """What answers of this day depend on beside the database."""
        return self.on, self.playbook.sha256

    @property
    def last_on(self) -> date:
        """The last day of the week."""
        return self.on + DAYS

    def day(self, moment: date | datetime | None) -> date | None:
        """Return the organisation's calendar day of an instant; a day as it is."""
        if isinstance(moment, datetime):
            return day_in_zone(moment, self.playbook.organisation.zone)
        return moment

    @cached_property
    def judging(self) -> Judging:
        """Deals with the gates that follow."""
        return Judging(self.playbook, self.at)

    @cached_property
    def standings(self) -> Standings:
        """Engagements with what their ladders depend on."""
        return Standings(self.playbook, self.on)

    @cached_property
    def running(self) -> list[Running]:
        """What runs without agreement, what must be decided first at the top."""
        found = running_as_known(on=self.on, playbook=self.playbook)
        return sorted(found, key=lambda one: not one.must_be_decided)
