"""The budgets are proved by boto3, which nobody here wrote, with its retries off."""

import gzip
import json
from pathlib import Path

import boto3
import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from moto.server import ThreadedMotoServer

from throughline.simulators.aws_budgets import AwsBudgetsSimulator
from throughline.simulators.server import Call, answering, losing_the_answer, too_many

ACCOUNT, OTHER = "123456789012", "210987654321"
NAME = "community-earthscope-monthly"
TO = "support+earthscope@2i2c.org"
ONCE = Config(
    retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5, region_name="us-east-1"
)
AUTO = {
    "BudgetName": NAME, "BudgetType": "COST", "TimeUnit": "MONTHLY",
    "AutoAdjustData": {
        "AutoAdjustType": "HISTORICAL", "HistoricalOptions": {"BudgetAdjustmentPeriod": 3},
    },
}  # fmt: skip
FIXED = {
    "BudgetName": NAME, "BudgetType": "COST", "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "2000", "Unit": "USD"},
}  # fmt: skip
FORECAST = {
    "NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 120.0,
    "ThresholdType": "PERCENTAGE",
}  # fmt: skip


@pytest.fixture
def simulator():
    with AwsBudgetsSimulator() as opened:
        yield opened


@pytest.fixture
def budgets(simulator):
    return client(simulator)


def client(simulator, key="AKIDEXAMPLE", token=None):
    return boto3.Session(key, "secret", token).client(
        "budgets", config=ONCE, endpoint_url=simulator.url
    )


def mail(address=TO):
    return {"SubscriptionType": "EMAIL", "Address": address}


def actual(percent):
    return FORECAST | {"NotificationType": "ACTUAL", "Threshold": percent}


def create(budgets, budget=AUTO, told=(), account=ACCOUNT):
    return budgets.create_budget(
        AccountId=account, Budget=budget,
        NotificationsWithSubscribers=[
            {"Notification": one, "Subscribers": list(who)} for one, who in told or [(FORECAST, [mail()])]
        ],
    )  # fmt: skip


def refusal(call, *args, **kwargs):
    with pytest.raises(ClientError) as raised:
        call(*args, **kwargs)
    return raised.value.response["Error"]["Code"]


def test_auto_adjusting_budget_is_kept_with_what_it_adjusts_by_and_whom_it_tells(budgets):
    create(budgets)

    found = budgets.describe_budget(AccountId=ACCOUNT, BudgetName=NAME)["Budget"]
    assert found["AutoAdjustData"]["AutoAdjustType"] == "HISTORICAL"
    assert found["AutoAdjustData"]["HistoricalOptions"]["BudgetAdjustmentPeriod"] == 3
    told = budgets.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName=NAME)
    assert told["Notifications"] == [FORECAST | {"NotificationState": "OK"}]
    who = budgets.describe_subscribers_for_notification(
        AccountId=ACCOUNT, BudgetName=NAME, Notification=FORECAST
    )
    assert who["Subscribers"] == [mail()]


def test_second_budget_of_a_name_is_a_duplicate_and_of_another_account_is_not(budgets):
    create(budgets)

    assert refusal(create, budgets) == "DuplicateRecordException"
    create(budgets, account=OTHER)
    listed = budgets.describe_budgets(AccountId=OTHER)["Budgets"]
    assert [one["BudgetName"] for one in listed] == [NAME]


def test_update_and_delete_need_a_budget_that_is_there(budgets):
    assert refusal(budgets.update_budget, AccountId=ACCOUNT, NewBudget=FIXED) == "NotFoundException"
    create(budgets)
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=FIXED)
    found = budgets.describe_budget(AccountId=ACCOUNT, BudgetName=NAME)["Budget"]
    assert (found["BudgetLimit"], "AutoAdjustData" in found) == (FIXED["BudgetLimit"], False)

    budgets.delete_budget(AccountId=ACCOUNT, BudgetName=NAME)
    assert (
        refusal(budgets.describe_budget, AccountId=ACCOUNT, BudgetName=NAME) == "NotFoundException"
    )


@pytest.mark.parametrize(
    "budget",
    [
        AUTO | {"BudgetLimit": {"Amount": "10", "Unit": "USD"}},
        {name: value for name, value in FIXED.items() if name != "BudgetLimit"},
        FIXED | {"BudgetName": "a:b"},
        FIXED | {"BudgetName": "a\\b"},
        FIXED | {"BudgetName": "a/action/b"},
        FIXED | {"BudgetName": "for ada@example.org"},
        FIXED | {"TimeUnit": "FORTNIGHTLY"},
        FIXED | {"BudgetType": "MONEY"},
        FIXED | {"BudgetLimit": {"Amount": "much", "Unit": "USD"}},
        FIXED | {"TimeUnit": "CUSTOM"},
        AUTO | {"TimeUnit": "CUSTOM"},
        AUTO | {"AutoAdjustData": {"AutoAdjustType": "GUESSED"}},
        AUTO
        | {
            "AutoAdjustData": {
                "AutoAdjustType": "HISTORICAL",
                "HistoricalOptions": {"BudgetAdjustmentPeriod": 13},
            }
        },
        FIXED | {"CostFilters": {"Service": ["x"]}, "Metrics": ["UnblendedCost"]},
    ],
)
def test_budget_that_aws_would_not_keep_is_refused(budgets, budget):
    assert refusal(create, budgets, budget) == "InvalidParameterException"
    assert budgets.describe_budgets(AccountId=ACCOUNT).get("Budgets", []) == []


def test_limits_that_the_clients_own_check_lets_through_are_refused(budgets):
    eleven = [(actual(float(n)), [mail()]) for n in range(1, 12)]
    crowd = [mail(f"p{n}@example.org") for n in range(11)]

    assert refusal(create, budgets, told=eleven) == "CreationLimitExceededException"
    assert refusal(create, budgets, told=[(FORECAST, crowd)]) == "CreationLimitExceededException"
    assert refusal(create, budgets, told=[(FORECAST, [mail("nobody")])]) == (
        "InvalidParameterException"
    )
    assert (
        refusal(
            create, budgets, told=[(FORECAST | {"ComparisonOperator": "ABOUT"}, [mail()])]
        ) == "InvalidParameterException"
    )  # fmt: skip
    create(budgets, told=eleven[:10])
    assert (
        refusal(
            budgets.create_notification, AccountId=ACCOUNT, BudgetName=NAME,
            Notification=FORECAST, Subscribers=[mail()],
        ) == "CreationLimitExceededException"
    )  # fmt: skip


def test_notifications_and_subscribers_are_added_changed_and_taken_away(budgets):
    create(budgets)
    at = {"AccountId": ACCOUNT, "BudgetName": NAME}
    budgets.create_notification(**at, Notification=actual(80.0), Subscribers=[mail()])
    assert (
        refusal(
            budgets.create_notification, **at, Notification=actual(80), Subscribers=[mail()]
        ) == "DuplicateRecordException"
    )  # fmt: skip
    budgets.create_subscriber(**at, Notification=actual(80.0), Subscriber=mail("b@example.org"))
    budgets.update_subscriber(
        **at, Notification=actual(80.0), OldSubscriber=mail("b@example.org"),
        NewSubscriber=mail("c@example.org"),
    )  # fmt: skip
    budgets.update_notification(**at, OldNotification=actual(80.0), NewNotification=actual(90.0))
    who = budgets.describe_subscribers_for_notification(**at, Notification=actual(90.0))
    assert who["Subscribers"] == [mail(), mail("c@example.org")]

    budgets.delete_subscriber(**at, Notification=FORECAST, Subscriber=mail())
    budgets.delete_notification(**at, Notification=actual(90.0))
    assert budgets.describe_notifications_for_budget(**at)["Notifications"] == []


def test_lists_come_in_pages(budgets):
    for number in range(5):
        create(budgets, FIXED | {"BudgetName": f"b{number}"})

    pages = list(
        budgets.get_paginator("describe_budgets").paginate(
            AccountId=ACCOUNT, PaginationConfig={"PageSize": 2}
        )
    )

    assert [len(page["Budgets"]) for page in pages] == [2, 2, 1]


def test_new_budget_that_lags_is_not_described_and_its_name_is_taken(simulator, budgets):
    simulator.lag = 2
    create(budgets)

    assert (
        refusal(budgets.describe_budget, AccountId=ACCOUNT, BudgetName=NAME) == "NotFoundException"
    )
    assert refusal(create, budgets) == "DuplicateRecordException"
    assert budgets.describe_budget(AccountId=ACCOUNT, BudgetName=NAME)["Budget"]["BudgetName"]


def test_faults_answer_as_aws_does_and_a_lost_answer_was_performed(simulator, budgets):
    simulator.fail_next_write(too_many(), answering(500, {"__type": "InternalErrorException"}))
    with pytest.raises(ClientError) as throttled:
        create(budgets)
    with pytest.raises(ClientError) as broken:
        create(budgets)
    simulator.fail_next_write(losing_the_answer())
    with pytest.raises(ConnectionClosedError):
        create(budgets)

    statuses = [
        one.value.response["ResponseMetadata"]["HTTPStatusCode"] for one in (throttled, broken)
    ]
    assert (statuses, simulator.made.total()) == ([429, 500], 1)


def test_keys_of_a_role_count_in_their_account_alone(simulator):
    sts = boto3.Session("AKIDEXAMPLE", "secret").client(
        "sts", config=ONCE, endpoint_url=simulator.url
    )
    found = sts.assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/throughline-budgets", RoleSessionName="throughline"
    )["Credentials"]
    linked = client(simulator, found["AccessKeyId"], found["SessionToken"])

    create(linked)

    assert refusal(create, linked, account=OTHER) == "AccessDeniedException"
    other = f"arn:aws:iam::{ACCOUNT}:role/somebody-else"
    assert refusal(sts.assume_role, RoleArn=other, RoleSessionName="us") == "AccessDenied"


def test_keys_that_motos_sts_gives_are_taken_as_any_others(simulator):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        sts = boto3.Session("AKIDEXAMPLE", "secret").client(
            "sts", config=ONCE, endpoint_url=f"http://{host}:{port}"
        )
        found = sts.assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any", RoleSessionName="throughline"
        )["Credentials"]
    finally:
        server.stop()

    create(client(simulator, found["AccessKeyId"], found["SessionToken"]))

    assert simulator.made == {f"{ACCOUNT} {NAME}": 1}


def test_answers_and_requests_have_the_shapes_of_awss_own_description(simulator, budgets):
    """Every member of an answer is one that the model knows, of the type that it says."""
    create(budgets)
    create(budgets, FIXED | {"BudgetName": "fixed"})
    raw = [
        ("DescribeBudget", {"BudgetName": NAME}),
        ("DescribeBudget", {"BudgetName": "fixed"}),
        ("DescribeBudgets", {}),
        ("DescribeNotificationsForBudget", {"BudgetName": NAME}),
        (
            "DescribeSubscribersForNotification", {"BudgetName": NAME, "Notification": FORECAST},
        ),
    ]  # fmt: skip
    model = description()

    found = [
        problem
        for operation, asked in raw
        for problem in misshapen(
            model,
            model["operations"][operation]["output"]["shape"],
            simulator._performed(signed(operation, asked)),
        )
    ]

    assert found == []
    assert misshapen(model, "Budget", {"BudgetName": 7, "Odd": 1}) == [
        "Budget.BudgetName: int", "Budget.Odd: not in the description",
        "Budget.TimeUnit: missing", "Budget.BudgetType: missing",
    ]  # fmt: skip


def signed(operation, asked):
    headers = {
        "x-amz-target": f"AWSBudgetServiceGateway.{operation}",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260302/us-east-1/budgets/aws4_request",
    }
    return Call("POST", "/", {}, headers, json.dumps({"AccountId": ACCOUNT} | asked).encode())


def description():
    folder = Path(botocore.__file__).parent / "data/budgets"
    (file,) = folder.glob("*/service-2.json.gz")
    return json.loads(gzip.decompress(file.read_bytes()))


KINDS = {
    "string": str, "integer": int, "double": (int, float), "boolean": bool, "map": dict,
    "timestamp": (int, float),
}  # fmt: skip


def misshapen(model, name, value):
    """Return what is wrong with a value of a shape."""
    return list(_misshapen(model, name, value, name))


def _misshapen(model, name, value, where):
    shape = model["shapes"][name]
    if shape["type"] == "structure":
        yield from _misshapen_members(model, shape, value, where)
    elif shape["type"] == "list":
        for place, inner in enumerate(value):
            yield from _misshapen(model, shape["member"]["shape"], inner, f"{where}[{place}]")
    elif not isinstance(value, KINDS[shape["type"]]):
        yield f"{where}: {type(value).__name__}"
    elif value not in shape.get("enum", [value]):
        yield f"{where}: {value} is none of its values"


def _misshapen_members(model, shape, value, where):
    for member, inner in value.items():
        if member in shape["members"]:
            of = shape["members"][member]["shape"]
            yield from _misshapen(model, of, inner, f"{where}.{member}")
        else:
            yield f"{where}.{member}: not in the description"
    yield from (
        f"{where}.{member}: missing" for member in shape.get("required", []) if member not in value
    )
