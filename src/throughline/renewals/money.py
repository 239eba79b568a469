"""What something costs, as far as the months of billing tell; unknown is never zero."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.sales.models import Deal

NOT_RECORDED = "No costs are recorded here yet."


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in a currency; None where nothing tells, and why."""

    amount: Decimal | None
    currency: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class MonthCost:
    """The cloud cost and the usage of one month; None is not recorded."""

    month: str  # YYYY-MM
    cost: Decimal | None
    currency: str
    users: int | None
    fee: Decimal | None


def cost_since(_clusters: Iterable[str], _from_on: date, _to_on: date) -> Cost:
    """Return what clusters have cost us between two days, both included."""
    return Cost(None, because=NOT_RECORDED)


def months_of(_deal: Deal) -> tuple[MonthCost, ...]:
    """Return the months of an engagement that billing knows, the oldest first."""
    return ()


def open_invoices_of(_deal: Deal) -> tuple[str, ...] | None:
    """Return the invoices that are not paid, in words; None where nobody records invoices."""
    return None
