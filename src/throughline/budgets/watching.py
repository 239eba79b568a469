"""What Throughline itself would tell of an account, from the imported costs. Looks only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import Max

from throughline.billing.models import BillFile
from throughline.budgets.matching import Match
from throughline.budgets.models import Arming, Crossing
from throughline.budgets.spending import Burn, burns_of, forecast_of
from throughline.budgets.told import Told
from throughline.budgets.words import Source, Spend, Way
from throughline.kernel.days import day_in_zone
from throughline.kernel.months import last_day, month_text, months_later
from throughline.playbook.model import Playbook

MONTH, CEILING = "month", "ceiling"
PER_CENT: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Due:
    """Thresholds that are passed at once: all are kept, and one mail tells of the last of them."""

    arming: Arming
    burn: Burn
    told: tuple[Told, ...]
    match: Match

    @property
    def last(self) -> Told:
        """What the mail is about."""
        return self.told[-1]


def armed_here() -> list[Arming]:
    """Return what Throughline watches."""
    found = Arming.objects.filter(way=Way.COMPUTED, is_armed=True)
    return list(
        found.select_related("engagement__deal__community", "account").order_by("engagement", "pk")
    )


def to_look_at(*, on: date, zone: str) -> list[int]:
    """Return what is watched here and to be looked at: once a day, and after costs came in.

    Two queries, however often it is asked.
    """
    watched = Arming.objects.filter(way=Way.COMPUTED, is_armed=True)
    rows = list(watched.values_list("pk", "looked_at"))
    newest = BillFile.objects.aggregate(newest=Max("at"))["newest"] if rows else None
    return [
        pk
        for pk, looked_at in rows
        if looked_at is None
        or day_in_zone(looked_at, zone) < on
        or (newest is not None and looked_at < newest)
    ]


def warnings_due(*, on: date, at: datetime, playbook: Playbook) -> list[Due]:
    """Return what is to be told and was not yet; a constant number of queries."""
    armings = armed_here()
    engagements = list({one.engagement_id: one.engagement for one in armings}.values())
    burns = {
        (burn.place.engagement.pk, burn.place.account.pk): burn
        for burn in burns_of(engagements, on=on, playbook=playbook)
        if burn.place.account
    }
    found: dict[str, Due] = {}
    for arming in armings:
        burn = burns.get((arming.engagement_id, arming.account_id))
        if burn is not None:
            for warning in _warnings(arming, burn, at=at, playbook=playbook):
                found.setdefault(warning.last.series, warning)
    return _not_told(found.values())


def _not_told(found: Iterable[Due]) -> list[Due]:
    listed = list(found)
    keys = {key_of(told) for one in listed for told in one.told}
    known = set(Crossing.objects.filter(key__in=keys).values_list("key", flat=True))
    news = []
    for one in listed:
        fresh = tuple(told for told in one.told if key_of(told) not in known)
        if fresh:
            news.append(Due(one.arming, one.burn, fresh, one.match))
    return news


def key_of(told: Told) -> str:
    """Return what makes a computed threshold the same one."""
    return f"computed:{told.series}:{told.threshold}"


def _warnings(arming: Arming, burn: Burn, *, at: datetime, playbook: Playbook) -> Iterator[Due]:
    if arming.name == MONTH:
        for month in (months_later(burn.month, -1), burn.month):
            if told := _of_month(burn, month, at=at, playbook=playbook):
                yield Due(arming, burn, (told,), _match(arming))
    elif told_of := tuple(_of_ceiling(burn, at=at, playbook=playbook)):
        yield Due(arming, burn, told_of, _match(arming))


def _match(arming: Arming) -> Match:
    return Match(arming.account, arming.engagement)


def _of_month(burn: Burn, month: date, *, at: datetime, playbook: Playbook) -> Told | None:
    """Return what a month tells that comes out too far above those before it."""
    rule = playbook.budgets
    before = [
        burn.account[one]
        for back in range(1, rule.history_months + 1)
        if (one := months_later(month, -back)) in burn.account
    ]
    value = forecast_of(month, burn.account, burn.as_of)
    mean = sum(before, Decimal(0)) / len(before) if before else Decimal(0)
    if value is None or mean <= 0 or value * PER_CENT <= mean * rule.forecast_above_pct:
        return None
    account = burn.place.name
    is_over = burn.as_of is not None and burn.as_of.date() > last_day(month)
    return Told(
        source=Source.COMPUTED, provider=burn.place.provider, budget=f"{account}, each month",
        spend=Spend.ACTUAL if is_over else Spend.FORECAST,
        threshold=f"above {rule.forecast_above_pct} % of the months before", at=at, amount=value,
        limit=mean, currency=burn.currency, account=account, of_month=month_text(month),
        series=f"{burn.place.engagement.pk}:{account}:{month_text(month)}",
    )  # fmt: skip


def _of_ceiling(burn: Burn, *, at: datetime, playbook: Playbook) -> Iterator[Told]:
    """Yield every step of the ceiling that the costs so far have passed, the lowest first."""
    ceiling, spent = burn.place.ceiling, burn.spent
    if ceiling is None or spent is None or not burn.is_compared:
        return
    number = burn.place.engagement.pk
    for step in playbook.budgets.ceiling_steps_pct:
        if spent * PER_CENT >= ceiling.amount * step:
            yield Told(
                source=Source.COMPUTED, provider=burn.place.provider,
                budget=f"the {ceiling.word} of deal {number}", spend=Spend.ACTUAL,
                threshold=f"{step} %", at=at, amount=spent, limit=ceiling.amount,
                currency=burn.currency, account=burn.place.name,
                series=f"{number}:{ceiling.word}:{ceiling.first}:{ceiling.amount}",
            )  # fmt: skip
