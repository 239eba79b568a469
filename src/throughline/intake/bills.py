"""Taking in what cloud providers bill, and how many people used what."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from throughline.billing.actions.booking import Booked, book_costs, change_shape
from throughline.billing.actions.counting import UsersBooked, book_users
from throughline.billing.queries import clusters_by_name, totals_of_file, unassigned_among
from throughline.billing.splitting import to_cents
from throughline.billing.told import Bill, Counts, Rate, Source
from throughline.infrastructure.models import CloudAccount
from throughline.intake.bill_table import Line
from throughline.intake.costs_aws import read_aws
from throughline.intake.costs_gcp import read_gcp
from throughline.intake.users_file import read_users
from throughline.kernel.errors import Refused
from throughline.kernel.money import shown
from throughline.kernel.months import month_text
from throughline.playbook.model import Playbook

READERS: Final = {"aws": read_aws, "gcp": read_gcp}

Watch = Callable[[list[Line]], Iterable[Line]]


@dataclass(frozen=True, slots=True)
class CostsTakenIn:
    """What became of a provider's file."""

    bill: Bill
    booked: Booked
    totals: dict[date, Decimal]  # as the ledger has them now
    unassigned: tuple[tuple[str, str, Decimal], ...]  # account, name, total
    matched: int  # rows

    @property
    def warnings(self) -> list[str]:
        """What somebody should look at."""
        of_sent = [one for one in self.booked.changes if one.booked_in != one.of_month]
        return [
            *self.bill.warnings,
            *(
                f"{one.account.identifier} in {month_text(one.of_month)}: {shown(one.before)} before,"
                f" {shown(one.after)} now."
                for one in self.booked.changes
            ),
            *(
                f"{month_text(one.of_month)} was sent: the difference counts in"
                f" {month_text(one.booked_in)}."
                for one in {
                    (change.of_month, change.booked_in): change for change in of_sent
                }.values()
            ),
            *(
                f"{month_text(month)}: earlier files also bill"
                f" {', '.join(one.identifier for one in accounts)}, and this one does not."
                for month, accounts in self.booked.elsewhere.items()
            ),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12; amounts in the file's currency."""
        stated = self.booked.file.stated
        return {
            "months": [month_text(one) for one in self.bill.months],
            "rows": self.bill.rows,
            "matched": self.matched,
            "unassigned": [
                {"account": account, "name": name, "total": shown(total)}
                for account, name, total in self.unassigned
            ],
            "total": {month_text(one): shown(total) for one, total in self.totals.items()},
            "provider_total": {month: shown(Decimal(total)) for month, total in stated.items()},
            "currency": self.bill.currency,
            "unchanged": not self.booked.is_new,
            "changes": [change_shape(one) for one in self.booked.changes],
        }


@dataclass(frozen=True, slots=True)
class UsersTakenIn:
    """What became of a file of active users."""

    counts: Counts
    booked: UsersBooked
    known: frozenset[str]  # clusters

    @property
    def unassigned(self) -> list[tuple[str, int]]:
        """Names that no cluster bears, and their users over all months."""
        totals: dict[str, int] = {}
        for one in self.counts.counted:
            if one.cluster not in self.known:
                totals[one.cluster] = totals.get(one.cluster, 0) + (one.users or 0)
        return sorted(totals.items())

    @property
    def blank(self) -> list[dict[str, str]]:
        """Of which clusters and months the file does not say how many there were."""
        return [
            {"cluster": one.cluster, "month": month_text(one.month)}
            for one in self.counts.counted
            if one.users is None
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the shape of design §12; people are counted, so totals are whole numbers."""
        months = sorted({one.month for one in self.counts.counted})
        total = {
            month_text(month): sum(
                one.users or 0 for one in self.counts.counted if one.month == month
            )
            for month in months
        }
        return {
            "months": [month_text(one) for one in months],
            "rows": len(self.counts.counted) + len(self.counts.rejected),
            "matched": sum(one.cluster in self.known for one in self.counts.counted),
            "unassigned": [
                {"account": name, "name": name, "total": users} for name, users in self.unassigned
            ],
            "total": total,
            "provider_total": total,
            "unchanged": not self.booked.is_new,
            "changes": [
                {"cluster": name, "month": month_text(month), "before": before, "after": after}
                for name, month, before, after in self.booked.changes
            ],
            "blank": self.blank,
            "rejected": [{"row": row, "reason": reason} for row, reason in self.counts.rejected],
        }


def import_costs(
    path: Path, provider: str, *, rate: Rate | None, playbook: Playbook, by: str, at: datetime,
    watch: Watch = iter,
) -> CostsTakenIn:  # fmt: skip
    """Take in a provider's file of costs, whole or not at all; the same one twice changes nothing.

    Raises:
        Refused: something in it is not as it should be; the message names file, line and remedy.
    """
    content = bytes_of(path)
    return take_in_costs(
        Source(content, path.name),
        provider,
        rate=rate,
        playbook=playbook,
        by=by,
        at=at,
        watch=watch,
    )


def take_in_costs(
    source: Source, provider: str, *, rate: Rate | None, playbook: Playbook, by: str, at: datetime,
    watch: Watch = iter,
) -> CostsTakenIn:  # fmt: skip
    """Take in what a file holds, as `import_costs` does.

    Raises:
        Refused: something in it is not as it should be, or there is no such provider.
    """
    if provider not in READERS:
        raise Refused(
            f"There is no reader for files of {provider!r}.",
            remedy=f"Use one of: {', '.join(READERS)}.",
        )
    own = playbook.organisation.currency
    bill = READERS[provider](source.content, name=source.name, own=own, watch=watch)
    booked = book_costs(bill, source, rate=rate, own=own, by=by, at=at)
    unassigned = _unassigned(booked)
    strange = {account for account, _name, _total in unassigned}
    return CostsTakenIn(
        bill=bill,
        booked=booked,
        totals=totals_of_file(booked.file),
        unassigned=unassigned,
        matched=sum(line.rows for line in bill.lines if line.account not in strange),
    )


def _unassigned(booked: Booked) -> tuple[tuple[str, str, Decimal], ...]:
    entries = booked.file.entries.exclude(account=None).select_related("account").order_by("pk")
    totals: dict[int, Decimal] = {}
    for entry in entries:
        if entry.account_id is not None:
            totals[entry.account_id] = totals.get(entry.account_id, Decimal(0)) + (
                entry.stated or 0
            )
    accounts = {entry.account_id: entry.account for entry in entries if entry.account is not None}
    return tuple(
        (one.identifier, _called(one), to_cents(totals[one.pk]))
        for one in unassigned_among(accounts.values())
    )


def _called(account: CloudAccount) -> str:
    called = getattr(account, "called", None)
    return called.name if called else ""


def import_users(path: Path, *, by: str, at: datetime) -> UsersTakenIn:
    """Take in a file of active users; a row that makes no sense is told, the others go in.

    Raises:
        Refused: it is no such file, or nothing can be read from it.
    """
    return take_in_users(Source(bytes_of(path), path.name), by=by, at=at)


def take_in_users(source: Source, *, by: str, at: datetime) -> UsersTakenIn:
    """Take in what a file holds, as `import_users` does.

    Raises:
        Refused: it is no such file, or nothing can be read from it.
    """
    counts = read_users(source.content, name=source.name)
    booked = book_users(counts, source, by=by, at=at)
    return UsersTakenIn(counts, booked, frozenset(clusters_by_name()))


def bytes_of(path: Path) -> bytes:
    """Return a file's content.

    Raises:
        Refused: there is no such file.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error
