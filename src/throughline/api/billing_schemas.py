"""Shapes of billing, for the OpenAPI document."""

from typing import Annotated

from ninja import Schema
from pydantic import StringConstraints

from throughline.api.schemas import Money

Month = Annotated[str, StringConstraints(pattern=r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$")]


class BillingMonth(Schema):
    """A month of the ledger: where it stands, its sums, and whether they are what was billed."""

    month: Month
    state: str
    reviewed_by: str
    sent_by: str
    closed_by: str
    communities: Money
    unassigned: Money
    ours: Money
    late: Money
    rounding: Money
    total: Money
    billed: Money
    provider_total: Money | None
    checks: bool


class BillingCell(Schema):
    """What is known of an engagement on a cluster in a month; null is blank, and not zero."""

    engagement: int
    deal: str
    community: str | None
    cluster: str
    month: Month
    cost: Money | None
    users: int | None
    usage_fee: Money | None
    adjusted: Money | None
    invoiced: Money | None
    payer: str
    standing: str
    change_pct: int | None


class Charge(Schema):
    """What a month asks for, or asked for once it was sent."""

    number: int | None = None
    kind: str
    of_month: Month
    engagement: int | None
    account: str | None
    amount: Money
    standing: str
    invoiced: bool | None = None
    invoice: str | None = None
    sponsor_number: str = ""
    agreement: str | None = None
    income_account: str = ""
    cost_account: str = ""
    why: str


class Invoice(Schema):
    """An invoice: our number, and the one under which the Sponsor entered it."""

    invoice: str
    month: Month
    engagement: int
    agreement: str | None
    sponsor_number: str


class MonthInFull(BillingMonth):
    """A month with its cells, charges and invoices."""

    cells: list[BillingCell]
    charges: list[Charge]
    invoices: list[Invoice]


class UnbilledReason(Schema):
    """How much is not billed for one reason."""

    reason: str
    amount: Money | None
    count: int


class Waiting(Schema):
    """One thing that is not billed yet."""

    number: int | None
    reason: str
    month: Month
    amount: Money | None
    account: str | None
    engagement: int | None
    cluster: str | None
    remedy: str


class Orphan(Schema):
    """An account that costs nobody, since when."""

    account: str
    provider: str
    since: Month
    standing: str
    amount: Money


class Unbilled(Schema):
    """What is not billed yet."""

    total: Money
    reasons: list[UnbilledReason]
    items: list[Waiting]
    nobody: list[Orphan]
