"""The search of the account: an index of its own, which lags behind the objects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from throughline.simulators.hubspot.problems import NotValid
from throughline.simulators.hubspot.records import Record
from throughline.simulators.hubspot.schema import Property
from throughline.simulators.hubspot.values import instant, milliseconds

LARGEST_PAGE = 200
USUAL_PAGE = 10
CAP = 10_000
LONGEST_BODY = 3000
MOST_GROUPS, MOST_IN_GROUP, MOST_FILTERS = 5, 6, 18


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as the index knows it; None properties: it is out of the index."""

    record: Record
    properties: Mapping[str, str] | None
    updated_at: datetime


@dataclass(slots=True)
class Index:
    """What a search looks at. What is written becomes visible after `lag`."""

    lag: timedelta = timedelta(0)
    _waiting: list[tuple[datetime, Seen]] = field(default_factory=list)
    _known: dict[str, dict[str, Seen]] = field(default_factory=dict)

    def note(self, record: Record, *, at: datetime, gone: bool = False) -> None:
        """Take a record in as it is at an instant; it can be found later on."""
        properties = None if gone or record.is_archived else dict(record.properties)
        self._waiting.append((at, Seen(record, properties, record.updated_at)))

    def known(self, type_id: str, *, at: datetime) -> list[Seen]:
        """Return what can be found of a type by now, in the order of their ids."""
        late = []
        for when, seen in self._waiting:
            if when + self.lag > at:
                late.append((when, seen))
                continue
            of_type = self._known.setdefault(seen.record.type_id, {})
            if seen.properties is None:
                of_type.pop(seen.record.id, None)
            else:
                of_type[seen.record.id] = seen
        self._waiting = late
        found = self._known.get(type_id, {}).values()
        return sorted(found, key=lambda one: int(one.record.id))


@dataclass(frozen=True, slots=True)
class Question:
    """A search as it was asked, checked."""

    groups: tuple[tuple[Mapping[str, Any], ...], ...]
    query: str
    sort: tuple[str, bool] | None  # property, descending
    limit: int
    after: int


def asked(body: Mapping[str, Any], properties: Mapping[str, Property]) -> Question:
    """Return the question of a search's body.

    Raises:
        NotValid: it asks too much, or for what is not there.
    """
    groups = tuple(tuple(one.get("filters", ())) for one in body.get("filterGroups") or ())
    if len(groups) > MOST_GROUPS or any(len(one) > MOST_IN_GROUP for one in groups):
        raise NotValid(f"At most {MOST_GROUPS} filterGroups with {MOST_IN_GROUP} filters each.")
    if sum(len(one) for one in groups) > MOST_FILTERS:
        raise NotValid(f"At most {MOST_FILTERS} filters in all are allowed.")
    for one in (one for group in groups for one in group):
        _check(one, properties)
    limit, after = int(body.get("limit", USUAL_PAGE)), int(body.get("after") or 0)
    if not 1 <= limit <= LARGEST_PAGE:
        raise NotValid(f"limit must be between 1 and {LARGEST_PAGE}, not {limit}.")
    if after + limit > CAP:
        raise NotValid(f"A search cannot be paged beyond {CAP} results.")
    return Question(
        groups, str(body.get("query") or "").lower(), _sort(body, properties), limit, after
    )


def _check(one: Mapping[str, Any], properties: Mapping[str, Property]) -> None:
    """Pass if a filter can be asked.

    Raises:
        NotValid: it cannot.
    """
    name, operator = one.get("propertyName", ""), one.get("operator", "")
    if name not in properties:
        raise NotValid(f'There was a problem with the request: property "{name}" does not exist.')
    if operator not in OPERATORS:
        raise NotValid(f"{operator!r} is no operator: use one of {', '.join(OPERATORS)}.")
    given = {"HAS_PROPERTY": None, "NOT_HAS_PROPERTY": None, "IN": "values", "NOT_IN": "values"}
    wanted = given.get(operator, "value")
    if wanted is not None and wanted not in one:
        raise NotValid(f"{operator} of {name} needs {wanted}.")
    if wanted is None and "value" in one:
        raise NotValid(f"{operator} of {name} takes no value.")


def _sort(body: Mapping[str, Any], properties: Mapping[str, Property]) -> tuple[str, bool] | None:
    sorts = body.get("sorts") or ()
    if not sorts:
        return None
    first = sorts[0]
    if isinstance(first, str):
        name, is_descending = first.removeprefix("-"), first.startswith("-")
    else:
        name, is_descending = first.get("propertyName", ""), first.get("direction") == "DESCENDING"
    if len(sorts) > 1 or name not in properties:
        raise NotValid(f"Sort by one property that exists, not by {sorts!r}.")
    return (name, is_descending)


def found(known: list[Seen], question: Question, properties: Mapping[str, Property]) -> list[Seen]:
    """Return all that answers a question, in its order."""
    hits = [one for one in known if _answers(one, question, properties)]
    if question.sort is not None:
        name, is_descending = question.sort
        hits.sort(key=lambda one: _key(one, properties[name]), reverse=is_descending)
    return hits


def _answers(seen: Seen, question: Question, properties: Mapping[str, Property]) -> bool:
    told = seen.properties or {}
    if question.query and not any(question.query in one.lower() for one in told.values()):
        return False
    if not question.groups:
        return True
    return any(
        all(_holds(told, one, properties[one["propertyName"]]) for one in group)
        for group in question.groups
    )


def _holds(told: Mapping[str, str], one: Mapping[str, Any], prop: Property) -> bool:
    value = told.get(prop.name, "")
    if one["operator"] == "HAS_PROPERTY":
        return bool(value)
    if one["operator"] == "NOT_HAS_PROPERTY":
        return not value
    if one["operator"] in {"IN", "NOT_IN"}:
        return (value in set(one["values"])) is (str(one["operator"]) == "IN")
    if not value:
        return str(one["operator"]) == "NEQ"
    return COMPARED[str(one["operator"])](
        comparable(prop, value), comparable(prop, str(one["value"]))
    )


def _key(seen: Seen, prop: Property) -> tuple[bool, Any, int]:
    value = (seen.properties or {}).get(prop.name, "")
    return (bool(value), comparable(prop, value) if value else 0, int(seen.record.id))


def comparable(prop: Property, value: str) -> Any:
    """Return a value in the form in which values of its property compare."""
    if prop.type in {"date", "datetime"}:
        return milliseconds(instant(value))
    return float(value) if prop.type == "number" else value.lower()


COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda one, other: one == other,
    "NEQ": lambda one, other: one != other,
    "LT": lambda one, other: one < other,
    "LTE": lambda one, other: one <= other,
    "GT": lambda one, other: one > other,
    "GTE": lambda one, other: one >= other,
    "CONTAINS_TOKEN": lambda one, other: other.strip("*") in str(one).split(),
}
OPERATORS = (*COMPARED, "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY")
