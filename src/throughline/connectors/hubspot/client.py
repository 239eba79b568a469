"""HubSpot, as far as we need it: the shape of an account, its objects, and how they hang together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

from throughline.connectors.http import open_client, read, send
from throughline.connectors.hubspot.paths import LATEST, paths_of
from throughline.connectors.hubspot.shapes import (
    AssociationType,
    AssociationTypes,
    Batch,
    LinksBatch,
    Owners,
    Page,
    Pipeline,
    Pipelines,
    Properties,
    Property,
    Record,
)
from throughline.connectors.hubspot.waiting import name_the_wait

ADDRESS = "https://api.hubapi.com"
LARGEST_PAGE = 100
LARGEST_SEARCH_PAGE = 200
LARGEST_BATCH = 100
MOST_OWNERS = 500
MOST_LINKS_READ = 1000
MOST_LINKS_WRITTEN = 2000


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written to one object; for a new one `id` is empty.

    `trace` comes back with what became of it: without one on every input, a single wrong input
    refuses the whole batch.
    """

    properties: Mapping[str, str]
    id: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An association to be made, in one direction, of one type."""

    from_id: str
    to_id: str
    category: str
    type_id: int


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a search; several are all to hold."""

    property: str
    operator: str  # EQ, GTE, …
    value: str


class HubSpot:
    """One account. Holds no state but the session and a counter; close it, or use it in `with`.

    Every method sends one call, and raises what `send` raises:
        NotFound: there is no such thing, or the token may not see it.
        Transient: HubSpot was slow, down, or asked us to wait.
        AnswerLost: a write may have been performed: look before sending it again.
        Declined: HubSpot refused the call.
        UnknownShape: it answered in a shape that we do not know.

    Source: https://developers.hubspot.com/docs/api-reference/latest/crm/using-object-apis
    """

    def __init__(self, http: httpx.Client, *, version: str = LATEST) -> None:
        self._http = http
        self._http.event_hooks["request"].append(self._count)
        self._paths = paths_of(version)
        self.calls = 0  # requests sent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the session."""
        self._http.close()

    def pipelines(self, object_type: str) -> tuple[Pipeline, ...]:
        """Return the pipelines of a type, with their stages, in the account's order."""
        answer = send(self._http, "GET", f"{self._paths.pipelines}/{object_type}")
        found = read(answer, Pipelines).results
        return tuple(sorted(found, key=lambda one: (one.display_order, one.id)))

    def properties(self, object_type: str) -> tuple[Property, ...]:
        """Return the properties of a type."""
        answer = send(self._http, "GET", f"{self._paths.properties}/{object_type}")
        return read(answer, Properties).results

    def owners(self, *, after: str = "") -> Owners:
        """Return one page of the people who may own objects."""
        params = {"limit": str(MOST_OWNERS)} | ({"after": after} if after else {})
        return read(send(self._http, "GET", self._paths.owners, params=params), Owners)

    def association_types(self, from_type: str, to_type: str) -> tuple[AssociationType, ...]:
        """Return the ways in which objects of one type may be associated with another's."""
        path = self._paths.association(from_type, to_type, "labels")
        return read(send(self._http, "GET", path), AssociationTypes).results

    def page(
        self,
        object_type: str,
        *,
        properties: Sequence[str],
        after: str = "",
        archived: bool = False,
        limit: int = LARGEST_PAGE,
    ) -> Page:
        """Return one page of all objects of a type; the next one begins at the page's `after`.

        Objects come in the order of their ids, and merged ones are left out: their survivor is
        there. Whatever changes while the pages are read may be missed or seen twice.
        """
        params = {
            "limit": str(limit),
            "properties": ",".join(properties),
            "archived": str(archived).lower(),
        } | ({"after": after} if after else {})
        return read(send(self._http, "GET", self._paths.object(object_type), params=params), Page)

    def get(
        self, object_type: str, object_id: str, *, properties: Sequence[str], archived: bool = False
    ) -> Record:
        """Return one object. Compare its id: a merged object answers as the one it became."""
        params = {"properties": ",".join(properties), "archived": str(archived).lower()}
        path = self._paths.object(object_type, object_id)
        return read(send(self._http, "GET", path, params=params), Record)

    def read_batch(
        self,
        object_type: str,
        ids: Sequence[str],
        *,
        properties: Sequence[str],
        archived: bool = False,
    ) -> Batch:
        """Return at most 100 objects; those that are not there are named among the errors."""
        body = {
            "properties": list(properties),
            "propertiesWithHistory": [],
            "inputs": [{"id": one} for one in ids],
        }
        path = self._paths.object(object_type, "batch", "read")
        params = {"archived": str(archived).lower()}
        return read(send(self._http, "POST", path, params=params, json=body), Batch)

    def create(self, object_type: str, properties: Mapping[str, str]) -> Record:
        """Make one object. Look first: nothing but a unique property hinders a double."""
        path = self._paths.object(object_type)
        return read(send(self._http, "POST", path, json={"properties": dict(properties)}), Record)

    def update(self, object_type: str, object_id: str, properties: Mapping[str, str]) -> Record:
        """Change properties of one object; those that are not named stay."""
        path = self._paths.object(object_type, object_id)
        return read(send(self._http, "PATCH", path, json={"properties": dict(properties)}), Record)

    def create_batch(self, object_type: str, changes: Sequence[Change]) -> Batch:
        """Make at most 100 objects."""
        return self._write(object_type, "create", changes)

    def update_batch(self, object_type: str, changes: Sequence[Change]) -> Batch:
        """Change at most 100 objects."""
        return self._write(object_type, "update", changes)

    def upsert_batch(
        self, object_type: str, changes: Sequence[Change], *, id_property: str
    ) -> Batch:
        """Make or change at most 100 objects, found by a property whose values are unique."""
        return self._write(object_type, "upsert", changes, {"idProperty": id_property})

    def links(
        self,
        from_type: str,
        to_type: str,
        ids: Sequence[str],
        *,
        after: Mapping[str, str] | None = None,
    ) -> LinksBatch:
        """Return the associations of at most 1,000 objects with those of another type.

        `after` says for an object where its rest begins, as an earlier answer told.
        """
        rest = after or {}
        asked = [{"id": one} | ({"after": rest[one]} if one in rest else {}) for one in ids]
        path = self._paths.association(from_type, to_type, "batch", "read")
        return read(send(self._http, "POST", path, json={"inputs": asked}), LinksBatch)

    def link(self, from_type: str, to_type: str, links: Sequence[Link]) -> None:
        """Make at most 2,000 associations; one that is there already stays."""
        path = self._paths.association(from_type, to_type, "batch", "create")
        send(self._http, "POST", path, json={"inputs": [_link(one) for one in links]})

    def search(
        self,
        object_type: str,
        *,
        filters: Sequence[Filter],
        properties: Sequence[str],
        ascending: str,
        after: str = "",
        limit: int = LARGEST_SEARCH_PAGE,
    ) -> Page:
        """Return one page of what is found, of at most 10,000 in all, in the order of a property.

        The index lags behind the objects: never decide by a search whether something exists.
        Five calls a second are allowed for the whole account.
        """
        body: dict[str, Any] = {
            "filterGroups": [{
                "filters": [
                    {"propertyName": one.property, "operator": one.operator, "value": one.value}
                    for one in filters
                ]
            }],
            "sorts": [{"propertyName": ascending, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        } | ({"after": after} if after else {})  # fmt: skip
        path = self._paths.object(object_type, "search")
        return read(send(self._http, "POST", path, json=body), Page)

    def _count(self, _request: httpx.Request) -> None:
        self.calls += 1

    def _write(
        self,
        object_type: str,
        verb: str,
        changes: Sequence[Change],
        common: Mapping[str, str] | None = None,
    ) -> Batch:
        inputs = [_input(one) | dict(common or {}) for one in changes]
        path = self._paths.object(object_type, "batch", verb)
        return read(send(self._http, "POST", path, json={"inputs": inputs}), Batch)


def connect(token: str, *, base_url: str = ADDRESS, version: str = LATEST) -> HubSpot:
    """Return an account, to be spoken to with a private app's token.

    Raises:
        NotSendable: the address is none.
        ValueError: there is no such version.
    """
    paths_of(version)  # nothing is opened for a version that there is not
    http = open_client(base_url, headers={"Authorization": f"Bearer {token}"})
    http.event_hooks = {"response": [name_the_wait]}
    return HubSpot(http, version=version)


def _input(change: Change) -> dict[str, Any]:
    traced = {"objectWriteTraceId": change.trace} if change.trace else {}
    named = {"id": change.id} if change.id else {}
    return {"properties": dict(change.properties), **named, **traced}


def _link(link: Link) -> dict[str, Any]:
    return {
        "from": {"id": link.from_id},
        "to": {"id": link.to_id},
        "types": [{"associationCategory": link.category, "associationTypeId": link.type_id}],
    }
