"""The budgets that accounts have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from throughline.simulators.aws_budgets.rules import (
    MOST_BUDGETS,
    Refusal,
    check_budget,
    check_count,
    check_notification,
    check_subscribers,
)

SAME = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
NOON = 1_772_452_800.0  # 2026-03-02T12:00:00Z: what is told of instants never differs
Told = dict[str, Any]


@dataclass(slots=True)
class Notified:
    """One threshold of a budget, and who is told."""

    notification: Told
    subscribers: list[Told]


@dataclass(slots=True)
class Kept:
    """One budget as it is kept, with when it begins to show."""

    budget: Told
    shown_from: int
    notified: list[Notified] = field(default_factory=list)

    def find(self, notification: Any) -> Notified | None:
        """Return the notification that says the same; None where there is none."""
        check_notification(notification)
        wanted = same(notification)
        found = (one for one in self.notified if same(one.notification) == wanted)
        return next(found, None)

    def get(self, notification: Any) -> Notified:
        """Return the notification that says the same.

        Raises:
            Refusal: there is none.
        """
        found = self.find(notification)
        if found is None:
            raise Refusal("NotFoundException", "Unable to find notification.")
        return found

    def add(self, notification: Any, subscribers: Any) -> None:
        """Keep one more notification.

        Raises:
            Refusal: it is there already, is not valid, or is one too many.
        """
        if self.find(notification) is not None:
            raise Refusal("DuplicateRecordException", "The notification already exists.")
        check_subscribers(subscribers or [])
        check_count(len(self.notified) + 1)
        whole = {"ThresholdType": "PERCENTAGE", "NotificationState": "OK"} | notification
        self.notified.append(Notified(whole, [dict(one) for one in subscribers]))


@dataclass(slots=True)
class Accounts:
    """Budgets by account and name: no account sees another's."""

    by_account: dict[str, dict[str, Kept]] = field(default_factory=dict)

    def of(self, account: str) -> dict[str, Kept]:
        """Return the budgets of an account by name."""
        return self.by_account.setdefault(account, {})

    def get(self, account: str, name: str) -> Kept:
        """Return a budget.

        Raises:
            Refusal: the account has none of that name.
        """
        found = self.of(account).get(name)
        if found is None:
            raise Refusal(
                "NotFoundException", f"[Exception=NotFoundException] Unable to get budget: {name}"
            )
        return found

    def create(self, account: str, budget: Any, notified: Any, *, shown_from: int) -> None:
        """Keep a new budget, whole or not at all.

        Raises:
            Refusal: its name is taken, or something about it is not valid.
        """
        check_budget(budget)
        name = budget["BudgetName"]
        if name in self.of(account):
            raise Refusal(
                "DuplicateRecordException",
                f"Error creating budget: {name} - the budget already exists.",
            )
        if len(self.of(account)) >= MOST_BUDGETS:
            raise Refusal("CreationLimitExceededException", "Too many budgets.")
        kept = Kept(_kept(budget), shown_from)
        for one in notified or []:
            kept.add(one.get("Notification"), one.get("Subscribers"))
        self.of(account)[name] = kept

    def update(self, account: str, budget: Any) -> None:
        """Put a budget in the place of the one of its name.

        Raises:
            Refusal: there is none, or it is not valid.
        """
        check_budget(budget)
        self.get(account, budget["BudgetName"]).budget = _kept(budget)


def _kept(budget: Mapping[str, Any]) -> Told:
    """Return a budget with what AWS adds by itself."""
    kept = dict(budget)
    zero = {"Amount": "0.0", "Unit": (budget.get("BudgetLimit") or {}).get("Unit", "USD")}
    if auto := budget.get("AutoAdjustData"):
        options = dict(auto.get("HistoricalOptions") or {})
        if options:
            options["LookBackAvailablePeriods"] = 1
        kept["AutoAdjustData"] = dict(auto) | {"LastAutoAdjustTime": NOON}
        if options:
            kept["AutoAdjustData"]["HistoricalOptions"] = options
        kept["BudgetLimit"] = zero
    kept.setdefault("TimePeriod", {"Start": 1_772_323_200.0, "End": 3_706_473_600.0})
    return kept | {"CalculatedSpend": {"ActualSpend": zero}, "LastUpdatedTime": NOON}


def same(notification: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what tells one notification of a budget from another."""
    told = {"ThresholdType": "PERCENTAGE"} | dict(notification)
    return tuple(float(told[one]) if one == "Threshold" else told[one] for one in SAME)
