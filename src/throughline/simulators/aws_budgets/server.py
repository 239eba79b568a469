"""AWS Budgets over HTTP: JSON 1.1, one address, the operation in a header."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from throughline.simulators.aws_budgets.entering import NOT_YOURS, assume_role, entered
from throughline.simulators.aws_budgets.rules import (
    Invalid,
    Refusal,
    check_account,
    check_subscribers,
)
from throughline.simulators.aws_budgets.state import Accounts, Kept, Told
from throughline.simulators.server import Call, Fault, Reply, Simulator

TARGET = re.compile(r"AWSBudgetServiceGateway\.(\w+)")
KIND = "application/x-amz-json-1.1"
READS = "Describe"
MOST_PAGE = {"DescribeBudgets": 1000}
Asked = Mapping[str, Any]


class AwsBudgetsSimulator(Simulator):
    """Budgets of any number of accounts. `operations` counts what came in, by AWS's names.

    `lag` says for how many later calls a new budget is missing from what is described; its name is
    taken all the same. `role` is the role that may be assumed; keys that it gave count for their
    account alone, all others everywhere. Source: botocore, budgets/2016-10-20.
    """

    def __init__(self) -> None:
        super().__init__()
        self.accounts = Accounts()
        self.role = "throughline-budgets"
        self.denied: set[str] = set()  # accounts that nobody may do anything in
        self.read_only: set[str] = set()  # accounts in which nothing may be made
        self.lag = 0
        self.page = 100
        self.operations: Counter[str] = Counter()
        self.made: Counter[str] = Counter()  # budgets really made, by account and name
        self._faults_of_writes: list[Fault] = []
        self._arrived = 0

    def catch_up(self) -> None:
        """Let time pass: all that was made shows."""
        for budgets in self.accounts.by_account.values():
            for one in budgets.values():
                one.shown_from = 0

    def fail_next_write(self, *faults: Fault) -> None:
        """Have the next calls that change something fail, one fault each."""
        self._faults_of_writes.extend(faults)

    def take(self, call: Call) -> Reply | None:
        """Return the reply to a call; a write meets the next fault that was meant for writes."""
        name = _operation(call)
        if name and not name.startswith(READS) and self._faults_of_writes:
            self.fail_next(self._faults_of_writes.pop(0))
        self.operations[name or "AssumeRole"] += 1
        self._arrived += 1
        return super().take(call)

    def answer(self, call: Call) -> Reply:
        """Return what AWS would answer."""
        if "x-amz-target" not in call.headers:
            return assume_role(call, self.role, self.denied)
        try:
            return _json(200, self._performed(call))
        except Refusal as refusal:
            said = {"__type": refusal.kind, "Message": refusal.message}
            return _json(refusal.status, said, refusal.kind)

    def _performed(self, call: Call) -> Told:
        name = _operation(call)
        perform: Callable[[Asked], Told] | None = getattr(self, f"_{_snake(name)}", None)
        if not name or perform is None:
            raise Refusal("UnknownOperationException", f"Unknown operation: {name}")
        try:
            asked = json.loads(call.body)
        except ValueError as error:
            raise Refusal("SerializationException", "The body is no JSON.") from error
        account = check_account(asked.get("AccountId"))
        is_write = not name.startswith(READS)
        if not entered(call, account) or account in self.denied:
            raise Refusal("AccessDeniedException", NOT_YOURS.format(name, account))
        if is_write and account in self.read_only:
            raise Refusal("AccessDeniedException", NOT_YOURS.format(name, account))
        return perform(asked)

    def _create_budget(self, asked: Asked) -> Told:
        account, budget = asked["AccountId"], asked.get("Budget")
        self.accounts.create(
            account, budget, asked.get("NotificationsWithSubscribers"),
            shown_from=self._arrived + (self.lag + 1 if self.lag else 0),
        )  # fmt: skip
        self.made[f"{account} {asked['Budget']['BudgetName']}"] += 1
        return {}

    def _update_budget(self, asked: Asked) -> Told:
        self.accounts.update(asked["AccountId"], asked.get("NewBudget"))
        return {}

    def _delete_budget(self, asked: Asked) -> Told:
        self.accounts.get(asked["AccountId"], asked.get("BudgetName", ""))
        del self.accounts.of(asked["AccountId"])[asked["BudgetName"]]
        return {}

    def _describe_budget(self, asked: Asked) -> Told:
        return {"Budget": self._shown(asked).budget}

    def _describe_budgets(self, asked: Asked) -> Told:
        every = self.accounts.of(asked["AccountId"]).values()
        return self._paged("Budgets", [one.budget for one in every if self._shows(one)], asked)

    def _describe_notifications_for_budget(self, asked: Asked) -> Told:
        found = [one.notification for one in self._shown(asked).notified]
        return self._paged("Notifications", found, asked)

    def _describe_subscribers_for_notification(self, asked: Asked) -> Told:
        found = self._shown(asked).get(asked.get("Notification"))
        return self._paged("Subscribers", found.subscribers, asked)

    def _create_notification(self, asked: Asked) -> Told:
        self._kept(asked).add(asked.get("Notification"), asked.get("Subscribers"))
        return {}

    def _update_notification(self, asked: Asked) -> Told:
        kept = self._kept(asked)
        found = kept.get(asked.get("OldNotification"))
        other = kept.find(asked.get("NewNotification"))
        if other is not None and other is not found:
            raise Refusal("DuplicateRecordException", "The notification already exists.")
        found.notification = found.notification | dict(asked["NewNotification"])
        return {}

    def _delete_notification(self, asked: Asked) -> Told:
        kept = self._kept(asked)
        kept.notified.remove(kept.get(asked.get("Notification")))
        return {}

    def _create_subscriber(self, asked: Asked) -> Told:
        found = self._kept(asked).get(asked.get("Notification"))
        check_subscribers([*found.subscribers, asked.get("Subscriber") or {}])
        found.subscribers.append(dict(asked["Subscriber"]))
        return {}

    def _update_subscriber(self, asked: Asked) -> Told:
        found = self._kept(asked).get(asked.get("Notification"))
        if asked.get("OldSubscriber") not in found.subscribers:
            raise Refusal("NotFoundException", "Unable to find subscriber.")
        changed = [one for one in found.subscribers if one != asked["OldSubscriber"]]
        check_subscribers([*changed, asked.get("NewSubscriber") or {}])
        found.subscribers = [*changed, dict(asked["NewSubscriber"])]
        return {}

    def _delete_subscriber(self, asked: Asked) -> Told:
        kept = self._kept(asked)
        found = kept.get(asked.get("Notification"))
        if asked.get("Subscriber") not in found.subscribers:
            raise Refusal("NotFoundException", "Unable to find subscriber.")
        found.subscribers.remove(asked["Subscriber"])
        if not found.subscribers:  # the last one takes the notification along
            kept.notified.remove(found)
        return {}

    def _kept(self, asked: Asked) -> Kept:
        return self.accounts.get(asked["AccountId"], asked.get("BudgetName", ""))

    def _shown(self, asked: Asked) -> Kept:
        found = self._kept(asked)
        if not self._shows(found):
            raise Refusal("NotFoundException", f"Unable to get budget: {asked['BudgetName']}")
        return found

    def _shows(self, kept: Kept) -> bool:
        return self._arrived >= kept.shown_from

    def _paged(self, name: str, found: list[Told], asked: Asked) -> Told:
        start = str(asked.get("NextToken") or "0")
        if not start.isdecimal():
            raise Refusal("InvalidNextTokenException", "The next token is not valid.")
        size = asked.get("MaxResults", self.page)
        if not isinstance(size, int) or not 1 <= size <= MOST_PAGE.get(name, 100):
            raise Invalid("MaxResults is not valid.")
        end = int(start) + min(size, self.page)
        page: Told = {name: found[int(start) : end]}
        return page | ({"NextToken": str(end)} if end < len(found) else {})

    def thresholds(self, account: str, name: str) -> dict[tuple[str, float], list[str]]:
        """Return whom a budget tells of what, as a person sees it in the console."""
        kept = self.accounts.get(account, name)
        return {
            (one.notification["NotificationType"], float(one.notification["Threshold"])): [
                subscriber["Address"] for subscriber in one.subscribers
            ]
            for one in kept.notified
        }


def _operation(call: Call) -> str:
    found = TARGET.fullmatch(call.headers.get("x-amz-target", ""))
    return found[1] if found else ""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _json(status: int, body: Told, kind: str = "") -> Reply:
    headers = {"Content-Type": KIND, "x-amzn-RequestId": "simulated"}
    return Reply(status, body, headers | ({"x-amzn-ErrorType": kind} if kind else {}))
