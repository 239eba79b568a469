"""The calls on associations: which ways there are, which there are between objects, and making them."""

from typing import Any

from throughline.simulators.hubspot.account import Account
from throughline.simulators.hubspot.batches import Answer, inputs_of
from throughline.simulators.hubspot.objects import body_of
from throughline.simulators.hubspot.problems import Body, NotThere, NotValid, row_error
from throughline.simulators.hubspot.records import Record
from throughline.simulators.hubspot.schema import ObjectType
from throughline.simulators.server import Call, Reply

MOST_READ, MOST_WRITTEN, MOST_PARTED = 1000, 2000, 100
LARGEST_PAGE = 500


def labels(account: Account, _call: Call, kind: ObjectType, other: ObjectType) -> Reply:
    """Answer the ways in which two types may be associated, in one direction."""
    ways = account.links.between(kind.id, other.id)
    told = [{"category": one.category, "typeId": one.type_id, "label": one.label} for one in ways]
    return Reply(200, {"results": told})


def add_label(account: Account, call: Call, kind: ObjectType, other: ObjectType) -> Reply:
    """Add a label of the customer's own, and answer the way there and the way back.

    Raises:
        NotValid: the call breaks a rule.
    """
    body = body_of(call)
    if not body.get("label") or not body.get("name"):
        raise NotValid("Some required fields were not set: [label, name]")
    made = account.links.add_label(
        kind.id, other.id, str(body["label"]), str(body.get("inverseLabel") or "")
    )
    told = [{"category": one.category, "typeId": one.type_id, "label": one.label} for one in made]
    return Reply(200, {"results": told})


def read(account: Account, call: Call, kind: ObjectType, other: ObjectType) -> Reply:
    """Answer the associations of many objects; one without any is named among the errors.

    An object that was merged away has none any more, though its id still answers elsewhere.
    """
    answer = Answer()
    for one in inputs_of(body_of(call), most=MOST_READ):
        told = str(one.get("id"))
        record = account.find(kind.id, told)
        ends = account.linked(record, other.id) if record and record.id == told else []
        start = int(one.get("after") or 0)
        page = ends[start : start + LARGEST_PAGE]
        if not page:
            answer.errors.append(_none(kind, other, told))
            continue
        row: Body = {"from": {"id": told}, "to": [_end(account, kind, *end) for end in page]}
        if len(ends) > start + LARGEST_PAGE:
            row["paging"] = {"next": {"after": str(start + LARGEST_PAGE)}}
        answer.results.append(row)
    return answer.reply(account, 200)


def create(account: Account, call: Call, kind: ObjectType, other: ObjectType) -> Reply:
    """Associate many pairs, each in the ways that are named."""
    answer = Answer()
    for one in inputs_of(body_of(call), most=MOST_WRITTEN):
        start, end = _there(account, kind, one, "from"), _there(account, other, one, "to")
        specs = [
            (each["associationCategory"], int(each["associationTypeId"]))
            for each in one.get("types") or ()
        ]
        told = account.associate(start, end, specs)
        answer.results.append(_pair(start, end, [label for label in told if label]))
    return answer.reply(account, 201)


def create_default(account: Account, call: Call, kind: ObjectType, other: ObjectType) -> Reply:
    """Associate many pairs without a label."""
    answer = Answer()
    for one in inputs_of(body_of(call), most=MOST_WRITTEN):
        start, end = _there(account, kind, one, "from"), _there(account, other, one, "to")
        answer.results += _by_default(account, start, end)
    return answer.reply(account, 200)


def join_default(
    account: Account,
    _call: Call,
    kind: ObjectType,
    object_id: str,
    other: ObjectType,
    other_id: str,
) -> Reply:
    """Associate one pair without a label."""
    start, end = account.get(kind.id, object_id), account.get(other.id, other_id)
    return Answer(_by_default(account, start, end)).reply(account, 200)


def _by_default(account: Account, start: Record, end: Record) -> list[Body]:
    there = account.links.unlabelled(start.type_id, end.type_id).spec
    back = account.links.unlabelled(end.type_id, start.type_id).spec
    account.associate(start, end, [there])
    return [
        {
            "from": {"id": one.id}, "to": {"id": other.id},
            "associationSpec": {"associationCategory": spec[0], "associationTypeId": spec[1]},
        }
        for one, other, spec in ((start, end, there), (end, start, back))
    ]  # fmt: skip


def archive(account: Account, call: Call, kind: ObjectType, other: ObjectType) -> Reply:
    """Remove every association of many pairs."""
    for one in inputs_of(body_of(call), most=MOST_PARTED):
        start = _there(account, kind, one, "from")
        for end in one.get("to") or ():
            account.part(start, account.get(other.id, str(end["id"])))
    return Reply(204, "")


def of_one(
    account: Account, call: Call, kind: ObjectType, object_id: str, other: ObjectType
) -> Reply:
    """Answer the associations of one object.

    Raises:
        NotThere: there is no such thing.
        NotValid: the call breaks a rule.
    """
    record = account.find(kind.id, object_id)
    if record is None:
        raise NotThere
    limit, start = int(call.query.get("limit") or LARGEST_PAGE), int(call.query.get("after") or 0)
    if not 1 <= limit <= LARGEST_PAGE:
        raise NotValid(f"limit must be between 1 and {LARGEST_PAGE}, not {limit}.")
    ends = account.linked(record, other.id) if record.id == object_id else []
    body: Body = {"results": [_end(account, kind, *one) for one in ends[start : start + limit]]}
    if len(ends) > start + limit:
        body["paging"] = {"next": {"after": str(start + limit), "link": "…"}}
    return Reply(200, body)


def join(
    account: Account, call: Call, kind: ObjectType, object_id: str, other: ObjectType, other_id: str
) -> Reply:
    """Associate one pair in the ways that the body lists.

    Raises:
        NotValid: the call breaks a rule.
    """
    try:
        specs = [(one["associationCategory"], int(one["associationTypeId"])) for one in call.json()]
    except (ValueError, KeyError, TypeError) as error:
        raise NotValid("A list of association types is expected.") from error
    start, end = account.get(kind.id, object_id), account.get(other.id, other_id)
    told = account.associate(start, end, specs)
    return Reply(201, _pair(start, end, [label for label in told if label]))


def part(
    account: Account,
    _call: Call,
    kind: ObjectType,
    object_id: str,
    other: ObjectType,
    other_id: str,
) -> Reply:
    """Remove every association of one pair."""
    account.part(account.get(kind.id, object_id), account.get(other.id, other_id))
    return Reply(204, "")


def _there(account: Account, kind: ObjectType, one: Body, name: str) -> Record:
    return account.get(kind.id, str((one.get(name) or {}).get("id")))


def _end(
    account: Account, kind: ObjectType, end: Record, specs: list[tuple[str, int]]
) -> dict[str, Any]:
    ways = [account.links.way(kind.id, end.type_id, *spec) for spec in specs]
    return {
        "toObjectId": int(end.id),
        "associationTypes": [
            {"category": way.category, "typeId": way.type_id, "label": way.label} for way in ways
        ],
    }


def _pair(start: Record, end: Record, told: list[str]) -> Body:
    return {
        "fromObjectTypeId": start.type_id, "fromObjectId": int(start.id),
        "toObjectTypeId": end.type_id, "toObjectId": int(end.id), "labels": told,
    }  # fmt: skip


def _none(kind: ObjectType, other: ObjectType, object_id: str) -> Body:
    message = f"No {other.singular} is associated with {kind.singular} {object_id}."
    context = {"fromObjectId": [object_id], "fromObjectType": [kind.id], "toObjectType": [other.id]}
    return row_error("error", "OBJECT_NOT_FOUND", message, context) | {
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"
    }
