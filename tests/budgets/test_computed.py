"""What Throughline tells by itself of imported costs: each threshold once, whoever computes it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.billing.bills import ACCOUNT, APRIL, JUNE, MAY, book
from tests.factories import NOON, make_engagement
from tests.handoff.world import apply, fresh, with_cluster
from throughline.budgets.jobs import rehearse_watches, run_watches
from throughline.budgets.models import Alert, Arming, Crossing
from throughline.budgets.spending import burns_of, forecast_of
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.sales.models import Agreement, Deal

pytestmark = pytest.mark.django_db
TO = "support+earthscope@2i2c.org"
JULY = date(2026, 7, 1)
MID_JULY = datetime(2026, 7, 16, 12, tzinfo=UTC)
AUGUST = datetime(2026, 8, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path


@pytest.fixture
def engagement():
    made = make_engagement(name="EarthScope 2026")
    with_cluster(made)
    return fresh(made)


def watched(engagement, ceiling="", **fields):
    if ceiling:
        Agreement.objects.filter(deal=engagement.deal).update(
            ceiling=Decimal(ceiling), is_prepaid=True, **fields
        )
    apply(engagement)
    return fresh(engagement)


def run(at):
    done = run_watches(at=at, playbook=shipped(), by="worker")
    assert done.failed == []
    return [(one.to, one.subject, one.threshold) for one in done.queued]


def three_months(amount="100.00"):
    for month in (APRIL, MAY, JUNE):
        book({ACCOUNT: amount}, month=month, at=datetime(2026, 7, 2, tzinfo=UTC))


def test_month_that_will_come_out_too_high_is_told_once_and_becomes_a_ticket(engagement):
    watched(engagement)
    three_months()
    book({ACCOUNT: "90.00"}, month=JULY, at=MID_JULY)

    assert run(MID_JULY) == [
        (
            TO,
            "EarthScope: aws 012345678901 will come out above 120 % of the months before.",
            "above 120 % of the months before",
        )
    ]
    text = Message.objects.get(subject__startswith="EarthScope: aws").text
    assert "Spent: 186.00 USD\nLimit: 100.00 USD\nAs of: 2026-07-16" in text
    alert = Alert.objects.get()
    assert (alert.engagement, str(alert.account), alert.month) == (
        engagement, f"aws {ACCOUNT}", "2026-07",
    )  # fmt: skip
    assert run(MID_JULY + timedelta(hours=1)) == []
    assert run(MID_JULY + timedelta(days=1)) == []


def test_forecast_that_comes_true_is_not_told_again_and_the_next_month_is(engagement):
    watched(engagement)
    three_months()
    book({ACCOUNT: "90.00"}, month=JULY, at=MID_JULY)
    run(MID_JULY)
    book({ACCOUNT: "190.00"}, month=JULY, at=AUGUST)
    book({ACCOUNT: "900.00"}, month=date(2026, 8, 1), at=datetime(2026, 8, 20, tzinfo=UTC))

    later = datetime(2026, 8, 20, 12, tzinfo=UTC)

    assert [subject for _to, subject, _threshold in run(later)] == [
        "EarthScope: aws 012345678901 will come out above 120 % of the months before."
    ]
    assert sorted(Alert.objects.values_list("month", flat=True)) == ["2026-07", "2026-08"]


def test_month_known_only_after_its_end_is_told_as_what_it_was(engagement):
    watched(engagement)
    three_months()
    book({ACCOUNT: "121.00"}, month=JULY, at=AUGUST)

    ((_to, subject, _threshold),) = run(AUGUST)

    assert subject == "EarthScope: aws 012345678901 came out above 120 % of the months before."


@pytest.mark.parametrize("amount", ["120.00", "0.00"])
def test_month_that_is_not_above_is_not_told(engagement, amount):
    watched(engagement)
    three_months()
    book({ACCOUNT: amount}, month=JULY, at=AUGUST)

    assert run(AUGUST) == []


def test_month_says_nothing_in_its_first_days_nor_without_months_before(engagement):
    watched(engagement)
    book({ACCOUNT: "900.00"}, month=JULY, at=AUGUST)
    assert run(AUGUST) == []
    assert forecast_of(JULY, {JULY: Decimal(90)}, datetime(2026, 7, 4, tzinfo=UTC)) is None
    assert forecast_of(JULY, {JULY: Decimal(31)}, datetime(2026, 7, 11, tzinfo=UTC)) == Decimal(
        "96.1"
    )


def test_steps_of_a_pot_are_each_kept_and_the_last_one_passed_is_mailed(engagement):
    watched(engagement, "1000.00")
    book({ACCOUNT: "450.00"}, month=APRIL, at=NOON + timedelta(days=62))
    may = datetime(2026, 5, 4, 12, tzinfo=UTC)

    assert run(may) == [(TO, "EarthScope: 40 % of the pot is spent.", "40 %")]
    assert sorted(Crossing.objects.values_list("threshold", flat=True)) == ["20 %", "40 %"]

    book({ACCOUNT: "400.00"}, month=MAY, at=datetime(2026, 6, 2, tzinfo=UTC))
    june = datetime(2026, 6, 3, 12, tzinfo=UTC)
    assert run(june) == [(TO, "EarthScope: 80 % of the pot is spent.", "80 %")]
    assert run(june + timedelta(days=40)) == []
    assert Message.objects.filter(key__startswith="budget:").count() == 2


def test_pot_in_another_currency_is_not_compared(engagement):
    Deal.objects.filter(pk=engagement.pk).update(currency="EUR")
    watched(engagement, "100.00")
    book({ACCOUNT: "450.00"}, month=APRIL, at=NOON + timedelta(days=62))

    assert run(datetime(2026, 5, 4, 12, tzinfo=UTC)) == []


def test_rehearsal_shows_the_mail_on_its_day_and_writes_nothing(engagement):
    watched(engagement, "1000.00")
    book({ACCOUNT: "450.00"}, month=APRIL, at=NOON + timedelta(days=62))
    today = date(2026, 5, 4)

    def rehearsed(on):
        return [
            (one.subject, one.engagement)
            for one in rehearse_watches(on=on, today=today, playbook=shipped())
        ]

    assert rehearsed(today) == [("EarthScope: 40 % of the pot is spent.", engagement.pk)]
    assert rehearsed(today + timedelta(days=1)) == []
    assert (Crossing.objects.count(), Message.objects.filter(key__startswith="budget:").count()) == (
        0, 0,
    )  # fmt: skip


@pytest.mark.both_databases
def test_two_workers_at_once_tell_each_threshold_once(at_once):
    made = make_engagement(name="EarthScope 2026")
    with_cluster(made)
    watched(fresh(made), "1000.00")
    book({ACCOUNT: "450.00"}, month=APRIL, at=NOON + timedelta(days=62))
    may = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def work():
        return run_watches(at=may, playbook=shipped(), by="worker").queued

    found = at_once(work, work)

    assert sorted(len(one) for one in found) == [0, 1]
    assert Message.objects.filter(key__startswith="budget:").count() == 1


def test_burn_says_when_a_pot_runs_out_beside_when_the_agreement_ends(engagement):
    watched(engagement, "1000.00")
    for month, amount in ((APRIL, "100.00"), (MAY, "200.00"), (JUNE, "300.00")):
        book({ACCOUNT: amount}, month=month, at=datetime(2026, 7, 2, tzinfo=UTC))

    (burn,) = burns_of([engagement], on=date(2026, 7, 3), playbook=shipped())

    assert (burn.spent, burn.pct, burn.rate) == (Decimal(600), 60, Decimal(200))
    assert (burn.runs_out_on, burn.place.ceiling.last, burn.runs_out_early) == (
        date(2026, 8, 29), date(2027, 3, 31), True,
    )  # fmt: skip


def test_burn_of_a_pot_that_is_passed_says_in_which_month(engagement):
    watched(engagement, "250.00")
    for month, amount in ((APRIL, "100.00"), (MAY, "200.00"), (JUNE, "300.00")):
        book({ACCOUNT: amount}, month=month, at=datetime(2026, 7, 2, tzinfo=UTC))

    (burn,) = burns_of([engagement], on=date(2026, 7, 3), playbook=shipped())

    assert (burn.pct, burn.runs_out_on) == (240, date(2026, 5, 31))


def test_unknown_costs_are_unknown_and_not_zero(engagement):
    watched(engagement, "250.00")

    (burn,) = burns_of([engagement], on=date(2026, 7, 3), playbook=shipped())

    assert (burn.spent, burn.pct, burn.rate, burn.runs_out_on, burn.forecast) == (None,) * 5


def test_costs_are_looked_at_by_as_many_queries_for_three_accounts_as_for_one(
    engagement, django_assert_max_num_queries
):
    watched(engagement, "1000.00")
    three_months()
    with django_assert_max_num_queries(67) as one:
        run(MID_JULY)
    for name in ("b", "c"):
        with_cluster(engagement, name, account=f"{name * 12}")
    watched(engagement)
    assert Arming.objects.filter(looked_at=None).count() > 0
    Message.objects.filter(key__startswith="budget:").delete()
    Crossing.objects.all().delete()
    with django_assert_max_num_queries(len(one) + 8):
        run(MID_JULY + timedelta(hours=1))


def test_between_two_files_and_days_a_look_costs_two_queries(engagement, django_assert_num_queries):
    watched(engagement)
    three_months()
    run(MID_JULY)
    with django_assert_num_queries(2):
        run(MID_JULY + timedelta(minutes=1))
