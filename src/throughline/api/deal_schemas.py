"""The shapes of what is asked of a deal and of what its writes answer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import StringConstraints

from throughline.api.schemas import Day, Deal, Instant, Money, OurDay, Text

Words = Annotated[str, StringConstraints(max_length=5000, pattern=r"^[^\x00]*$")]
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


class DealInFull(Deal):
    """One deal; `seen` is its newest entry in the journal: send it back, and nobody's is lost."""

    seen: int


class NewDeal(Schema):
    """A deal of our own."""

    name: Text
    owner: Text = ""
    amount: Amount | None = None


class Move(Schema):
    """To which stage; `seen` refuses the move if somebody has moved the deal since."""

    to: Text
    seen: int | None = None


class ToldFact(Schema):
    """The fields of a fact, as `throughline deal record --help D` lists them for its code."""

    value: dict[str, Any]
    seen: int | None = None


class NewWaiver(Schema):
    """Which condition is set aside, why, and the last day on which that counts."""

    code: Text
    reason: Words
    until: OurDay
    seen: int | None = None


class LongerWaiver(Schema):
    """Until when a waiver counts now; the reason is the old one where left out."""

    until: OurDay
    reason: Words = ""


class Waiver(Schema):
    """A condition set aside."""

    waiver: int
    deal: str
    code: str
    reason: str
    until: date
    by: str
    counts: bool
    withdrawn_by: str | None


class Ordered(Schema):
    """What was ordered."""

    deal: str
    engagement: int
    is_new: bool


class CapacityAnswer(Schema):
    """PS's answer to "can we deliver this?"."""

    answer: str
    how: str
    start_on: Day | None
    only_if: list[str]
    assumptions: list[str]
    note: str
    by: str
    at: Instant
    expires_on: Day
    held_h: float
    proposed: Any
    affects: Any


class Capacity(Schema):
    """The answer that counts for a deal; null: nobody has given one."""

    deal: str
    answer: CapacityAnswer | None


class NewAnswer(Schema):
    """An answer of PS; `start_on` belongs to yes_from, `only_if` to only_if."""

    answer: Annotated[str, StringConstraints(pattern=r"^(yes|yes_from|only_if|no)$")]
    start_on: OurDay | None = None
    only_if: list[Text] = []
    assumptions: list[Text] = []
    expires_on: OurDay | None = None
    note: Words = ""


class GateException(Schema):
    """A move past an open gate, made elsewhere."""

    deal: str
    name: str
    from_: str | None = Field(alias="from")
    to: str | None
    conditions: list[str]
    found_at: datetime
    found_by: str
    state: str
    explanation: str | None
    closed_by: str | None
    closed_at: datetime | None


class Explanation(Schema):
    """Why a deal was moved past an open gate."""

    reason: Words


class Explained(Schema):
    """How many moves that explains."""

    deal: str
    explained: int


class NewNote(Schema):
    """Something that BD knows and PS must know."""

    text: Words
    kind: Text
    is_private: bool = True


class Line(Schema):
    """One line of an agreement's price."""

    description: str
    account: str
    gl_code: str
    amount: Money | None


class Terms(Schema):
    """The terms of a deal as of a day, and the documents that say so."""

    deal: str
    on: Day | None
    binding: bool
    kind: str
    reference: str | None
    start_on: Day | None
    end_on: Day | None
    tier: str | None
    currency: str
    lines: list[Line]
    total: Money | None
    payments: list[dict[str, Any]]
    ceiling: Money | None
    prepaid: bool | None
    payers: list[dict[str, Any]]
    renewal_terms: str | None
    tax_status: str | None
    issued_on: Day | None
    expires_on: Day | None
    deliverable_dates: dict[str, Any]
    documents: list[dict[str, Any]]
    notes: list[dict[str, Any]]


class OnDay(Schema):
    """As of which day; today where none is named."""

    on: OurDay | None = None
