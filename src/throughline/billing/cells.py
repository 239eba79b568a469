"""The values of the billing columns: one cell for an engagement on a cluster in a month."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from throughline.billing.attribution import payer_of, standing_of
from throughline.billing.book import Book, Booked
from throughline.billing.reckoning import Reckoning, reckon
from throughline.billing.words import ChargeKind, MonthState, Standing
from throughline.infrastructure.words import Payer
from throughline.kernel.months import last_day, months_later
from throughline.playbook.model import Playbook

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of an engagement on a cluster in a month. None is blank: nobody knows (yet).

    Amounts are in the organisation's currency, to the cent.
    """

    engagement: int
    cluster: int  # the cluster's key
    month: date
    cost: Decimal | None  # what of the provider's bill is this engagement's
    users: int | None  # monthly active users of the cluster
    fee: Decimal | None  # the usage fee
    invoiced: Decimal | None  # what was sent for it; None: nothing yet
    adjusted: Decimal | None  # credits, corrections and what came late; None: there is none
    payer: Payer
    standing: Standing
    state: MonthState
    change_pct: int | None = None  # of the cost against the month before, where it is flagged


def cells_of(book: Book) -> dict[tuple[int, int, date], Cell]:
    """Return the cells of a book's months by engagement, cluster and month.

    There is one wherever an engagement runs on a cluster in the month, or anything is booked for it.
    A month that was sent shows what was sent.
    """
    found: dict[tuple[int, int, date], Cell] = {}
    for month in book.months:
        for cell in cells_in(book, month):
            found[cell.engagement, cell.cluster, month] = cell
    return {key: flagged(cell, _before(key, found), book.playbook) for key, cell in found.items()}


def _before(key: tuple[int, int, date], found: Mapping[tuple[int, int, date], Cell]) -> Cell | None:
    engagement, cluster, month = key
    return found.get((engagement, cluster, months_later(month, -1)))


def cells_in(book: Book, month: date) -> Iterator[Cell]:
    """Yield the cells of a month in order, none of them flagged."""
    sums = _sums(book, month)
    invoiced = _invoiced(book.charges.get(month, []))
    state = book.state(month)
    for place in places_of(book, month):
        engagement, cluster = place
        yield Cell(
            engagement=engagement,
            cluster=cluster,
            month=month,
            cost=sums["cost"].get(place),
            users=book.users_of(cluster, month),
            fee=sums["fee"].get(place),
            invoiced=invoiced.get(place),
            adjusted=sums["adjusted"].get(place),
            payer=payer_of(engagement, cluster, month, book),
            standing=standing_of(engagement, cluster, month, book),
            state=state,
        )


def places_of(book: Book, month: date) -> list[tuple[int, int]]:
    """Return engagement and cluster of each cell of a month, in order."""
    sums = _sums(book, month)
    return sorted({*sums["cost"], *sums["fee"], *sums["adjusted"], *_running(book, month)})


_Sums = dict[str, dict[tuple[int, int], Decimal]]


def _sums(book: Book, month: date) -> _Sums:
    key = ("sums", month)
    if key not in book.remembered:
        book.remembered[key] = (
            _sent(book, month) if book.is_frozen(month) else _reckoned(reckon(book, month))
        )
    found: _Sums = book.remembered[key]
    return found


def _empty() -> _Sums:
    return {name: defaultdict(Decimal) for name in ("cost", "fee", "adjusted")}


def _reckoned(month: Reckoning) -> _Sums:
    sums = _empty()
    for part in month.parts:
        name = "cost" if part.of_month == month.month else "adjusted"
        if part.share.engagement and part.share.cluster:
            sums[name][part.share.engagement, part.share.cluster] += part.amount
    for fee in month.fees:
        if fee.amount is not None and fee.share.engagement and fee.share.cluster:
            sums["fee"][fee.share.engagement, fee.share.cluster] += fee.amount
    for one in month.adjustments:
        engagement, cluster = one.place
        if engagement and cluster:
            sums["adjusted"][engagement, cluster] += one.amount
    return sums


def _sent(book: Book, month: date) -> _Sums:
    names = {ChargeKind.CLOUD: "cost", ChargeKind.USAGE: "fee", ChargeKind.ADJUSTMENT: "adjusted"}
    sums = _empty()
    for charge in book.charges.get(month, []):
        name = names.get(ChargeKind(charge.kind))
        if name and charge.of_month != month:
            name = "adjusted"  # it came late, or was nobody's until now
        if name and charge.engagement_id and charge.cluster_id:
            sums[name][charge.engagement_id, charge.cluster_id] += charge.amount
    return sums


def _invoiced(charges: Iterable[Booked]) -> dict[tuple[int, int], Decimal]:
    sums: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for charge in charges:
        if charge.invoice_id is not None and charge.engagement_id and charge.cluster_id:
            sums[charge.engagement_id, charge.cluster_id] += charge.amount
    return dict(sums)


def _running(book: Book, month: date) -> Iterator[tuple[int, int]]:
    """Yield where an engagement runs on a cluster in a month, whether anything is booked or not."""
    for cluster in book.serving:
        for number in book.places.numbers_in(cluster, month):
            if book.term(number, month).covers(month, last_day(month)):
                yield number, cluster


def flagged(cell: Cell, before: Cell | None, playbook: Playbook) -> Cell:
    """Return a cell with how its cost changed against the month before, if by so much."""
    change = change_pct(before.cost if before else None, cell.cost)
    if change is None or abs(change) <= playbook.flag_change_pct:
        return cell
    return replace(cell, change_pct=round(change))


def change_pct(before: Decimal | None, now: Decimal | None) -> Decimal | None:
    """Return by how many percent a cost changed; None where either is unknown, or it was nothing."""
    if before is None or now is None or before <= 0:
        return None
    return (now - before) / before * HUNDRED
