"""What AWS refuses about a budget, beyond what its description lets a client check by itself."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

NAME = re.compile(r"(?!.*/action/)[^:\\]{1,100}", re.DOTALL)
ACCOUNT = re.compile(r"\d{12}")
AMOUNT = re.compile(r"([0-9]*\.)?[0-9]+")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TOPIC = re.compile(r"arn:aws:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+")
TIME_UNITS = ("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM")
BUDGET_TYPES = (
    "USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION",
    "SAVINGS_PLANS_COVERAGE",
)  # fmt: skip
SPENDS = ("ACTUAL", "FORECASTED")
COMPARISONS = ("GREATER_THAN", "LESS_THAN", "EQUAL_TO")
UNITS = ("PERCENTAGE", "ABSOLUTE_VALUE")
SUBSCRIPTIONS = ("SNS", "EMAIL")
MOST_NOTIFICATIONS, MOST_MAILS, MOST_TOPICS, MOST_BUDGETS = 10, 10, 1, 20_000
HIGHEST_THRESHOLD = 15_000_000_000_000
LOOK_BACK = {
    "DAILY": 60,
    "MONTHLY": 12,
    "QUARTERLY": 4,
    "ANNUALLY": 1,
}  # periods of a mean, at most
BUDGET_FIELDS = frozenset({
    "BudgetName", "BudgetLimit", "PlannedBudgetLimits", "CostFilters", "CostTypes", "TimeUnit",
    "TimePeriod", "CalculatedSpend", "BudgetType", "LastUpdatedTime", "AutoAdjustData",
    "FilterExpression", "Metrics", "BillingViewArn", "HealthStatus",
})  # fmt: skip


class Refusal(Exception):
    """AWS refuses: its name for why, and its words."""

    def __init__(self, kind: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.kind, self.message, self.status = kind, message, status


class Invalid(Refusal):
    """Something about what was sent is not valid."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidParameterException", message)


def check_account(account: Any) -> str:
    """Return an account's number.

    Raises:
        Invalid: it is none.
    """
    if not isinstance(account, str) or not ACCOUNT.fullmatch(account):
        raise Invalid(f"1 validation error detected: Value '{account}' at 'accountId' failed")
    return account


def check_budget(budget: Any) -> None:
    """Pass if a budget is one that AWS would keep.

    Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html

    Raises:
        Invalid: it is not.
    """
    if not isinstance(budget, dict):
        raise Invalid("Budget is required.")
    if unknown := sorted(set(budget) - BUDGET_FIELDS):
        raise Invalid(f"Unknown parameter in Budget: {unknown[0]}.")
    if not NAME.fullmatch(str(budget.get("BudgetName", ""))):
        raise Invalid("Budget name is not valid: 1 to 100 characters, without : and \\.")
    if re.search(ADDRESS.pattern + r"|https?://", str(budget["BudgetName"])):
        raise Invalid("Budget name may hold no e-mail address and no URL.")
    _one_of(budget.get("TimeUnit"), TIME_UNITS, "timeUnit")
    _one_of(budget.get("BudgetType"), BUDGET_TYPES, "budgetType")
    _check_amount(budget)
    _check_period(budget)
    _check_filters(budget)


def _check_amount(budget: Mapping[str, Any]) -> None:
    auto, limit = budget.get("AutoAdjustData"), budget.get("BudgetLimit")
    if auto and (limit or budget.get("PlannedBudgetLimits")):
        raise Invalid("BudgetLimit cannot be specified with AutoAdjustData.")
    if limit and budget.get("PlannedBudgetLimits"):
        raise Invalid("Only one of BudgetLimit or PlannedBudgetLimits can be present.")
    if auto:
        _check_auto(auto, str(budget["TimeUnit"]))
    elif limit:
        if not AMOUNT.fullmatch(str(limit.get("Amount", ""))) or not limit.get("Unit"):
            raise Invalid("Budget limit must be an amount with a unit.")
        if float(limit["Amount"]) <= 0:
            raise Invalid("Budget limit must be greater than 0.")
    elif not budget.get("PlannedBudgetLimits"):
        raise Invalid("One of BudgetLimit, PlannedBudgetLimits, AutoAdjustData must be present.")


def _check_auto(auto: Mapping[str, Any], unit: str) -> None:
    _one_of(auto.get("AutoAdjustType"), ("HISTORICAL", "FORECAST"), "autoAdjustType")
    if auto["AutoAdjustType"] != "HISTORICAL":
        return
    options = auto.get("HistoricalOptions") or {}
    periods, most = options.get("BudgetAdjustmentPeriod"), LOOK_BACK.get(unit)
    if "LookBackAvailablePeriods" in options:
        raise Invalid("LookBackAvailablePeriods cannot be set.")
    if most is None:
        raise Invalid(f"AutoAdjustData cannot be specified with TimeUnit {unit}.")
    if not isinstance(periods, int) or not 1 <= periods <= most:
        raise Invalid(f"BudgetAdjustmentPeriod must be from 1 to {most} for {unit} budgets.")


def _check_period(budget: Mapping[str, Any]) -> None:
    period = budget.get("TimePeriod") or {}
    start, end = period.get("Start"), period.get("End")
    if budget["TimeUnit"] == "CUSTOM" and not (start and end):
        raise Invalid("TimePeriod needs Start and End with TimeUnit CUSTOM.")
    if start and end and start >= end:
        raise Invalid("TimePeriod Start must come before End.")


def _check_filters(budget: Mapping[str, Any]) -> None:
    older = budget.get("CostFilters") or budget.get("CostTypes")
    newer = budget.get("FilterExpression") or budget.get("Metrics")
    if older and newer:
        raise Invalid("Either FilterExpression and Metrics or CostFilters and CostTypes, not both.")


def check_notification(notification: Any) -> None:
    """Pass if a notification is one that AWS would keep.

    Raises:
        Invalid: it is not.
    """
    if not isinstance(notification, dict):
        raise Invalid("Notification is required.")
    _one_of(notification.get("NotificationType"), SPENDS, "notificationType")
    _one_of(notification.get("ComparisonOperator"), COMPARISONS, "comparisonOperator")
    _one_of(notification.get("ThresholdType", "PERCENTAGE"), UNITS, "thresholdType")
    threshold = notification.get("Threshold")
    if not isinstance(threshold, int | float) or not 0 < threshold <= HIGHEST_THRESHOLD:
        raise Invalid("Notification threshold must be greater than 0.")


def check_subscribers(subscribers: Sequence[Any]) -> None:
    """Pass if those who are told of one threshold are not too many, and can be told.

    Raises:
        Invalid: one cannot.
        Refusal: they are too many, or one is named twice.
    """
    if not subscribers:
        raise Invalid("A notification must have at least one subscriber.")
    for one in subscribers:
        _one_of(one.get("SubscriptionType"), SUBSCRIPTIONS, "subscriptionType")
        form = ADDRESS if one["SubscriptionType"] == "EMAIL" else TOPIC
        if not form.fullmatch(str(one.get("Address", ""))):
            raise Invalid("Subscriber address is not valid.")
    kinds = [one["SubscriptionType"] for one in subscribers]
    if kinds.count("EMAIL") > MOST_MAILS or kinds.count("SNS") > MOST_TOPICS:
        raise Refusal(
            "CreationLimitExceededException",
            "A notification can have 1 SNS subscriber and up to 10 email subscribers.",
        )
    if len({(one["SubscriptionType"], one["Address"]) for one in subscribers}) < len(subscribers):
        raise Refusal("DuplicateRecordException", "Duplicate subscriber.")


def check_count(notifications: int) -> None:
    """Pass if a budget may have so many notifications.

    Raises:
        Refusal: it may not.
    """
    if notifications > MOST_NOTIFICATIONS:
        raise Refusal(
            "CreationLimitExceededException",
            f"A budget can have up to {MOST_NOTIFICATIONS} notifications.",
        )


def _one_of(value: Any, known: Sequence[str], what: str) -> None:
    if value not in known:
        raise Invalid(
            f"1 validation error detected: Value '{value}' at '{what}' failed to satisfy constraint:"
            f" Member must satisfy enum value set: [{', '.join(known)}]"
        )
