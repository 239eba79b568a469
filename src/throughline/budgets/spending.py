"""What accounts cost engagements so far, how fast, and when a ceiling is reached."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max

from throughline.billing.grounds import DECIDING
from throughline.billing.models import BillFile
from throughline.billing.queries import cells, costs_of_accounts
from throughline.billing.words import FileKind
from throughline.budgets.accounts import Place, places_of
from throughline.delivery.models import Engagement
from throughline.journal.remembering import remembered
from throughline.kernel.months import last_day, month_of, months_between, months_later
from throughline.playbook.model import Playbook

LONGEST_MONTHS = 60  # of a term: what is older is left out
FEWEST_DAYS = 5  # of a month that must be over before it says where it will come out
RATE_MONTHS = 3
DAYS_OF_MONTH = Decimal("30.4375")


@dataclass(frozen=True, slots=True)
class Burn:
    """What one account costs one engagement, and how its agreement stands with it.

    Amounts are in the organisation's currency. A month that no file tells of is not there.
    """

    place: Place
    on: date
    currency: str
    share: Mapping[date, Decimal]  # of the account, what is this engagement's, by month
    account: Mapping[date, Decimal]  # what the provider bills the whole account, by month
    agreement: Mapping[date, Decimal]  # what all accounts of the engagement cost it, by month
    as_of: datetime | None  # when costs of this cloud were taken in last

    @property
    def month(self) -> date:
        """The month that it is."""
        return month_of(self.on)

    @property
    def spent(self) -> Decimal | None:
        """What the agreement's term has cost so far, on all its accounts; None: nothing is known."""
        return sum(self.agreement.values(), Decimal(0)) if self.agreement else None

    @property
    def is_compared(self) -> bool:
        """Whether costs and ceiling are in one currency."""
        return self.place.ceiling is not None and self.place.ceiling.currency == self.currency

    @property
    def pct(self) -> int | None:
        """How much of the ceiling is spent, in whole per cent, rounded down."""
        ceiling = self.place.ceiling
        if ceiling is None or not self.is_compared or self.spent is None:
            return None
        return int(self.spent / ceiling.amount * 100)

    @property
    def rate(self) -> Decimal | None:
        """What a month costs the agreement: the mean of the last whole months that are known."""
        whole = [self.agreement[one] for one in sorted(self.agreement) if self._is_whole(one)]
        recent = whole[-RATE_MONTHS:]
        return sum(recent, Decimal(0)) / len(recent) if recent else None

    def _is_whole(self, month: date) -> bool:
        """Return whether costs of a month were taken in after its end."""
        return self.as_of is not None and self.as_of.date() > last_day(month)

    @property
    def forecast(self) -> Decimal | None:
        """Where this month will come out on the account; None where it is too early to say."""
        return forecast_of(self.month, self.account, self.as_of)

    @property
    def runs_out_on(self) -> date | None:
        """When the ceiling is reached if months go on as the last ones did; None: it is not."""
        return self.runs_out_at(self.rate)

    def runs_out_at(self, rate: Decimal | None) -> date | None:
        """Return when the ceiling is reached if each month costs so much; None: it is not."""
        ceiling, spent = self.place.ceiling, self.spent
        if ceiling is None or not self.is_compared or spent is None or self.as_of is None:
            return None
        if spent >= ceiling.amount:
            return self._passed_on(ceiling.amount)
        if not rate or rate <= 0:
            return None
        days = int((ceiling.amount - spent) / rate * DAYS_OF_MONTH)
        known = min(self.as_of.date(), last_day(max(self.agreement)))
        return None if days > 36500 else known + timedelta(days=days)  # noqa: PLR2004 -- a hundred years is never

    def _passed_on(self, amount: Decimal) -> date:
        """Return the last day of the month in which the ceiling was passed."""
        so_far = Decimal(0)
        for month in sorted(self.agreement):
            so_far += self.agreement[month]
            if so_far >= amount:
                return last_day(month)
        return self.on

    @property
    def runs_out_early(self) -> bool:
        """Whether the ceiling is reached before the agreement ends."""
        ceiling, out = self.place.ceiling, self.runs_out_on
        return bool(out and ceiling and ceiling.last and out < ceiling.last)


def forecast_of(
    month: date, costs: Mapping[date, Decimal], as_of: datetime | None
) -> Decimal | None:
    """Return where a month comes out: what it cost where it is over, else as its days so far go."""
    if month not in costs or as_of is None:
        return None
    known_to = as_of.date()
    if known_to > last_day(month):
        return costs[month]
    elapsed = (known_to - month).days  # the day itself is not over
    if elapsed < FEWEST_DAYS:
        return None
    return costs[month] / elapsed * last_day(month).day


@dataclass(slots=True)
class _Costs:
    """What the ledger says, read once for all."""

    share: dict[tuple[int, int], dict[date, Decimal]] = field(default_factory=dict)
    account: dict[int, dict[date, Decimal]] = field(default_factory=dict)
    as_of: dict[str, datetime] = field(default_factory=dict)


def burns_of(
    engagements: Iterable[Engagement],
    *,
    on: date,
    playbook: Playbook,
) -> list[Burn]:
    """Return how each account of some engagements stands, in a constant number of queries."""
    places = places_of(engagements, on=on)
    costs = _costs(places, on=on, playbook=playbook)
    shares = [(one, _share_of(one, costs, on=on)) for one in places]
    agreements = _together(shares)
    currency = playbook.organisation.currency
    return [
        Burn(
            place=place,
            on=on,
            currency=currency,
            share=share,
            account=costs.account.get(place.account.pk, {}) if place.account else {},
            agreement=agreements.get(place.engagement.pk, {}),
            as_of=costs.as_of.get(place.provider),
        )
        for place, share in shares
    ]


def known_burns(engagements: Iterable[Engagement], *, on: date, playbook: Playbook) -> list[Burn]:
    """Return what `burns_of` does, remembered until something is done about costs: for pages."""
    listed = list(engagements)

    key = ("burns", tuple(one.pk for one in listed), on, playbook.sha256)
    # No more is read than decides about these: all grounds take longer than a page of accounts.
    return remembered(key, DECIDING, lambda: burns_of(listed, on=on, playbook=playbook))


def _costs(places: Iterable[Place], *, on: date, playbook: Playbook) -> _Costs:
    listed = list(places)
    if not listed:
        return _Costs()
    now = month_of(on)
    first = min((_first(one, on) for one in listed), default=now)
    months = list(months_between(max(first, months_later(now, -LONGEST_MONTHS)), now))
    back = months_later(now, -1 - playbook.budgets.history_months)
    accounts = {one.account.pk for one in listed if one.account}
    numbers = {one.engagement.pk for one in listed}
    share: dict[tuple[int, int], dict[date, Decimal]] = {}
    found = cells(months, playbook=playbook, within=numbers)
    for (engagement, cluster, month), cell in found.items():
        if cell.cost is not None:
            share.setdefault((engagement, cluster), {})[month] = cell.cost
    return _Costs(
        share=share,
        account=costs_of_accounts(accounts, months_between(back, now)),
        as_of=dict(
            BillFile.objects.filter(kind=FileKind.COSTS)
            .values_list("provider")
            .annotate(newest=Max("at"))
        ),
    )


def _first(place: Place, on: date) -> date:
    start = (place.ceiling.first if place.ceiling else None) or place.engagement.deal.start_on
    return month_of(min(start or months_later(month_of(on), -RATE_MONTHS), on))


def _share_of(place: Place, costs: _Costs, *, on: date) -> dict[date, Decimal]:
    first = _first(place, on)
    found: dict[date, Decimal] = {}
    for cluster in {one.pk for one in place.clusters}:
        for month, amount in costs.share.get((place.engagement.pk, cluster), {}).items():
            if month >= first:
                found[month] = found.get(month, Decimal(0)) + amount
    return found


def _together(
    shares: Iterable[tuple[Place, Mapping[date, Decimal]]],
) -> dict[int, dict[date, Decimal]]:
    found: dict[int, dict[date, Decimal]] = {}
    for place, share in shares:
        mine = found.setdefault(place.engagement.pk, {})
        for month, amount in share.items():
            mine[month] = mine.get(month, Decimal(0)) + amount
    return found
