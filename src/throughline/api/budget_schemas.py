"""Shapes of budgets and alerts, for the OpenAPI document. Money is null for whoever need not see it."""

from ninja import Schema

from throughline.api.schemas import Day, Instant, Money, OurDay, Span, Text


class Budget(Schema):
    """One account of one engagement: how its agreement stands with it, and who watches it."""

    engagement: int
    deal: str
    name: str
    provider: str
    account: str | None
    clusters: list[str]
    payer: str
    policy: str
    currency: str
    ceiling: Money | None
    ceiling_currency: str | None
    prepaid: bool | None
    spent: Money | None
    spent_pct: int | None
    month: str
    forecast: Money | None
    monthly_rate: Money | None
    runs_out_on: Day | None
    ends_on: Day | None
    armed: bool | None
    ways: list[str]
    tested_at: Instant | None
    to: str | None
    violation: bool
    alerts_waiting: int
    as_of: Instant | None
    months: dict[str, Money] | None


class Crossing(Schema):
    """A threshold that is passed, or will be. One in money is itself hidden with the money."""

    source: str
    budget: str
    spend: str
    threshold: str | None
    amount: Money | None
    limit: Money | None
    currency: str
    first_at: Instant
    last_at: Instant
    times: int


class Alert(Schema):
    """What was told of one account in one month, and what people do about it."""

    number: int
    about: str
    account: str | None
    engagement: int | None
    month: str
    state: str
    owner: str | None
    acknowledged_by: str | None
    cause: str | None
    decision: str | None
    decided_by: str | None
    why: str | None
    champion_told_at: Instant | None
    credit_asked_at: Instant | None
    opened_at: Instant
    last_at: Instant
    crossings: list[Crossing]


class BudgetsWanted(Span):
    """Those that hold a text, as of which day; all as of today where nothing is said."""

    q: Text = ""
    on: OurDay | None = None


class AlertsWanted(Span):
    """Those that wait for a decision; with `all` also those that are decided."""

    all: bool = False
