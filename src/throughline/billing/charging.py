"""What a month asks for, line by line: what is sent is exactly what was reviewed."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from throughline.billing.attribution import Share, shares_of_account
from throughline.billing.book import Book
from throughline.billing.models import Charge
from throughline.billing.reckoning import Reckoning
from throughline.billing.splitting import split_to_the_cent
from throughline.billing.words import NOBODYS, ChargeKind, EntryKind, Standing
from throughline.infrastructure.models import CloudAccount
from throughline.kernel.months import month_text


@dataclass(frozen=True, slots=True)
class Draft:
    """One charge before it is sent."""

    kind: ChargeKind
    of_month: date
    share: Share
    amount: Decimal
    account: CloudAccount | None = None
    users: int | None = None
    why: str = ""
    settles: Charge | None = None  # of an earlier month, that nobody paid back then

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody is sent an invoice for it."""
        return self.share.engagement is not None and (
            self.kind != ChargeKind.CLOUD or self.share.standing == Standing.BILLABLE
        )

    @property
    def is_late(self) -> bool:
        """Whether it was carried over from a month that was sent."""
        return self.settles is not None


def drafts(book: Book, month: Reckoning, earlier: Iterable[Charge] = ()) -> list[Draft]:
    """Return the charges of a month that was not sent, those carried over from earlier ones last."""
    found = [
        Draft(ChargeKind.CLOUD, one.of_month, one.share, one.amount, account=one.account)
        for one in month.parts
    ]
    found += [
        Draft(ChargeKind.USAGE, month.month, fee.share, fee.amount, users=fee.users)
        for fee in month.fees
        if fee.amount is not None
    ]
    found += [
        Draft(ChargeKind.MEMBERSHIP, month.month, _whole(number), amount)
        for number, amount in month.memberships.items()
    ]
    found += [
        Draft(
            ChargeKind.USAGE if one.entry.kind == EntryKind.USAGE else ChargeKind.ADJUSTMENT, one.entry.of_month, _whole(*one.place), one.amount,
            why=one.entry.why,
        )
        for one in month.adjustments
    ]  # fmt: skip
    return [*found, *carried_over(earlier, book)]


def _whole(engagement: int | None, cluster: int | None = None) -> Share:
    return Share(engagement, cluster, Decimal(1), Standing.BILLABLE)


def carried_over(charges: Iterable[Charge], book: Book) -> list[Draft]:
    """Return what became of costs of earlier months that nobody paid back, where somebody does now."""
    return [draft for charge in charges for draft in _carried(charge, book)]


def _carried(charge: Charge, book: Book) -> Iterator[Draft]:
    """Yield what became of a cost that nobody paid back, if by now somebody does."""
    if charge.account is None:
        return
    shares = shares_of_account(charge.account, charge.of_month, book)
    wanted = [one for one in shares if one.place == (charge.engagement_id, charge.cluster_id)]
    shares = tuple(wanted) if charge.engagement_id else shares
    if not shares or any(one.standing in NOBODYS for one in shares):
        return
    amounts = split_to_the_cent(charge.amount, [one.weight for one in shares])
    for share, amount in zip(shares, amounts, strict=True):
        yield Draft(
            ChargeKind.CLOUD, charge.of_month, share, amount, account=charge.account, settles=charge
        )


def open_charges(*, before: date | None = None) -> list[Charge]:
    """Return the costs of months that were sent and that nobody has paid back or decided to bear."""
    found = Charge.objects.filter(
        kind=ChargeKind.CLOUD, invoice=None, settled_in=None, borne_by="", standing__in=NOBODYS
    ).exclude(amount=0)
    if before is not None:
        found = found.filter(month__lt=before)
    return list(found.select_related("account", "cluster", "engagement__deal").order_by("pk"))


def fingerprint(found: Iterable[Draft]) -> str:
    """Return what tells two lists of charges apart."""
    lines = [
        [one.kind, month_text(one.of_month), one.share.engagement, one.share.cluster,
         one.share.standing, one.account.pk if one.account else None, f"{one.amount:.2f}", one.users,
         one.settles.pk if one.settles else None]
        for one in found
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()
