"""Shapes of the process, for the OpenAPI document. What the caller may not see is null."""

from ninja import Schema
from pydantic import Field

from throughline.api.schemas import Day, Money, OurDay


class PeriodWanted(Schema):
    """Of which days, both included; the 365 that end today where none are named."""

    from_: OurDay | None = Field(None, alias="from")
    to: OurDay | None = None


class SpotSum(Schema):
    """What stands in a place, of one currency; weighted by probability."""

    currency: str
    total: Money | None
    weighted: Money | None


class Spot(Schema):
    """A place of the process, and how many stand there; `figure` names them in lists (`of=`)."""

    code: str
    name: str
    figure: str
    count: int
    sums: list[SpotSum] | None


class StageFlow(Schema):
    """What became of the deals that entered a stage in the period. Units: deals, whole days."""

    stage: str
    name: str
    entered: int
    on: int
    back: int
    lost: int
    aside: int
    still: int
    left: int
    half_days: int | None
    nine_in_ten_days: int | None


class Retention(Schema):
    """What became of the engagements whose last day was in the period."""

    ended: int
    renewed: int
    lapsed: int
    pct: int | None


class Valued(Schema):
    """How many came to be of value, and how soon half of them did."""

    engagements: int
    median_days: float | None


class RevenueMonth(Schema):
    """What falls in one month."""

    month: str
    committed: Money
    weighted: Money
    committed_deals: int
    weighted_deals: int


class Revenue(Schema):
    """The money of one currency by month."""

    currency: str
    months: list[RevenueMonth]


class Monthless(Schema):
    """Deals whose money falls in no month."""

    committed: int
    weighted: int


class RoleLoad(Schema):
    """A role in a month. Units: hours that can be sold."""

    role: str
    name: str
    capacity_h: float
    committed_h: float
    soft_h: float
    used_pct: int | None
    deals: int


class MonthLoad(Schema):
    """The team in a month, and how many deals take its hours."""

    month: str
    deals: int
    roles: list[RoleLoad]


class Process(Schema):
    """Everything that the pages of the process say."""

    on: Day
    from_: Day = Field(alias="from")
    to: Day
    stages: list[Spot]
    delivery: list[Spot]
    terms: list[Spot]
    flow: list[StageFlow]
    retention: Retention
    first_value: Valued
    revenue: list[Revenue] | None
    monthless: Monthless | None
    load: list[MonthLoad] | None
