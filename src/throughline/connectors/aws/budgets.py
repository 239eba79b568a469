"""Budgets of AWS accounts, through boto3: one send for each call, and never a retry of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from throughline.connectors.aws.failures import told
from throughline.connectors.aws.shapes import Budget, Threshold, budget_from, told_by
from throughline.connectors.http import TIMEOUT_S, NotFound

if TYPE_CHECKING:
    from mypy_boto3_budgets import BudgetsClient
    from mypy_boto3_sts import STSClient

REGION = "us-east-1"  # the budgets of the whole world are kept there
PAGE = 100
# boto3 by itself sends a create three times when its answer is lost.
ONCE = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},
    connect_timeout=TIMEOUT_S,
    read_timeout=TIMEOUT_S,
    region_name=REGION,
)


@dataclass(frozen=True, slots=True)
class WayIn:
    """How AWS is reached: whose keys, which role in linked accounts, and where."""

    key_id: str = ""  # without: whatever the machine is given (a profile, an instance's role)
    secret: str = ""
    role: str = ""  # its name in each linked account; without, the keys are used as they are
    budgets_url: str = ""  # without: AWS's own address
    sts_url: str = ""
    session_name: str = "throughline"


class Budgets:
    """The budgets of linked accounts. One client for each account, each made when it is needed."""

    def __init__(self, way: WayIn) -> None:
        self._way = way
        self._clients: dict[str, BudgetsClient] = {}
        self.calls = 0

    def find(self, account: str, name: str) -> Budget | None:
        """Return the budget of a name; None where the account has none.

        Raises:
            Transient, Declined, UnknownShape: see `failures.told`.
        """
        client = self._client(account)
        try:
            with self._counted(f"DescribeBudget {account}"):
                answer = client.describe_budget(AccountId=account, BudgetName=name)
        except NotFound:
            return None
        return budget_from(answer["Budget"])

    def thresholds(self, account: str, name: str) -> dict[Threshold, frozenset[str]]:
        """Return whom a budget tells by mail of what: one call, and one for each threshold."""
        return {
            threshold: frozenset(self._addresses(account, name, threshold))
            for threshold in self._thresholds(account, name)
        }

    def _thresholds(self, account: str, name: str) -> Iterator[Threshold]:
        more: dict[str, Any] = {}
        while True:
            with self._counted(f"DescribeNotificationsForBudget {account}"):
                answer = self._client(account).describe_notifications_for_budget(
                    AccountId=account, BudgetName=name, MaxResults=PAGE, **more
                )
            for one in answer.get("Notifications", []):
                is_percent = one.get("ThresholdType", "PERCENTAGE") == "PERCENTAGE"
                if is_percent and one["ComparisonOperator"] == "GREATER_THAN":
                    yield Threshold(one["NotificationType"], float(one["Threshold"]))
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}

    def _addresses(self, account: str, name: str, threshold: Threshold) -> Iterator[str]:
        more: dict[str, Any] = {}
        while True:
            with self._counted(f"DescribeSubscribersForNotification {account}"):
                answer = self._client(account).describe_subscribers_for_notification(
                    AccountId=account, BudgetName=name, Notification=threshold.notification(),
                    MaxResults=PAGE, **more,
                )  # fmt: skip
            for one in answer.get("Subscribers", []):
                if one["SubscriptionType"] == "EMAIL":
                    yield one["Address"]
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}

    def create(
        self, account: str, budget: Budget, thresholds: Sequence[Threshold], *, to: str
    ) -> None:
        """Make a budget with all that it tells, in one send.

        Raises:
            Duplicate: the account has one of that name; names are unique there.
        """
        client = self._client(account)
        with self._counted(f"CreateBudget {account}"):
            client.create_budget(
                AccountId=account, Budget=budget.as_sent(),
                NotificationsWithSubscribers=[told_by(one, to) for one in thresholds],
            )  # fmt: skip

    def update(self, account: str, budget: Budget) -> None:
        """Make a budget what it should be; what it tells whom stays as it is."""
        client = self._client(account)
        with self._counted(f"UpdateBudget {account}"):
            client.update_budget(AccountId=account, NewBudget=budget.as_sent())

    def tell(self, account: str, name: str, threshold: Threshold, *, to: str) -> None:
        """Add a threshold and who is told of it."""
        client = self._client(account)
        with self._counted(f"CreateNotification {account}"):
            client.create_notification(
                AccountId=account, BudgetName=name, Notification=threshold.notification(),
                Subscribers=[{"SubscriptionType": "EMAIL", "Address": to}],
            )  # fmt: skip

    def subscribe(self, account: str, name: str, threshold: Threshold, *, to: str) -> None:
        """Have somebody told of a threshold that is there."""
        client = self._client(account)
        with self._counted(f"CreateSubscriber {account}"):
            client.create_subscriber(
                AccountId=account, BudgetName=name, Notification=threshold.notification(),
                Subscriber={"SubscriptionType": "EMAIL", "Address": to},
            )  # fmt: skip

    def _counted(self, call: str) -> Any:
        self.calls += 1
        return told(call)

    def _client(self, account: str) -> "BudgetsClient":
        """Return the client of an account: as its role, where one is named.

        Raises:
            AccessDenied: the role cannot be assumed.
        """
        if account not in self._clients:
            with told("AWS"):
                self._clients[account] = self._session(account).client(
                    "budgets", config=ONCE, endpoint_url=self._way.budgets_url or None
                )
        return self._clients[account]

    def _session(self, account: str) -> boto3.Session:
        way = self._way
        own = boto3.Session(way.key_id or None, way.secret or None, region_name=REGION)
        if not way.role:
            return own
        sts: STSClient = own.client("sts", config=ONCE, endpoint_url=way.sts_url or None)
        with self._counted(f"AssumeRole {way.role} in {account}"):
            answer = sts.assume_role(
                RoleArn=f"arn:aws:iam::{account}:role/{way.role}", RoleSessionName=way.session_name
            )
        found = answer["Credentials"]
        return boto3.Session(
            found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"],
            region_name=REGION,
        )  # fmt: skip


def connect(way: WayIn) -> Budgets:
    """Return the budgets that a way leads to; nothing is asked yet."""
    return Budgets(way)
