"""The shapes of what the API answers about phases, promises, joint work, services and first values."""

from ninja import Field, Schema

from throughline.api.schemas import Day, Deliverable, Engagement, Instant, Money


class Project(Schema):
    """A stream of work in an engagement."""

    code: str
    title: str
    kind: str
    lead: str | None
    deliverables: list[Deliverable]


class Service(Schema):
    """Ongoing work without a done-date."""

    code: str
    title: str
    rhythm: str


class Hub(Schema):
    """One JupyterHub."""

    name: str
    domain: str | None


class Cluster(Schema):
    """One cluster that serves an engagement."""

    name: str
    provider: str
    account: str | None
    region: str | None
    paid_by: str
    deal_id: str | None
    budget_alert: bool | None
    hubs: list[Hub]


class EngagementInFull(Engagement):
    """An engagement with all its parts."""

    projects: list[Project]
    services: list[Service]
    clusters: list[Cluster]


class ReadyField(Schema):
    """One line of a phase's table; null: nobody knows yet."""

    field: str
    text: str
    value: str | None


class ReadyTable(Schema):
    """What work on one deliverable must know before it begins, and what is missing."""

    project: str
    deliverable: str
    title: str
    ready: bool
    missing: list[str]
    fields_: list[ReadyField] = Field(alias="fields")


class PromiseGap(Schema):
    """A promise that no deliverable serves, or a deliverable that serves no promise."""

    code: str
    text: str
    promise: str | None
    number: int | None


class JointShare(Schema):
    """What one deal carries of a joint work: its part of the estimates and of the price."""

    deal: str
    pct: float
    low_h: float
    high_h: float
    money: Money | None
    signed: bool


class JointLeaver(Schema):
    """A deal that has left a joint work."""

    deal: str
    why: str


class JointWork(Schema):
    """One project that several deals pay for."""

    joint_work: int
    title: str
    project: int
    carried_by: int
    threshold: int
    signed: int
    price: Money | None
    currency: str | None
    started_at: Instant | None
    shares: list[JointShare]
    left: list[JointLeaver]


class ServiceMonth(Schema):
    """What somebody said of one month of a service."""

    month: str
    given: bool
    note: str | None
    by: str
    at: Instant


class ServiceInFull(Service):
    """A service with what was said of its months."""

    service: int
    engagement: int
    months: list[ServiceMonth]


class FirstValue(Schema):
    """How long an engagement took from its order to the first value, as the newest look saw it."""

    engagement: int
    deal: str
    name: str
    ordered_on: Day
    first_value_on: Day | None
    days: int | None
    waiting_days: int | None
    people: int | None
    people_to: Day | None
    is_lost: bool
    unknown_because: str | None
    looked_at: Instant | None


class FirstValues(Schema):
    """All of them, those ordered last first."""

    median_days: float | None
    reached: int
    waiting: int
    engagements: list[FirstValue]
