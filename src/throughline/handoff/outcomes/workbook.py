"""The billing columns of an engagement in the workbook, and the cells of their months."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from throughline.billing.columns import ColumnGroup
from throughline.billing.workbook import put_group, put_months, read_groups, read_months
from throughline.delivery.models import Engagement
from throughline.handoff.outcomes.billing import (
    MonthWanted,
    billing_of,
    columns_key,
    month_key,
    seen_cells,
    taken_by_others,
    wanted_seen,
)
from throughline.handoff.wanted import Doing, Seen, WaitsForPerson, Wanted
from throughline.kernel.months import month_text
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

NAME = "workbook"


@dataclass(frozen=True, slots=True)
class BillingColumns:
    """The workbook has the columns of one engagement on one cluster."""

    number: int
    group: ColumnGroup
    system: str = NAME
    audience: str = "sponsor"

    @property
    def key(self) -> str:
        return columns_key(NAME, self.number, self.group.cluster)

    @property
    def summary(self) -> str:
        return f"{len(self.group.columns)} billing columns for {self.group.cluster}: " + ", ".join(
            self.group.columns
        )

    @property
    def wanted(self) -> Seen:
        return {"engagement": self.group.engagement, "columns": list(self.group.columns)}

    def observe(self) -> Seen | None:
        found = read_groups().get(self.group.name)
        if found is None:
            return None
        return {"engagement": found.engagement, "columns": list(found.columns)}

    def act(self, _doing: Doing) -> Seen:
        put_group(self.group)
        return {"id": self.group.name}

    def waits_for(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class BillingMonth:
    """The workbook has what the ledger knows of one engagement on one cluster in a month."""

    number: int
    month: MonthWanted
    system: str = NAME
    audience: str = "sponsor"

    @property
    def key(self) -> str:
        return month_key(NAME, self.number, self.month.group.cluster, self.month.month)

    @property
    def summary(self) -> str:
        return f"billing cells of {month_text(self.month.month)} for {self.month.group.cluster}"

    @property
    def wanted(self) -> Seen:
        return wanted_seen(self.month)

    def observe(self) -> Seen | None:
        there = read_months(self.month.group.name).get(self.month.month)
        return seen_cells(self.month, there)

    def act(self, _doing: Doing) -> Seen:
        """Write the cells.

        Raises:
            WaitsForPerson: somebody wrote there before us.
        """
        there = read_months(self.month.group.name).get(self.month.month)
        if strange := taken_by_others(self.month, there):
            raise WaitsForPerson(strange)
        put_months(self.month.group.name, {self.month.month: self.month.cells})
        return {"id": f"{self.month.group.name} {month_text(self.month.month)}"}

    def waits_for(self) -> str:
        return ""


def columns_of(engagement: Engagement, facts: DealFacts, playbook: Playbook) -> Iterator[Wanted]:
    """Yield what the workbook must have; nothing where Google Sheets is the home of the columns."""
    if settings.SHEETS_SPREADSHEET:
        return
    billing = billing_of(engagement, facts, playbook, system=NAME)
    for group in billing.groups:
        yield BillingColumns(engagement.number, group)
    for month in billing.months:
        yield BillingMonth(engagement.number, month)
