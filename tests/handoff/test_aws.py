"""Budgets at AWS: what is wanted, made once, put right, and what waits for whom."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import NOON, make_cluster, make_engagement
from tests.handoff.world import apply, fresh, plan, sweep, verify, with_cluster
from throughline.budgets.models import Arming
from throughline.budgets.queries import unarmed_clusters
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.models import Engagement
from throughline.handoff.arming import keep_armings
from throughline.handoff.models import Outcome
from throughline.handoff.outside.aws import SETTLING
from throughline.handoff.outside.aws_trouble import aws_accounts, trouble_with_aws
from throughline.infrastructure.actions import note_alerts
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.intake.doctor import examine
from throughline.sales.models import Agreement, AgreementPayer, Deal
from throughline.simulators.aws_budgets import AwsBudgetsSimulator
from throughline.simulators.server import (
    answering,
    dropping,
    losing_the_answer,
    too_many,
)

ACCOUNT = "012345678901"
MONTHLY = "community-earthscope-monthly"
TO = "support+earthscope@2i2c.org"
LATER = NOON + timedelta(minutes=10)
STEPS = (20, 40, 60, 80, 90, 100, 120)
LARGE = timedelta(days=3)

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def aws(settings):
    """A simulated AWS in which this installation makes budgets."""
    with AwsBudgetsSimulator() as simulator:
        settings.AWS_BUDGETS, settings.AWS_ROLE = "make", simulator.role
        settings.AWS_KEY_ID, settings.AWS_SECRET = "AKIDEXAMPLE", "secret"
        settings.AWS_URL = settings.AWS_STS_URL = simulator.url
        yield simulator


@pytest.fixture
def engagement() -> Engagement:
    made = make_engagement(name="EarthScope 2026")
    with_cluster(made)
    return fresh(made)


def with_ceiling(engagement, amount="17500.00", *, is_prepaid=True):
    Agreement.objects.filter(deal=engagement.deal).update(
        ceiling=Decimal(amount), is_prepaid=is_prepaid
    )


def of_budgets(outcomes):
    return {one.key: one for one in outcomes if one.key.startswith(("aws.", "budgets."))}


def states(outcomes):
    return {key: str(one.state) for key, one in of_budgets(outcomes).items()}


def key_of(engagement, kind="monthly"):
    return f"aws.budget:{engagement.pk}:{ACCOUNT}:{kind}"


def until_settled(aws, engagement, first):
    """Sweep until nothing of it is open, as workers do; return the states."""
    sweep(NOON + SETTLING / 2)
    aws.catch_up()
    at = NOON + SETTLING
    for _ in range(12):
        if set(first.values()) <= {"converged", "waiting"}:
            break
        sweep(at)
        at += timedelta(minutes=45)
        first = states(Outcome.objects.filter(engagement=engagement))
    return first


def test_plan_names_the_budget_and_whom_it_tells_and_makes_nothing(aws, engagement):
    (line,) = [one for one in plan(engagement).changes if one.system == "aws"]

    assert line.outcome == key_of(engagement)
    assert line.summary == f"AWS budget {MONTHLY} on {ACCOUNT}, which tells {TO}"
    assert line.after == {
        "account": ACCOUNT, "budget": MONTHLY, "amount": "adjusts itself: the mean of 3 months",
        "from": None, "until": None, "alerts": ["forecast above 120 %"], "to": TO,
    }  # fmt: skip
    assert aws.made.total() == 0


def test_applying_makes_the_budget_once_and_a_second_time_changes_nothing(aws, engagement):
    made = of_budgets(apply(engagement))

    assert {key: str(one.state) for key, one in made.items()} == {key_of(engagement): "converged"}
    assert made[key_of(engagement)].receipt["id"] == f"arn:aws:budgets::{ACCOUNT}:budget/{MONTHLY}"
    assert aws.thresholds(ACCOUNT, MONTHLY) == {("FORECASTED", 120.0): [TO]}
    aws.operations.clear()
    apply(engagement, at=LATER)
    assert {name for name in aws.operations if not name.startswith("Describe")} == {"AssumeRole"}
    assert plan(engagement, at=LATER).changes == ()


def test_ceiling_of_an_agreement_with_one_account_is_a_budget_with_fixed_thresholds(
    aws, engagement
):
    with_ceiling(engagement)

    assert states(apply(engagement)) == {
        key_of(engagement): "converged", key_of(engagement, "pot"): "converged",
    }  # fmt: skip
    name = f"community-earthscope-pot-{engagement.pk}"
    assert aws.thresholds(ACCOUNT, name) == {("ACTUAL", float(step)): [TO] for step in STEPS}
    wanted = Outcome.objects.get(key=key_of(engagement, "pot")).wanted
    assert (wanted["amount"], wanted["from"], wanted["until"]) == (
        "17500.00 USD", "2026-04-01", "2028-03-31",
    )  # fmt: skip


@pytest.mark.parametrize("case", ["two accounts", "shared account", "other currency"])
def test_ceiling_that_aws_cannot_watch_is_watched_here(aws, engagement, case):
    with_ceiling(engagement)
    if case == "two accounts":
        with_cluster(engagement, "seismic", account="210987654321")
    elif case == "shared account":
        with_cluster(make_engagement(name="EarthScope 2027"), "other")
    else:
        Deal.objects.filter(pk=engagement.pk).update(currency="EUR")

    found = states(apply(engagement))

    assert {key for key in found if ":pot" in key} == set()
    computed = {key for key in found if key.startswith("budgets.computed") and "ceiling" in key}
    assert f"budgets.computed:{engagement.pk}:{ACCOUNT}:ceiling" in computed


def test_account_that_the_community_pays_for_needs_no_budget(aws, engagement):
    agreement = Agreement.objects.get(deal=engagement.deal)
    AgreementPayer.objects.create(
        agreement=agreement, cluster=Cluster.objects.get(), payer=Payer.COMMUNITY,
        from_on=NOON.date(),
    )  # fmt: skip

    assert states(apply(engagement)) == {}


@pytest.mark.parametrize(
    "fault",
    [
        too_many(),
        too_many("7"),
        answering(503),
        answering(500, {"__type": "InternalErrorException"}),
        dropping(),
        losing_the_answer(),
    ],
)
@pytest.mark.parametrize("lag", [0, 30])
def test_one_budget_is_made_whatever_becomes_of_the_send(aws, engagement, fault, lag):
    with_ceiling(engagement)
    aws.lag = lag
    aws.fail_next_write(fault)

    found = until_settled(aws, engagement, states(apply(engagement)))

    assert found == {
        key_of(engagement): "converged", key_of(engagement, "pot"): "converged",
    }  # fmt: skip
    assert sorted(aws.made.values()) == [1, 1]
    assert aws.operations["CreateBudget"] <= 3


def test_budget_that_does_not_show_for_longer_than_it_should_is_not_made_twice(aws, engagement):
    aws.lag = 30
    aws.fail_next_write(losing_the_answer())
    apply(engagement)

    sweep(NOON + SETTLING * 3)
    again = Outcome.objects.get(key=key_of(engagement))
    assert (str(again.state), aws.operations["CreateBudget"]) == ("unknown", 2)
    aws.catch_up()
    sweep(NOON + LARGE)

    assert str(Outcome.objects.get(key=key_of(engagement)).state) == "converged"
    assert (aws.made.total(), aws.operations["CreateBudget"]) == (1, 2)


def test_every_read_that_fails_is_looked_at_again_and_nothing_is_doubled(aws, engagement):
    for fault in (too_many(), answering(500, {"__type": "InternalErrorException"}), dropping()):
        aws.fail_next(fault)
        apply(engagement)

    found = until_settled(aws, engagement, states(Outcome.objects.filter(engagement=engagement)))

    assert (found, aws.made.total()) == ({key_of(engagement): "converged"}, 1)


def test_budget_that_somebody_made_is_compared_and_put_right(aws, engagement):
    aws.accounts.create(
        ACCOUNT,
        {
            "BudgetName": MONTHLY, "BudgetType": "COST", "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "5", "Unit": "USD"},
        },
        [
            {
                "Notification": {
                    "NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN",
                    "Threshold": 120.0,
                },
                "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "ada@example.org"}],
            }
        ],
        shown_from=0,
    )  # fmt: skip

    assert states(apply(engagement)) == {key_of(engagement): "converged"}
    assert aws.thresholds(ACCOUNT, MONTHLY) == {("FORECASTED", 120.0): ["ada@example.org", TO]}
    kept = aws.accounts.get(ACCOUNT, MONTHLY).budget
    assert kept["AutoAdjustData"]["AutoAdjustType"] == "HISTORICAL"
    assert aws.operations["CreateBudget"] == 0


def test_budget_that_tells_nobody_of_us_any_more_is_drift_and_is_restored_when_asked(
    aws, engagement
):
    apply(engagement)
    keep_armings(by="job", at=NOON)
    assert list(unarmed_clusters()) == []
    aws.accounts.get(ACCOUNT, MONTHLY).notified.clear()

    drifted = of_budgets(verify(engagement, at=LATER))[key_of(engagement)]
    keep_armings(by="job", at=LATER)

    assert (str(drifted.state), drifted.seen["to"], drifted.seen["alerts"]) == ("drifted", "", [])
    assert [str(one) for one in unarmed_clusters()] == ["earthscope"]
    apply(engagement, at=LATER + LARGE)
    assert aws.thresholds(ACCOUNT, MONTHLY) == {("FORECASTED", 120.0): [TO]}


def test_account_that_refuses_waits_for_a_person_and_the_others_go_on(aws, engagement):
    with_cluster(engagement, "seismic", account="210987654321")
    aws.denied.add(ACCOUNT)

    found = of_budgets(apply(engagement))

    other = f"aws.budget:{engagement.pk}:210987654321:monthly"
    assert {key: str(one.state) for key, one in found.items()} == {
        key_of(engagement): "waiting", other: "converged",
    }  # fmt: skip
    assert found[key_of(engagement)].remedy.startswith(
        f"AWS does not let {aws.role} see to the budgets of account {ACCOUNT}: let it be assumed"
    )
    aws.denied.clear()
    assert states(apply(engagement, at=LATER))[key_of(engagement)] == "converged"


def test_account_in_which_nothing_may_be_made_waits_with_what_is_missing(aws, engagement):
    aws.read_only.add(ACCOUNT)

    waits = of_budgets(apply(engagement))[key_of(engagement)]

    assert (str(waits.state), aws.made.total()) == ("waiting", 0)
    assert "budgets:ModifyBudget" in waits.remedy


def test_cluster_without_account_waits_for_its_file(aws, engagement):
    Cluster.objects.update(account=None)

    (waits,) = of_budgets(apply(engagement)).values()

    assert (waits.key, str(waits.state)) == (
        f"aws.budget:{engagement.pk}:earthscope:monthly", "waiting",
    )  # fmt: skip
    assert waits.remedy.startswith("Nobody knows which account it is")
    assert aws.calls.total() == 0


def test_where_terraform_makes_budgets_its_variables_are_told_and_its_file_is_checked(
    engagement, settings
):
    settings.AWS_BUDGETS = "terraform"

    (waits,) = of_budgets(apply(engagement)).values()

    assert (waits.key, str(waits.state)) == (
        f"budgets.terraform:{engagement.pk}:earthscope", "waiting",
    )  # fmt: skip
    assert f'"subscriber_email_addresses" : ["{TO}"]' in waits.remedy
    note_alerts({"earthscope": True}, by="import", at=LATER)
    assert set(states(apply(engagement, at=LATER)).values()) == {"converged"}
    note_alerts({"earthscope": False}, by="import", at=LATER)
    assert set(states(verify(engagement, at=LATER + LARGE)).values()) == {"waiting"}


def test_without_aws_throughline_watches_every_account_that_we_pay_for(engagement):
    make_cluster("gee", provider="gcp", account="earth-gee", deal_id=engagement.deal.hubspot_id)
    link_clusters(by="factory", at=NOON)
    with_ceiling(engagement, is_prepaid=False)

    found = states(apply(engagement))

    number = engagement.pk
    assert found == {
        f"budgets.computed:{number}:{account}:{name}": "converged"
        for account in (ACCOUNT, "earth-gee")
        for name in ("month", "ceiling")
    }
    assert Arming.objects.filter(is_armed=True, to=TO).count() == 4
    assert list(unarmed_clusters()) == []
    assert states(apply(engagement, at=LATER)) == found
    assert plan(engagement, at=LATER).changes == ()


def test_keeping_what_is_armed_takes_as_many_queries_for_three_as_for_one(
    aws, engagement, django_assert_num_queries
):
    apply(engagement)
    keep_armings(by="job", at=NOON)
    with django_assert_num_queries(3):
        assert keep_armings(by="job", at=LATER) == []
    with_cluster(engagement, "b", account="111111111111")
    with_cluster(engagement, "c", account="222222222222")
    apply(engagement, at=LATER)
    assert len(keep_armings(by="job", at=LATER)) == 2
    with django_assert_num_queries(3):
        assert keep_armings(by="job", at=LATER) == []


def aws_check():
    (check,) = [one for one in examine(at=NOON) if one.name == "aws"]
    return check


def test_doctor_asks_each_account_that_we_pay_for_once_and_makes_nothing(aws, engagement):
    check = aws_check()

    assert (check.is_well, check.remedy) == (True, "")
    assert check.message == (
        "Budgets are made in 1 accounts that we pay for, as the role throughline-budgets of each, by"
        " an access key."
    )
    assert aws_accounts() == [ACCOUNT]
    assert aws.accounts.of(ACCOUNT) == {}


@pytest.mark.parametrize(
    ("spoil", "remedy"),
    [
        (lambda settings, aws: setattr(settings, "AWS_ROLE", "another"),
         f"AWS does not let another see to the budgets of account {ACCOUNT}: let it be assumed"),
        (lambda settings, aws: aws.fail_next(answering(503)), "AWS does not answer: try again later."),
    ],
)  # fmt: skip
def test_doctor_says_what_is_to_mend_before_budgets_are_made(
    aws, engagement, settings, spoil, remedy
):
    spoil(settings, aws)

    check = aws_check()

    assert (check.is_well, check.remedy.startswith(remedy)) == (False, True)


@pytest.mark.parametrize(
    ("way", "said"),
    [("off", "Throughline watches the costs"), ("terraform", "Terraform makes the budgets")],
)
def test_doctor_does_not_ask_aws_where_others_watch(aws, engagement, settings, way, said):
    settings.AWS_BUDGETS = way

    check = aws_check()

    assert (check.is_well, check.message.startswith(f"AWS is not asked: {said}")) == (True, True)
    assert (trouble_with_aws([ACCOUNT]), aws.calls.total()) == ([], 0)
