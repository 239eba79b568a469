"""The calls on single objects: get, list, make, change, put into the bin, merge, search."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from throughline.simulators.hubspot import searching
from throughline.simulators.hubspot.account import API, Account
from throughline.simulators.hubspot.problems import NotThere, NotValid
from throughline.simulators.hubspot.records import Record
from throughline.simulators.hubspot.schema import ObjectType
from throughline.simulators.server import Call, Reply

LARGEST_PAGE = 100
USUAL_PAGE = 10


def listed(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Answer a page of all objects of a type.

    Raises:
        NotValid: the call breaks a rule.
    """
    limit = int(call.query.get("limit") or USUAL_PAGE)
    if not 1 <= limit <= LARGEST_PAGE:
        raise NotValid(f"limit must be between 1 and {LARGEST_PAGE}, not {limit}.")
    start = int(call.query.get("after") or 0)
    fitting = [
        one for one in account.records(kind.id, archived=_is_true(call, "archived"))
        if int(one.id) >= start
    ]  # fmt: skip
    page, rest = fitting[:limit], fitting[limit:]
    body: dict[str, Any] = {"results": [shown(account, call, kind, one) for one in page]}
    if rest:
        body["paging"] = {"next": {"after": str(int(page[-1].id) + 1), "link": "…"}}
    return Reply(200, body)


def got(account: Account, call: Call, kind: ObjectType, object_id: str) -> Reply:
    """Answer one object, found by its id or by a unique property; a merged one by its survivor.

    Raises:
        NotThere: there is no such thing.
    """
    by = call.query.get("idProperty", "")
    archived = _is_true(call, "archived")
    record = (
        account.find_by(kind.id, by, object_id)
        if by
        else account.find(kind.id, object_id, archived=archived)
    )
    if record is None:
        raise NotThere
    return Reply(200, shown(account, call, kind, record))


def made(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Make one object, with its associations."""
    body = body_of(call)
    record = account.create(kind.id, body.get("properties") or {})
    attach(account, kind, record, body.get("associations") or [])
    return Reply(201, record.as_json(sorted(record.properties), []))


def changed(account: Account, call: Call, kind: ObjectType, object_id: str) -> Reply:
    """Change one object; its answer tells what was written.

    Raises:
        NotThere: there is no such thing.
    """
    properties = body_of(call).get("properties") or {}
    by = call.query.get("idProperty", "")
    found = account.find_by(kind.id, by, object_id) if by else account.find(kind.id, object_id)
    if found is None:
        raise NotThere
    account.change(found, properties)
    return Reply(200, found.as_json(_always(kind, sorted(properties)), []))


def archived(account: Account, _call: Call, kind: ObjectType, object_id: str) -> Reply:
    """Put one object into the bin; one that is not there is no mistake."""
    found = account.find(kind.id, object_id)
    if found is not None:
        account.archive(found)
    return Reply(204, "")


def merged(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Make one object of two, and answer with it."""
    body = body_of(call)
    ids = [str(body.get(name) or "") for name in ("primaryObjectId", "objectIdToMerge")]
    survivor = account.merge(kind.id, ids[0], ids[1], source=API)
    return Reply(200, survivor.as_json(sorted(survivor.properties), []))


def forgotten(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Forget a contact for good.

    Raises:
        NotThere: there is no such thing.
    """
    body = body_of(call)
    by, told = body.get("idProperty"), str(body.get("objectId") or "")
    found = account.find_by(kind.id, by, told) if by else account.find(kind.id, told)
    if found is None:
        raise NotThere
    account.erase(found)
    return Reply(204, "")


def searched(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Answer a page of what the index finds.

    Raises:
        NotValid: the call breaks a rule.
    """
    if len(call.body) > searching.LONGEST_BODY:
        raise NotValid(f"The body of a search has at most {searching.LONGEST_BODY} characters.")
    body = body_of(call)
    properties = account.properties[kind.id]
    question = searching.asked(body, properties)
    known = account.index.known(kind.id, at=account.clock())
    hits = searching.found(known, question, properties)
    end = question.after + question.limit
    names = _always(kind, body.get("properties") or kind.asked_for)
    answer: dict[str, Any] = {
        "total": len(hits),
        "results": [_as_indexed(one, names) for one in hits[question.after : end]],
    }
    if end < len(hits):
        answer["paging"] = {"next": {"after": str(end)}}
    return Reply(200, answer)


def shown(account: Account, call: Call, kind: ObjectType, record: Record) -> dict[str, Any]:
    """Return an object as a call asks for it, with its associations where it names types."""
    names = _asked(call, "properties") or list(kind.asked_for)
    answer = record.as_json(_always(kind, names), _asked(call, "propertiesWithHistory"))
    linked = {}
    for name in _asked(call, "associations"):
        other = account.type_named(name)
        ends = [
            {"id": end.id, "type": f"{kind.singular}_to_{other.singular}"}
            for end, _specs in account.linked(record, other.id)
        ]
        if ends:
            linked[other.plural] = {"results": ends}
    return answer | ({"associations": linked} if linked else {})


def attach(
    account: Account, kind: ObjectType, record: Record, wanted: list[Mapping[str, Any]]
) -> None:
    """Make the associations that an object is made with.

    Raises:
        NotValid: the call breaks a rule.
    """
    for one in wanted:
        for spec in one.get("types") or ():
            category, type_id = spec["associationCategory"], int(spec["associationTypeId"])
            ways = [
                way for way in account.links.ways
                if way.from_type == kind.id and way.spec == (category, type_id)
            ]  # fmt: skip
            if not ways:
                raise NotValid(f"No association type {category} {type_id} from {kind.plural}.")
            other = account.get(ways[0].to_type, str(one["to"]["id"]))
            account.associate(record, other, [(category, type_id)])


def body_of(call: Call) -> dict[str, Any]:
    """Return the object that a call's body is.

    Raises:
        NotValid: it is none.
    """
    try:
        found = call.json()
    except ValueError as error:
        raise NotValid("Invalid input JSON on line 1, column 1: it cannot be read.") from error
    if not isinstance(found, dict):
        raise NotValid("Invalid input JSON on line 1, column 1: an object is expected.")
    return found


def _as_indexed(seen: searching.Seen, names: list[str]) -> dict[str, Any]:
    answer = seen.record.as_json([], [])
    properties = seen.properties or {}
    return answer | {"properties": {name: properties.get(name) for name in names}}


def _asked(call: Call, name: str) -> list[str]:
    """Return the names in a parameter, which may be repeated, and may hold several with commas."""
    told = parse_qs(call.raw_query).get(name, [])
    return [part.strip() for one in told for part in one.split(",") if part.strip()]


def _always(kind: ObjectType, names: Any) -> list[str]:
    return list(dict.fromkeys([*names, kind.created_at, kind.changed_at, "hs_object_id"]))


def _is_true(call: Call, name: str) -> bool:
    return call.query.get(name, "").lower() == "true"
