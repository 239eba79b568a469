"""What files and people tell, in our words: readers make these, and actions write them down."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from throughline.delivery.models import Engagement
from throughline.infrastructure.models import Cluster


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a file's currency is worth in ours, and of which day that is."""

    rate: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it came; it is kept whole."""

    content: bytes
    name: str


@dataclass(frozen=True, slots=True)
class Billed:
    """What a provider bills an account for a month, in the currency of its file."""

    account: str
    name: str
    month: date
    amount: Decimal
    rows: int = 1  # so many rows of the file make it up


@dataclass(frozen=True, slots=True)
class Bill:
    """What a file of a provider says."""

    provider: str
    currency: str
    lines: tuple[Billed, ...]
    stated: dict[date, Decimal]  # the provider's own total of each month
    rows: int
    warnings: tuple[str, ...] = ()

    @property
    def months(self) -> list[date]:
        """The months it tells of, in order."""
        return sorted({*self.stated, *(line.month for line in self.lines)})


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people used a cluster in a month; None where the file does not say."""

    cluster: str
    month: date
    users: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a file of active users says."""

    counted: tuple[Counted, ...]
    rejected: tuple[tuple[int, str], ...] = field(default=())  # line, reason


@dataclass(frozen=True, slots=True)
class SplitTo:
    """One part of a split; without an engagement it is our own. No weight: the cluster's users."""

    engagement: Engagement | None
    cluster: Cluster | None
    weight: Decimal | None
