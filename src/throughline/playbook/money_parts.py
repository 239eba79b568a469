"""The parts of a playbook that say what is charged, and how it is booked."""

from dataclasses import dataclass
from decimal import Decimal

from throughline.playbook.words import DateOrder


@dataclass(frozen=True, slots=True)
class FeeBand:
    """The price of each monthly active user up to a number of them; None: of all the others."""

    price: Decimal
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class PriceAccount:
    """What a line of a price is booked to; what is passed through bears no fee of the Sponsor."""

    code: str
    name: str
    gl_code: str
    is_passed_through: bool = False
    usual_for: tuple[str, ...] = ()  # codes of the tiers whose price is booked here


@dataclass(frozen=True, slots=True)
class CostAccounts:
    """The Sponsor's numbers of the accounts that cloud costs are booked to when they are paid."""

    recoverable: str = "7061"  # an agreement pays them back
    not_recoverable: str = "7062"  # after its end, or of nobody


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    """How the Sponsor's template for invoices is filled where the ledger does not know."""

    due_days: int = 30  # after the day on which the month was sent
    dates: DateOrder = "MM/DD/YYYY"
    columns: tuple[tuple[str, str], ...] = ()  # header of the template, and what stands in each row
    left_empty: tuple[str, ...] = ()  # headers under which nothing stands


USUAL_INVOICES = InvoiceFile()  # a playbook that does not say otherwise
USUAL_COSTS = CostAccounts()
