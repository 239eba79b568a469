"""A budget as AWS keeps it, as far as we need it. Knows nothing of communities."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from mypy_boto3_budgets.type_defs import (
        BudgetUnionTypeDef,
        NotificationTypeDef,
        NotificationWithSubscribersTypeDef,
    )

Spend = Literal["ACTUAL", "FORECASTED"]
MONTHLY, CUSTOM = "MONTHLY", "CUSTOM"


@dataclass(frozen=True, slots=True, order=True)
class Threshold:
    """Who is told once what was spent, or will be, is over so many percent of a budget."""

    spend: Spend
    percent: float

    def notification(self) -> "NotificationTypeDef":
        """Return it as AWS is told."""
        return {
            "NotificationType": self.spend,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": self.percent,
            "ThresholdType": "PERCENTAGE",
        }


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget of costs: adjusted by itself from the months before, or fixed for a term."""

    name: str
    months_back: int = 0  # auto-adjusting: the mean of so many months; 0: `limit` counts
    limit: Decimal | None = None
    currency: str = "USD"
    first: date | None = None  # of a fixed one: its term, both days included
    last: date | None = None

    def as_sent(self) -> "BudgetUnionTypeDef":
        """Return it as AWS is told.

        Source: botocore, budgets/2016-10-20/service-2.json, shape Budget.
        """
        sent: dict[str, Any] = {"BudgetName": self.name, "BudgetType": "COST", "TimeUnit": MONTHLY}
        if self.months_back:
            options = {"BudgetAdjustmentPeriod": self.months_back}
            sent["AutoAdjustData"] = {
                "AutoAdjustType": "HISTORICAL", "HistoricalOptions": options,
            }  # fmt: skip
            return cast("BudgetUnionTypeDef", sent)
        sent["BudgetLimit"] = {"Amount": f"{self.limit:f}", "Unit": self.currency}
        if self.first and self.last:
            sent["TimeUnit"] = CUSTOM
            # The end is the first instant that no longer counts.
            sent["TimePeriod"] = {
                "Start": _midnight(self.first), "End": _midnight(self.last + timedelta(days=1)),
            }  # fmt: skip
        return cast("BudgetUnionTypeDef", sent)


def budget_from(answer: Any) -> Budget:
    """Return a budget as AWS describes it."""
    auto = answer.get("AutoAdjustData")
    options = (auto or {}).get("HistoricalOptions") or {}
    spend = answer.get("BudgetLimit") or {}
    is_historical = bool(auto) and auto.get("AutoAdjustType") == "HISTORICAL"
    period = answer.get("TimePeriod") or {}
    is_term = answer.get("TimeUnit") == CUSTOM and period
    return Budget(
        name=answer["BudgetName"],
        months_back=int(options.get("BudgetAdjustmentPeriod", 0)) if is_historical else 0,
        limit=Decimal(spend["Amount"]) if spend and not auto else None,
        currency=spend.get("Unit", "USD"),
        first=_day(period["Start"]) if is_term else None,
        last=_day(period["End"]) - timedelta(days=1) if is_term else None,
    )


def told_by(threshold: Threshold, *addresses: str) -> "NotificationWithSubscribersTypeDef":
    """Return a threshold and who is mailed, as a new budget is told."""
    return {
        "Notification": threshold.notification(),
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": one} for one in addresses],
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
