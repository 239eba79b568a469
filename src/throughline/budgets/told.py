"""What an alert says, in our words, whoever sent it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from throughline.budgets.words import Source, Spend


@dataclass(frozen=True, slots=True)
class Told:
    """One threshold of one budget that is passed, or will be."""

    source: Source
    provider: str  # "aws", "gcp", "azure"
    budget: str
    spend: Spend
    threshold: str  # as it was told: "100 %", "> $0.01"
    at: datetime
    amount: Decimal | None = None
    limit: Decimal | None = None
    currency: str = "USD"
    account: str = ""  # "" where it does not say
    addresses: tuple[str, ...] = ()  # whom it was sent to
    series: str = ""  # what the provider itself calls the budget and its period, where it does
    of_month: str = ""  # where it is about another month than that in which it is told

    @property
    def month(self) -> str:
        """The month that it is about."""
        return self.of_month or f"{self.at:%Y-%m}"
