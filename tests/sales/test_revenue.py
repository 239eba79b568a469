"""Money by month, against sums that were worked out by hand."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import make_deal
from throughline.kernel.months import last_day, months_later
from throughline.playbook.loader import shipped
from throughline.sales.figures import figure_of
from throughline.sales.flow import Period
from throughline.sales.models import Deal
from throughline.sales.pipeline import sums_by_stage
from throughline.sales.revenue import Part, Sure, monthless, revenue, spread

JANUARY = date(2026, 1, 1)
PERIOD = Period(JANUARY, date(2026, 12, 31), date(2026, 3, 2), "UTC")


def shown(found, sure):
    return [str(one.amounts[sure].quantize(Decimal("0.01"))) for one in found.months]


def won(**fields):
    return make_deal(stage="closed_won", **fields)


@pytest.mark.django_db
def test_amount_falls_into_months_by_the_days_of_its_term():
    # 16 Jan to 15 Mar 2026 are 16 + 28 + 15 = 59 days: 5,900.00 are 100.00 a day.
    won(amount="5900.00", start_on=date(2026, 1, 16), end_on=date(2026, 3, 15))

    found = revenue(JANUARY, playbook=shipped(), count=4)[0]

    assert shown(found, Sure.COMMITTED) == ["1600.00", "2800.00", "1500.00", "0.00"]
    assert [one.deals[Sure.COMMITTED] for one in found.months] == [1, 1, 1, 0]
    assert found.total(Sure.COMMITTED) == 5900


@pytest.mark.django_db
def test_without_a_term_it_falls_where_the_deal_should_close_and_is_weighted_by_the_playbook():
    # Proposal counts 0.4 in the playbook; the second deal says 0.25 of itself.
    make_deal(stage="proposal", amount="1000.00", close_on=date(2026, 2, 10))
    make_deal(stage="proposal", amount="1000.00", close_on=date(2026, 2, 1), probability="0.250")
    make_deal(stage="closed_lost", amount="9000.00", close_on=date(2026, 2, 1), probability="1")

    found = revenue(JANUARY, playbook=shipped(), count=3)[0]

    assert shown(found, Sure.WEIGHTED) == ["0.00", "650.00", "0.00"]
    assert shown(found, Sure.COMMITTED) == ["0.00"] * 3


@pytest.mark.django_db
def test_what_nobody_can_place_is_counted_apart_and_other_currencies_too():
    won(name="no amount", start_on=JANUARY, end_on=JANUARY)
    won(name="no day", amount="10.00")
    won(name="euro", amount="10.00", close_on=JANUARY, currency="EUR")

    found = revenue(JANUARY, playbook=shipped(), count=1)

    assert [one.currency for one in found] == ["USD", "EUR"]
    assert shown(found[1], Sure.COMMITTED) == ["10.00"]
    unplaced = monthless(Sure.COMMITTED, playbook=shipped())
    assert sorted(deal.name for deal in unplaced) == ["no amount", "no day"]


@pytest.mark.django_db
def test_board_weights_by_the_deal_itself_else_by_its_stage():
    make_deal(stage="proposal", amount="1000.00")
    make_deal(stage="proposal", amount="100.00", probability="0.900")
    make_deal(stage="nowhere", amount="100.00")
    won(amount="100.00", probability="0.100")

    found = {
        one.stage: one.weighted for one in sums_by_stage(Deal.objects.all(), playbook=shipped())
    }

    assert found == {"proposal": 490, "nowhere": None, "closed_won": 100}


def by_day(parts, first, count):
    """Add up day by day what `spread` adds up by months."""
    found = [Decimal(0)] * count
    for part in parts:
        length = (part.end_on - part.start_on).days + 1
        for place in range(length):
            on = part.start_on + timedelta(days=place)
            month = (on.year - first.year) * 12 + on.month - first.month
            if 0 <= month < count:
                found[month] += Decimal(part.weight) / length
    return [round(one / 100_000, 6) for one in found]


def test_months_are_the_sums_of_their_days_whatever_the_terms():
    chance = random.Random(7)
    parts = []
    for _part in range(60):
        start = JANUARY + timedelta(days=chance.randrange(-400, 500))
        end = start + timedelta(days=chance.randrange(0, 800))
        if end >= JANUARY and start <= last_day(months_later(JANUARY, 11)):
            parts.append(Part(Sure.COMMITTED, start, end, chance.randrange(10**9)))

    found = [round(one.amounts[Sure.COMMITTED], 6) for one in spread(parts, JANUARY, 12)]

    assert found == by_day(parts, JANUARY, 12)


@pytest.mark.django_db
def test_list_behind_every_month_has_as_many_deals_as_the_month_says():
    chance = random.Random(11)
    stages = ["lead", "proposal", "closed_won", "closed_won", "closed_lost", "elsewhere"]
    for _deal in range(80):
        start = JANUARY + timedelta(days=chance.randrange(-300, 400))
        has_term = chance.random() < 0.6
        make_deal(
            stage=chance.choice(stages),
            amount=chance.choice([None, "0.00", "1200.00", "77.70"]),
            start_on=start if has_term else None,
            end_on=start + timedelta(days=chance.randrange(700)) if has_term else None,
            close_on=chance.choice([None, start]),
        )

    found = revenue(JANUARY, playbook=shipped(), count=14)[0]

    for one in found.months:
        for sure in Sure:
            named = f"money.{sure}.{one.month:%Y-%m}"
            figure = figure_of(
                named, period=PERIOD, playbook=shipped(), may=lambda _permission: True
            )
            assert figure.narrow(Deal.objects.all()).count() == one.deals[sure]
    assert sum(one.deals[sure] for one in found.months for sure in Sure) > 100
