"""What a month comes to: parts of accounts, fees, and what they mean for each engagement."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from throughline.billing.attribution import Share, shares_of_account, shares_of_cluster
from throughline.billing.book import Book, Entry
from throughline.billing.fees import usage_fee
from throughline.billing.splitting import split_to_the_cent, to_cents
from throughline.billing.words import FROM_FILES, ChargeKind, Standing
from throughline.infrastructure.models import CloudAccount
from throughline.kernel.months import last_day

Place = tuple[int | None, int | None]  # engagement and cluster

# Where an agreement holds, people who use the hub are charged for, whoever pays the provider.
UNDER_AGREEMENT = frozenset({
    Standing.BILLABLE, Standing.COMMUNITY, Standing.PAYER_UNKNOWN,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """What one engagement bears of one account, to the cent."""

    month: date  # in which it counts
    of_month: date  # for which the provider billed it
    account: CloudAccount | None
    share: Share
    amount: Decimal

    @property
    def standing(self) -> Standing:
        """Whether it can be billed."""
        return self.share.standing


@dataclass(frozen=True, slots=True)
class Fee:
    """What active users of a cluster are charged for; None: nobody knows how many there were."""

    share: Share
    users: int | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A credit or a correction of one engagement."""

    entry: Entry
    place: Place
    amount: Decimal


@dataclass(slots=True)
class Reckoning:
    """One month as it stands, from the ledger and whatever decides who bears what."""

    month: date
    parts: list[Part] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)
    memberships: dict[int, Decimal] = field(default_factory=dict)
    adjustments: list[Adjustment] = field(default_factory=list)
    total: Decimal = Decimal(0)  # all that providers billed and that counts in the month, exactly

    @property
    def rounding(self) -> Decimal:
        """What the total, to the cent, is more than the parts: booked, not lost."""
        return to_cents(self.total) - sum((part.amount for part in self.parts), Decimal(0))


def reckon(book: Book, month: date) -> Reckoning:
    """Return a month by the rules of now, whether it was sent or not; reckoned once for a book."""
    key = ("month", month)
    if key not in book.remembered:
        book.remembered[key] = _reckoned(book, month)
    found: Reckoning = book.remembered[key]
    return found


def _reckoned(book: Book, month: date) -> Reckoning:
    found = Reckoning(month)
    by_account: dict[tuple[int, date], list[Entry]] = defaultdict(list)
    for entry in book.entries_in[month]:
        if entry.kind in FROM_FILES:
            found.total += entry.amount
        if entry.engagement_id is not None:
            place = (entry.engagement_id, entry.cluster_id)
            found.adjustments.append(Adjustment(entry, place, to_cents(entry.amount)))
        elif entry.account_id is not None:
            by_account[entry.account_id, entry.of_month].append(entry)
            found.total += entry.amount if entry.kind not in FROM_FILES else 0
    for (account, of_month), entries in sorted(by_account.items()):
        found.parts += _parts(book.accounts[account], entries, month, of_month, book)
    found.fees = fees_of(book, month)
    found.memberships = dict(_memberships(month, book))
    return found


def _parts(
    account: CloudAccount, entries: list[Entry], month: date, of_month: date, book: Book
) -> Iterator[Part]:
    amount = sum((one.amount for one in entries), Decimal(0))
    shares = shares_of_account(account, of_month, book)
    amounts = split_to_the_cent(amount, [one.weight for one in shares])
    for share, part in zip(shares, amounts, strict=True):
        yield Part(month, of_month, account, share, part)


def fees_of(book: Book, month: date) -> list[Fee]:
    """Return a month's usage fees by the rules of now; reckoned once for a book."""
    key = ("fees", month)
    if key not in book.remembered:
        book.remembered[key] = list(_fees(month, book))
    found: list[Fee] = book.remembered[key]
    return found


def _fees(month: date, book: Book) -> Iterator[Fee]:
    """Yield the usage fee of each engagement on each cluster that serves one."""
    for pk in sorted(book.serving):
        cluster = book.clusters[pk]
        shares = [one for one in shares_of_cluster(cluster, month, book) if one.engagement]
        charged = [one for one in shares if one.standing in UNDER_AGREEMENT]
        users = book.users_of(pk, month)
        if not charged:
            continue
        if users is None:
            yield from (Fee(share, None, None) for share in charged)
            continue
        whole = usage_fee(users, book.playbook.usage_fee)
        for share, amount in zip(
            shares, split_to_the_cent(whole, [one.weight for one in shares]), strict=True
        ):
            if share in charged:
                yield Fee(share, users, amount if _pays_for_use(share, month, book) else Decimal(0))


def _pays_for_use(share: Share, month: date, book: Book) -> bool:
    """Return whether a fee for use is agreed: with a price that names others, it is not."""
    terms = book.terms(share.engagement or 0, month)
    if terms is None or not terms.lines:
        return True
    return any(line.account == book.playbook.usage_account for line in terms.lines)


def _memberships(month: date, book: Book) -> Iterator[tuple[int, Decimal]]:
    """Yield what the schedules of agreements have due in a month."""
    for number in sorted(book.with_payments):
        terms = book.terms(number, month)
        if terms is None or not terms.is_binding:
            continue
        due = [
            one.amount
            for one in terms.payments
            if one.due_on is not None and month <= one.due_on <= last_day(month)
        ]
        if due:
            yield number, sum(due, Decimal(0))


def charged(book: Book, month: date, kinds: Iterable[ChargeKind]) -> dict[Place, Decimal]:
    """Return what a month that was sent asked for, by engagement and cluster."""
    wanted = set(kinds)
    sums: dict[Place, Decimal] = defaultdict(Decimal)
    for charge in book.charges.get(month, []):
        if charge.kind in wanted and charge.invoice_id is not None:
            sums[charge.engagement_id, charge.cluster_id] += charge.amount
    return dict(sums)


def bill_of(book: Book, account: int, of_month: date) -> Decimal | None:
    """Return what the provider bills an account for a month, in our currency; None: no file does."""
    return book.bills.get((account, of_month))
