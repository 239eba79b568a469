"""Bills in short, booked as an import books them."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from tests.factories import NOON
from throughline.billing.actions.booking import book_costs
from throughline.billing.actions.counting import book_users
from throughline.billing.told import Bill, Billed, Counted, Counts, Source
from throughline.kernel.months import parse_month

_files = count(1)
ACCOUNT = "012345678901"
APRIL, MAY, JUNE = (parse_month(f"2026-{month:02}") for month in (4, 5, 6))
LATER = datetime(2026, 7, 2, 12, tzinfo=UTC)


def source(name="bill.csv"):
    return Source(f"file {next(_files)}".encode(), name)


def bill(amounts, *, month=APRIL, stated=None, provider="aws", currency="USD"):
    """Return a bill of one month; `amounts` by account."""
    lines = [
        Billed(account, f"Name of {account}", month, Decimal(amount))
        for account, amount in amounts.items()
    ]
    total = sum((line.amount for line in lines), Decimal(0))
    total = total if stated is None else Decimal(stated)
    return Bill(provider, currency, tuple(lines), {month: total}, len(lines))


def book(amounts, *, own="USD", rate=None, file=None, by="noor", at=NOON, **what):
    told = bill(amounts, **what)
    return book_costs(told, file or source(), rate=rate, own=own, by=by, at=at)


def count_mau(users, *, month=APRIL, by="noor", at=NOON):
    """Book active users of a month, by cluster."""
    counted = tuple(Counted(cluster, month, number) for cluster, number in users.items())
    return book_users(Counts(counted), source("mau.csv"), by=by, at=at)
