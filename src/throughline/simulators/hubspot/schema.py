"""What kinds of things an account has, before people add theirs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

HUBSPOT, USER = "HUBSPOT_DEFINED", "USER_DEFINED"


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One type of objects. `names` are what paths may call it, besides its id."""

    id: str
    names: tuple[str, str]  # several, one
    scope: str
    asked_for: tuple[str, ...]  # properties of an answer that asks for none
    pipeline: str = ""  # the property that names the pipeline; "" has none
    stage: str = ""
    changed_at: str = "hs_lastmodifieddate"
    created_at: str = "hs_createdate"
    has_own_events: bool = False  # deal.creation, rather than object.creation

    @property
    def plural(self) -> str:
        """What answers call several of it."""
        return self.names[0]

    @property
    def singular(self) -> str:
        """What answers call one of it."""
        return self.names[1]


TYPES = (
    ObjectType(
        "0-1", ("contacts", "contact"), "contacts",
        ("email", "firstname", "lastname", "createdate", "lastmodifieddate", "hs_object_id"),
        changed_at="lastmodifieddate", created_at="createdate", has_own_events=True,
    ),
    ObjectType(
        "0-2", ("companies", "company"), "companies",
        ("name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"),
        created_at="createdate", has_own_events=True,
    ),
    ObjectType(
        "0-3", ("deals", "deal"), "deals",
        (
            "dealname", "amount", "closedate", "dealstage", "pipeline", "createdate",
            "hs_lastmodifieddate", "hs_object_id",
        ),
        pipeline="pipeline", stage="dealstage", created_at="createdate", has_own_events=True,
    ),
    ObjectType(
        "0-8", ("line_items", "line_item"), "line_items",
        ("name", "quantity", "price", "createdate", "hs_lastmodifieddate", "hs_object_id"),
        created_at="createdate", has_own_events=True,
    ),
    ObjectType(
        "0-123", ("orders", "order"), "orders",
        ("hs_order_name", "hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        pipeline="hs_pipeline", stage="hs_pipeline_stage",
    ),
    ObjectType(
        "0-410", ("courses", "course"), "courses",
        ("hs_course_name", "hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        pipeline="hs_pipeline", stage="hs_pipeline_stage",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A field of a type. Options are (value, label); none leaves the values free."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = "information"
    description: str = ""
    options: tuple[tuple[str, str], ...] = ()
    is_unique: bool = False
    is_read_only: bool = False
    is_hubspots: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a pipeline; a deal's has a probability between 0.0 and 1.0."""

    id: str
    label: str
    probability: str = ""
    archived: bool = False

    @property
    def metadata(self) -> dict[str, str]:
        """What the account knows about it."""
        if not self.probability:
            return {}
        is_closed = str(self.probability in {"0.0", "1.0"}).lower()
        return {"isClosed": is_closed, "probability": self.probability}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A pipeline; labels of stages are unique within it only."""

    id: str
    label: str
    stages: tuple[Stage, ...]
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody of the customer's own who may own objects."""

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which two types are associated, in one direction; its way back has its own id."""

    from_type: str
    to_type: str
    category: str
    type_id: int
    back_id: int
    label: str | None = None

    @property
    def spec(self) -> tuple[str, int]:
        """What tells it from other ways between the same types."""
        return (self.category, self.type_id)


def _both(
    one: str, other: str, there: int, back: int, *, label: str | None = None
) -> tuple[Way, Way]:
    return (
        Way(one, other, HUBSPOT, there, back, label),
        Way(other, one, HUBSPOT, back, there, label),
    )


# Unlabelled and primary associations. Those of courses are our guess: nothing may rely on them.
WAYS = (
    *_both("0-1", "0-2", 279, 280), *_both("0-1", "0-2", 1, 2, label="Primary"),
    *_both("0-3", "0-1", 3, 4),
    *_both("0-3", "0-2", 341, 342), *_both("0-3", "0-2", 5, 6, label="Primary"),
    *_both("0-3", "0-8", 19, 20),
    *_both("0-123", "0-1", 507, 508), *_both("0-123", "0-2", 509, 510),
    *_both("0-123", "0-3", 512, 511), *_both("0-123", "0-8", 513, 514),
    *_both("0-410", "0-1", 860, 861), *_both("0-410", "0-2", 938, 937),
    *_both("0-410", "0-3", 862, 863),
)  # fmt: skip


def _theirs(names: Iterable[str], kind: str = "string", **more: bool) -> tuple[Property, ...]:
    return tuple(
        Property(
            name=name,
            label=name.removeprefix("hs_").replace("_", " ").capitalize(),
            type=kind,
            field_type={"datetime": "date", "bool": "booleancheckbox"}.get(kind, "text"),
            is_hubspots=True,
            is_read_only=more.get("read_only", False),
            is_unique=more.get("unique", False),
        )
        for name in names
    )


_OF_ALL = (
    *_theirs(["hs_object_id"], "number", read_only=True),
    *_theirs(["hs_merged_object_ids"], read_only=True),
)
_BY_TYPE = {
    "0-1": (
        *_theirs(["email"], unique=True),
        *_theirs(["firstname", "lastname", "phone", "company", "jobtitle", "hubspot_owner_id"]),
    ),
    "0-2": _theirs(["name", "domain", "website", "city", "country", "hubspot_owner_id"]),
    "0-3": (
        *_theirs([
            "dealname", "pipeline", "dealstage", "dealtype", "description", "hubspot_owner_id",
            "deal_currency_code", "closed_lost_reason",
        ]),
        *_theirs(["amount", "hs_mrr", "hs_arr", "hs_projected_amount"], "number"),
        *_theirs(["closedate"], "datetime"),
        *_theirs(["hs_is_closed", "hs_is_closed_won"], "bool", read_only=True),
        *_theirs(["hs_deal_stage_probability"], "number", read_only=True),
    ),
    "0-8": (
        *_theirs(["name", "description", "hs_sku", "hs_product_id"]),
        *_theirs(["quantity", "price", "amount"], "number"),
    ),
    "0-123": (
        *_theirs([
            "hs_order_name", "hs_currency_code", "hs_pipeline", "hs_pipeline_stage",
            "hs_fulfillment_status", "hs_external_order_status",
        ]),
        *_theirs(["hs_total_price"], "number"),
    ),
    "0-410": _theirs(["hs_course_name", "hs_course_id", "hs_pipeline", "hs_pipeline_stage"]),
}  # fmt: skip


def properties_of(kind: ObjectType) -> dict[str, Property]:
    """Return the properties that a type has in every account, by name."""
    stamps = _theirs([kind.changed_at, kind.created_at], "datetime", read_only=True)
    return {one.name: one for one in (*_OF_ALL, *stamps, *_BY_TYPE[kind.id])}


def _stages(*told: tuple[str, str, str]) -> tuple[Stage, ...]:
    return tuple(Stage(id=one, label=label, probability=chance) for one, label, chance in told)


_SALES = Pipeline(
    id="default",
    label="Sales Pipeline",
    stages=_stages(
        ("appointmentscheduled", "Appointment Scheduled", "0.2"),
        ("contractsent", "Contract Sent", "0.9"),
        ("closedwon", "Closed Won", "1.0"),
        ("closedlost", "Closed Lost", "0.0"),
    ),
)
_ORDERS = Pipeline(
    id="14a2e10e-5471-408a-906e-c51f3b04369e",
    label="Order Pipeline",
    stages=_stages(("open", "Open", ""), ("fulfilled", "Fulfilled", "")),
)
PIPELINES = {
    "0-3": (_SALES,),
    "0-123": (_ORDERS,),
    "0-410": (replace(_ORDERS, id="course-pipeline", label="Course Pipeline"),),
}
