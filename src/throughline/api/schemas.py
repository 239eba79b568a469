"""The shapes of the answers, for the OpenAPI document; the rooms' own `shapes` make them."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from ninja import Field, Schema
from pydantic import StringConstraints, WithJsonSchema

from throughline.kernel.days import FIRST_YEAR, LAST_YEAR

LARGEST_PAGE = 200
FARTHEST = 10**9  # a database's own limit must not be what stops a reader

# PostgreSQL takes no NUL in a text, and it means nothing to people.
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
OurDay = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]
Money = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"})]

Item = TypeVar("Item")


class Span(Schema):
    """Which part of a list is wanted."""

    limit: int = Field(50, ge=1, le=LARGEST_PAGE)
    offset: int = Field(0, ge=0, le=FARTHEST)


class DealsWanted(Span):
    """Which deals are wanted: those in a stage (its name, or "unmapped"), those that hold a text."""

    stage: Text = ""
    q: Text = ""


class GateWanted(Schema):
    """Which gate is wanted: the one to a stage; to the one that follows, where none is named."""

    to: Text = ""


class DayWanted(Span):
    """As of which day; today where none is named."""

    on: OurDay | None = None


class VersionWanted(Schema):
    """Which version; the newest where none is named."""

    version: int | None = Field(None, ge=1, le=FARTHEST)


class Page(Schema, Generic[Item]):
    """One part of a list, and how much there is in all."""

    count: int
    limit: int
    offset: int
    items: list[Item]


class Problem(Schema):
    """What went wrong, and what to do. Source: RFC 9457; `remedy` is ours."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    gate: dict[str, Any] | None = None  # of a move that a closed gate refused


class Deal(Schema):
    """One deal. Money is null for whoever need not see it."""

    deal: str
    number: int
    hubspot_id: str | None
    name: str
    stage: str | None
    stage_elsewhere: str
    pipeline: str | None
    owner: str | None
    buyer: str | None
    community: str | None
    community_id: str | None
    revenue_type: str | None
    tier: str | None
    amount: Money | None
    currency: str
    amount_collected: Money | None
    mrr: Money | None
    arr: Money | None
    projected_amount: Money | None
    probability: float | None
    close_on: Day | None
    contract_start_on: Day | None
    contract_end_on: Day | None
    target_start_on: Day | None
    target_end_on: Day | None
    start_on: Day | None
    end_on: Day | None
    lost_reason: str | None
    engagement: int | None


class Condition(Schema):
    """One condition of a gate: how it stands, and what a person can do about it."""

    code: str
    status: str
    required: bool
    message: str
    remedy: str


class Gate(Schema):
    """Everything that stands between a deal and a stage."""

    deal: str
    from_: str | None = Field(alias="from")
    to: str
    open: bool
    conditions: list[Condition]


class Engagement(Schema):
    """The overall scope of work under one deal."""

    engagement: int
    deal: str
    name: str
    community: str | None
    community_id: str | None
    origin: str
    opened_at: Instant
    opened_by: str
    health: str
    health_why: str | None
    health_at: Instant | None
    accepted_by: str | None
    accepted_at: Instant | None
    start_on: Day | None
    end_on: Day | None
    is_ending: bool


class ProofFile(Schema):
    """A file that a person brought to show something."""

    name: str
    sha256: str
    bytes: int


class Evidence(Schema):
    """What one look for evidence found. Unavailable is not absent."""

    kind: str
    state: str
    text: str
    link: str | None
    file: ProofFile | None
    at: Instant
    by: str


class Verdict(Schema):
    """What BD says of a deliverable."""

    verdict: str
    by: str
    at: Instant
    why: str | None


class Point(Schema):
    """One line of a definition of done; `by` and `at` are null while nobody has ticked it."""

    text: str
    by: str | None
    at: Instant | None


class Deliverable(Schema):
    """One discrete promise."""

    number: int
    engagement: int
    project: str
    code: str
    title: str
    promise: str | None
    definition_of_done: list[str]
    wanted_evidence: list[str]
    due_on: Day | None
    low_h: float | None
    high_h: float | None
    state: str
    done_by: str | None
    done_at: Instant | None
    verdict: Verdict | None
    evidence: list[Evidence]
    owner: str | None
    points: list[Point]
    spent_h: float
    needs: list[int]
    waits_for: list[int]


class Notice(Schema):
    """One step of the ladder."""

    step: str
    due_on: Day
    state: str
    sent_at: Instant | None
    to: str  # addresses, separated by commas


class Renewal(Schema):
    """Where an engagement stands towards its end."""

    engagement: int
    deal: str
    end_on: Day | None
    state: str
    notices: list[Notice]


class Finding(Schema):
    """One difference between agreements and what runs."""

    code: str
    cluster: str | None
    deal_id: str | None
    message: str
    remedy: str


class Cell(Schema):
    """What a person is in one role; "" where nothing."""

    state: str
    from_: date | None = Field(alias="from")
    to: date | None


class Person(Schema):
    """One person of a deal, with a cell for each role."""

    person: int
    full_name: str
    email: str | None
    github_id: str | None
    cells: list[Cell]


class People(Schema):
    """Who is what for a deal."""

    on: date
    roles: list[str]
    people: list[Person]
    nobody: list[str]


class CommunityLine(Schema):
    """One community of a list."""

    community: int
    short_name: str
    long_name: str | None
    community_id: str | None
    id_state: str


class Community(CommunityLine):
    """A record, with the source and the age in days of each of its fields."""

    version: int
    id_reserved_until: date | None
    aliases: list[str]
    fields_: dict[str, dict[str, Any]] = Field(alias="fields")
    complete: dict[str, Any]
    missing_for_phases: dict[str, list[str]]
    default_region: str


class ContactRole(Schema):
    """What a person is, or was."""

    role: str
    about: str
    from_: date = Field(alias="from")
    to: date | None


class Contact(Schema):
    """A person with everything they were and are."""

    contact: int
    full_name: str
    first_name: str
    email: str | None
    github_id: str | None
    version: int
    erased: bool
    roles: list[ContactRole]


class TextWanted(Span):
    """Those that hold a text."""

    q: Text = ""


class JournalWanted(Span):
    """Which entries: acts that begin so, a person, a thing such as "engagement:12"."""

    act: Text = ""
    by: Text = ""
    subject: Text = ""


class JournalEntry(Schema):
    """One thing that happened; its facts are null for whoever need not see money."""

    entry: int
    act: str
    at: datetime
    by: str
    subject: str
    facts: dict[str, Any] | None


class SponsorWork(Schema):
    """A work order of the Sponsor."""

    work: int
    kind: str
    deal: str
    name: str
    question: str | None
    asked_by: str
    asked_at: Instant
    taken_by: str | None
    with_: str | None = Field(alias="with")
    since: Instant | None
    days: int | None
    late: bool
    to_do: str | None
    signatures: list[dict[str, Any]]
    checklist: list[dict[str, Any]]
    reminders: list[dict[str, Any]]
    done_by: str | None
    done_at: Instant | None
    receipt: str | None


class Outcome(Schema):
    """One thing that must be true in one system, and the proof that it is."""

    outcome: str
    engagement: int
    system: str
    state: str
    receipt: dict[str, Any] | None
    remedy: str


class Plan(Schema):
    """A stored plan: where it stands, and who decided that."""

    plan: int
    engagement: int
    state: str
    made_at: datetime
    made_by: str
    decided_by: str
    decided_at: datetime | None
    applied_at: datetime | None
    reason: str
    differences: list[Any]
