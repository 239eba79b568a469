"""What is wanted of Google Sheets: the same columns and cells as of the workbook."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughline.billing.columns import ColumnGroup
from throughline.delivery.models import Engagement
from throughline.handoff.outcomes.billing import (
    MonthWanted,
    billing_of,
    columns_key,
    month_key,
    wanted_seen,
)
from throughline.handoff.wanted import Seen, Wanted
from throughline.kernel.months import month_text
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

NAME = "sheets"


@dataclass(frozen=True, slots=True)
class SheetColumns:
    """The spreadsheet has the columns of one engagement on one cluster."""

    number: int
    group: ColumnGroup
    system: str = NAME
    audience: str = "sponsor"

    @property
    def key(self) -> str:
        return columns_key(NAME, self.number, self.group.cluster)

    @property
    def summary(self) -> str:
        names = ", ".join(self.group.columns)
        return (
            f"{len(self.group.columns)} columns in Google Sheets for {self.group.cluster}: {names}"
        )

    @property
    def wanted(self) -> Seen:
        return {"engagement": self.group.engagement, "columns": list(self.group.columns)}

    def waits_for(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class SheetMonth:
    """The spreadsheet has what the ledger knows of one engagement on one cluster in a month."""

    number: int
    month: MonthWanted
    system: str = NAME
    audience: str = "sponsor"

    @property
    def group(self) -> ColumnGroup:
        return self.month.group

    @property
    def key(self) -> str:
        return month_key(NAME, self.number, self.group.cluster, self.month.month)

    @property
    def summary(self) -> str:
        return f"Google Sheets cells of {month_text(self.month.month)} for {self.group.cluster}"

    @property
    def wanted(self) -> Seen:
        return wanted_seen(self.month)

    def waits_for(self) -> str:
        return ""


def wanted_of_sheets(
    engagement: Engagement, facts: DealFacts, playbook: Playbook
) -> Iterator[Wanted]:
    """Yield the columns of an engagement's clusters, then the cells of their months."""
    billing = billing_of(engagement, facts, playbook, system=NAME)
    for group in billing.groups:
        yield SheetColumns(engagement.number, group)
    for month in billing.months:
        yield SheetMonth(engagement.number, month)
