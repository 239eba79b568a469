"""AWS's budgets through boto3: one send, one answer, and what each failure means."""

from datetime import date
from decimal import Decimal

import boto3
import pytest
from moto.server import ThreadedMotoServer

from throughline.connectors.aws.budgets import ONCE, WayIn, connect
from throughline.connectors.aws.refusals import AccessDenied, AwsDeclined, Duplicate
from throughline.connectors.aws.shapes import Budget, Threshold
from throughline.connectors.http import AnswerLost, NotFound, NotSendable
from throughline.kernel.errors import Transient
from throughline.simulators.aws_budgets import AwsBudgetsSimulator
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many

ACCOUNT, OTHER = "123456789012", "210987654321"
TO = "support+earthscope@2i2c.org"
AUTO = Budget("community-earthscope-monthly", months_back=3)
POT = Budget(
    "community-earthscope-pot", limit=Decimal("17500.50"), first=date(2026, 3, 1),
    last=date(2027, 2, 28),
)  # fmt: skip
FORECAST, EIGHTY = Threshold("FORECASTED", 120), Threshold("ACTUAL", 80)


@pytest.fixture
def simulator():
    with AwsBudgetsSimulator() as opened:
        yield opened


@pytest.fixture
def budgets(simulator):
    return connect(WayIn("AKIDEXAMPLE", "secret", budgets_url=simulator.url))


@pytest.mark.parametrize("budget", [AUTO, POT, Budget("b", limit=Decimal(5), currency="EUR")])
def test_budget_reads_back_as_it_was_made(budgets, budget):
    budgets.create(ACCOUNT, budget, [EIGHTY, FORECAST], to=TO)

    assert budgets.find(ACCOUNT, budget.name) == budget
    told = budgets.thresholds(ACCOUNT, budget.name)
    assert told == {EIGHTY: frozenset({TO}), FORECAST: frozenset({TO})}


def test_thresholds_of_several_pages_are_all_read(simulator, budgets):
    simulator.page = 3
    every = [Threshold("ACTUAL", float(percent)) for percent in range(10, 80, 10)]
    budgets.create(ACCOUNT, AUTO, every, to=TO)

    assert set(budgets.thresholds(ACCOUNT, AUTO.name)) == set(every)
    assert simulator.operations["DescribeNotificationsForBudget"] == 3


def test_update_leaves_those_who_are_told_alone(budgets):
    budgets.create(ACCOUNT, AUTO, [FORECAST], to=TO)
    budgets.tell(ACCOUNT, AUTO.name, EIGHTY, to=TO)
    budgets.subscribe(ACCOUNT, AUTO.name, EIGHTY, to="ada@example.org")

    budgets.update(ACCOUNT, Budget(AUTO.name, months_back=6))

    assert budgets.find(ACCOUNT, AUTO.name) == Budget(AUTO.name, months_back=6)
    assert budgets.thresholds(ACCOUNT, AUTO.name) == {
        FORECAST: frozenset({TO}), EIGHTY: frozenset({TO, "ada@example.org"}),
    }  # fmt: skip


def test_what_is_not_there_is_none_to_find_and_refused_to_change(budgets):
    assert budgets.find(ACCOUNT, AUTO.name) is None
    with pytest.raises(NotFound):
        budgets.update(ACCOUNT, AUTO)


def test_second_of_a_name_is_a_duplicate(budgets):
    budgets.create(ACCOUNT, AUTO, [FORECAST], to=TO)
    with pytest.raises(Duplicate):
        budgets.create(ACCOUNT, AUTO, [FORECAST], to=TO)


@pytest.mark.parametrize(
    ("fault", "kind", "performed"),
    [
        (too_many(), Transient, 0),
        (answering(503), Transient, 0),
        (answering(500, {"__type": "InternalErrorException"}), AnswerLost, 0),
        (dropping(), AnswerLost, 0),
        (losing_the_answer(), AnswerLost, 1),
        (answering(400, {"__type": "ThrottlingException"}), Transient, 0),
        (answering(400, {"__type": "ServiceQuotaExceededException"}), AwsDeclined, 0),
        (answering(403, {"__type": "AccessDeniedException"}), AccessDenied, 0),
    ],
)
def test_each_failure_has_its_kind_and_is_sent_once(simulator, budgets, fault, kind, performed):
    simulator.fail_next(fault)

    with pytest.raises((Transient, AwsDeclined)) as raised:
        budgets.create(ACCOUNT, AUTO, [FORECAST], to=TO)

    assert type(raised.value) is kind
    assert (simulator.calls.total(), simulator.made.total()) == (1, performed)


def test_nothing_is_sent_where_nobody_answers_or_the_call_breaks_awss_description(simulator):
    simulator.close()
    budgets = connect(WayIn("AKIDEXAMPLE", "secret", budgets_url=simulator.url))
    with pytest.raises(Transient) as raised:
        budgets.find(ACCOUNT, AUTO.name)
    assert type(raised.value) is Transient
    with pytest.raises(NotSendable):
        budgets.find("12", AUTO.name)


def test_role_of_a_linked_account_is_assumed_once_and_its_keys_count_there_alone(simulator):
    way = WayIn(
        "AKIDEXAMPLE", "secret", role=simulator.role, budgets_url=simulator.url,
        sts_url=simulator.url,
    )  # fmt: skip
    budgets = connect(way)

    budgets.create(ACCOUNT, AUTO, [FORECAST], to=TO)
    budgets.create(OTHER, AUTO, [FORECAST], to=TO)

    assert simulator.operations == {"AssumeRole": 2, "CreateBudget": 2}
    assert budgets.calls == 4


def test_role_that_may_not_be_assumed_is_told_with_role_and_account(simulator):
    way = WayIn(
        "AKIDEXAMPLE", "secret", role="odd", budgets_url=simulator.url, sts_url=simulator.url
    )

    with pytest.raises(AccessDenied) as raised:
        connect(way).find(ACCOUNT, AUTO.name)

    assert str(raised.value).startswith(f"AssumeRole odd in {ACCOUNT}: 403 AccessDenied")


def test_motos_organization_and_sts_lead_into_a_linked_account(simulator):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        moto = f"http://{host}:{port}"
        organizations = boto3.Session("AKIDEXAMPLE", "secret").client(
            "organizations", config=ONCE, endpoint_url=moto
        )
        organizations.create_organization(FeatureSet="ALL")
        made = organizations.create_account(AccountName="earthscope", Email="e@example.org")
        linked = made["CreateAccountStatus"]["AccountId"]
        way = WayIn("AKIDEXAMPLE", "secret", role="any", budgets_url=simulator.url, sts_url=moto)

        connect(way).create(linked, AUTO, [FORECAST], to=TO)
    finally:
        server.stop()

    assert simulator.made == {f"{linked} {AUTO.name}": 1}
