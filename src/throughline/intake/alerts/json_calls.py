"""What Google's Pub/Sub and Azure's action groups post: JSON, read into our words."""

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from throughline.budgets.told import Told
from throughline.budgets.words import Source, Spend
from throughline.intake.alerts.amounts import as_percent
from throughline.kernel.errors import Refused


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class _Attributes(_Read):
    account: str = Field("", alias="billingAccountId", max_length=120)
    budget: str = Field("", alias="budgetId", max_length=120)


class _Message(_Read):
    data: str
    attributes: _Attributes = _Attributes()
    published_at: datetime | None = Field(None, alias="publishTime")


class _Push(_Read):
    message: _Message


class _GoogleBudget(_Read):
    name: str = Field(alias="budgetDisplayName", max_length=400)
    amount: Decimal = Field(alias="costAmount")
    since: datetime = Field(alias="costIntervalStart")
    limit: Decimal = Field(alias="budgetAmount")
    currency: str = Field("USD", alias="currencyCode", min_length=3, max_length=3)
    passed: Decimal | None = Field(None, alias="alertThresholdExceeded")
    forecast: Decimal | None = Field(None, alias="forecastThresholdExceeded")


def read_pubsub(body: str, *, at: datetime) -> list[Told]:
    """Return the thresholds that a budget's message of Google tells; none where none is passed.

    Google sends one several times a day, whatever is spent.

    Raises:
        Refused: it is no such message.
    """
    push = _shaped(_Push, body)
    try:
        data = base64.b64decode(push.message.data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("Its data is no base64.", remedy="Read it yourself.") from error
    budget = _shaped(_GoogleBudget, data)
    return list(_google(budget, push.message, at))


def _google(budget: _GoogleBudget, message: _Message, at: datetime) -> Iterator[Told]:
    pairs = ((Spend.ACTUAL, budget.passed), (Spend.FORECAST, budget.forecast))
    for spend, share in pairs:
        if share is not None:
            named = message.attributes.budget or budget.name
            yield Told(
                source=Source.PUBSUB, provider="gcp", budget=budget.name, spend=spend,
                threshold=as_percent(share), at=message.published_at or at,
                amount=budget.amount, limit=budget.limit, currency=budget.currency,
                series=f"{named}:{budget.since:%Y-%m-%d}",
            )  # fmt: skip


class _AzureBudget(_Read):
    subscription: str = Field(alias="SubscriptionId", min_length=1, max_length=120)
    name: str = Field(alias="BudgetName", min_length=1, max_length=400)
    amount: Decimal = Field(alias="SpendingAmount")
    limit: Decimal = Field(alias="Budget")
    share: Decimal = Field(alias="NotificationThresholdAmount")
    unit: str = Field("USD", alias="Unit", min_length=3, max_length=3)
    group: str = Field("", alias="ResourceGroup", max_length=200)


class _AzureCall(_Read):
    kind: str = Field(alias="schemaId")
    data: _AzureBudget


def read_azure(body: str, *, at: datetime) -> Told:
    """Return what a budget's call of an Azure action group tells; its figures are text.

    Raises:
        Refused: it is no such call.
    """
    call = _shaped(_AzureCall, body)
    one = call.data
    return Told(
        source=Source.AZURE, provider="azure", budget=one.name, spend=Spend.ACTUAL,
        threshold=as_percent(one.share), at=at, amount=one.amount, limit=one.limit,
        currency=one.unit, account=one.subscription,
    )  # fmt: skip


def _shaped(shape: Any, content: str | bytes) -> Any:
    try:
        return shape.model_validate(json.loads(content))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(f"{where or 'body'}: {first['msg']}.", remedy="Read it yourself.") from error
    except ValueError as error:
        raise Refused("It is no JSON.", remedy="Read it yourself.") from error
