"""What HubSpot answers, as far as we rely on it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

# Some answers spell an id as a number, others as text.
Id = Annotated[str, BeforeValidator(lambda one: str(one) if isinstance(one, int) else one)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Stage(_Shape):
    """A stage of a pipeline. Its id is what deals name; its label is what people see."""

    id: str
    label: str
    display_order: int
    archived: bool = False
    metadata: Mapping[str, str] = Field(default_factory=dict)


class Pipeline(_Shape):
    """A pipeline and its stages; labels of stages are unique within it only."""

    id: str
    label: str
    display_order: int
    archived: bool = False
    stages: tuple[Stage, ...]


class Option(_Shape):
    """One value that a property may have."""

    label: str
    value: str


class Property(_Shape):
    """A field of a type of objects."""

    name: str
    label: str
    type: str  # string, number, date, datetime, enumeration, bool, …
    has_unique_value: bool = False
    hubspot_defined: bool = False
    archived: bool = False
    options: tuple[Option, ...] = ()


class AssociationType(_Shape):
    """One way in which two types may be associated, in one direction; unlabelled without label."""

    category: str  # HUBSPOT_DEFINED, USER_DEFINED, INTEGRATOR_DEFINED
    type_id: int
    label: str | None = None


class Record(_Shape):
    """An object. `id` is not always the one asked for: a merged object answers as its survivor."""

    id: Id
    properties: Mapping[str, str | None]
    created_at: datetime
    updated_at: datetime
    archived: bool = False
    archived_at: datetime | None = None
    is_new: bool | None = Field(default=None, alias="new")  # told by an upsert only
    object_write_trace_id: str | None = None

    def text(self, name: str) -> str:
        """Return a property; "" where it is empty or was not asked for."""
        return (self.properties.get(name) or "").strip()


class _Next(_Shape):
    after: str


class _Paging(_Shape):
    next: _Next | None = None


class Page(_Shape):
    """One page of a listing or a search; `total` is told by a search only."""

    results: tuple[Record, ...]
    paging: _Paging | None = None
    total: int | None = None

    @property
    def after(self) -> str:
        """What the next page is asked for with; "" at the last one."""
        return self.paging.next.after if self.paging and self.paging.next else ""


class Owner(_Shape):
    """Somebody who may own objects."""

    id: Id
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    @property
    def name(self) -> str:
        """What people call them; their address where no name is told."""
        return (
            " ".join(part for part in (self.first_name, self.last_name) if part) or self.email or ""
        )


class Owners(_Shape):
    """One page of owners."""

    results: tuple[Owner, ...]
    paging: _Paging | None = None

    @property
    def after(self) -> str:
        """What the next page is asked for with; "" at the last one."""
        return self.paging.next.after if self.paging and self.paging.next else ""


class RowError(_Shape):
    """What was wrong with one input of a batch."""

    category: str = ""
    message: str = ""
    context: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that it is about."""
        return _texts(self.context.get("ids"))

    @property
    def trace_ids(self) -> tuple[str, ...]:
        """The inputs that it is about, by the trace that each was sent with."""
        return _texts(self.context.get("objectWriteTraceId"))


class Batch(_Shape):
    """What became of a batch. Its order is not that of the inputs."""

    results: tuple[Record, ...]
    errors: tuple[RowError, ...] = ()


class AssociatedType(_Shape):
    """One type that an association has; two objects may be associated in several ways."""

    category: str
    type_id: int
    label: str | None = None


class Associated(_Shape):
    """An object at the other end, and every way in which it is associated."""

    to_object_id: Id
    association_types: tuple[AssociatedType, ...]


class _End(_Shape):
    id: Id


class Links(_Shape):
    """The associations of one object; `after` is filled where there are more."""

    start: _End = Field(alias="from")
    to: tuple[Associated, ...]
    paging: _Paging | None = None

    @property
    def after(self) -> str:
        """What the rest is asked for with; "" where there is none."""
        return self.paging.next.after if self.paging and self.paging.next else ""


class LinksBatch(_Shape):
    """Associations of many objects; one without any is missing, or named among the errors."""

    results: tuple[Links, ...]
    errors: tuple[RowError, ...] = ()


class Pipelines(_Shape):
    """All pipelines of a type."""

    results: tuple[Pipeline, ...]


class Properties(_Shape):
    """All properties of a type."""

    results: tuple[Property, ...]


class AssociationTypes(_Shape):
    """All ways from one type to another."""

    results: tuple[AssociationType, ...]


def _texts(found: Any) -> tuple[str, ...]:
    if isinstance(found, str):
        return (found,)
    return tuple(str(one) for one in found) if isinstance(found, Iterable) else ()
