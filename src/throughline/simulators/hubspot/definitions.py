"""The calls on what objects are made of: pipelines, stages, properties."""

from dataclasses import replace
from typing import Any

from throughline.simulators.hubspot.account import Account
from throughline.simulators.hubspot.objects import body_of
from throughline.simulators.hubspot.problems import NotThere, NotValid
from throughline.simulators.hubspot.schema import ObjectType, Pipeline, Property, Stage
from throughline.simulators.hubspot.values import spelled
from throughline.simulators.server import Call, Reply

MOST_OWNERS, USUAL_OWNERS = 500, 100


def pipelines(account: Account, _call: Call, kind: ObjectType) -> Reply:
    """Answer the pipelines of a type; those in the bin are left out."""
    _check_has_pipelines(kind)
    alive = [one for one in account.pipelines[kind.id] if not one.archived]
    return Reply(200, {"results": [_pipeline(account, kind, one) for one in alive]})


def pipeline(account: Account, _call: Call, kind: ObjectType, pipeline_id: str) -> Reply:
    """Answer one pipeline."""
    return Reply(200, _pipeline(account, kind, _one(account, kind, pipeline_id)))


def add_pipeline(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Make a pipeline with its stages."""
    _check_has_pipelines(kind)
    body = body_of(call)
    made = Pipeline(
        id=_fresh(account, kind),
        label=_label(body),
        stages=tuple(
            _new_stage(one, f"{_fresh(account, kind)}{place:02}")
            for place, one in enumerate(body.get("stages") or (), start=1)
        ),
    )
    account.pipelines[kind.id].append(made)
    return Reply(201, _pipeline(account, kind, made))


def stages(account: Account, _call: Call, kind: ObjectType, pipeline_id: str) -> Reply:
    """Answer the stages of a pipeline."""
    found = _pipeline(account, kind, _one(account, kind, pipeline_id))
    return Reply(200, {"results": found["stages"]})


def change_stage(
    account: Account, call: Call, kind: ObjectType, pipeline_id: str, stage_id: str
) -> Reply:
    """Give a stage another label, as people do without a thought.

    Raises:
        NotThere: there is no such thing.
    """
    owner = _one(account, kind, pipeline_id)
    if all(one.id != stage_id for one in owner.stages):
        raise NotThere
    body = body_of(call)
    changed = tuple(
        replace(one, label=body.get("label") or one.label) if one.id == stage_id else one
        for one in owner.stages
    )
    place = account.pipelines[kind.id].index(owner)
    account.pipelines[kind.id][place] = replace(owner, stages=changed)
    told = _pipeline(account, kind, account.pipelines[kind.id][place])["stages"]
    return Reply(200, next(one for one in told if one["id"] == stage_id))


def properties(account: Account, _call: Call, kind: ObjectType) -> Reply:
    """Answer the properties of a type."""
    found = [one for one in account.properties[kind.id].values() if not one.archived]
    return Reply(200, {"results": [_property(account, one) for one in found]})


def property_(account: Account, _call: Call, kind: ObjectType, name: str) -> Reply:
    """Answer one property.

    Raises:
        NotThere: there is no such thing.
    """
    found = account.properties[kind.id].get(name)
    if found is None or found.archived:
        raise NotThere
    return Reply(200, _property(account, found))


def add_property(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Add a field.

    Raises:
        NotValid: the call breaks a rule.
    """
    body = body_of(call)
    missing = [
        name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)
    ]
    if missing:
        raise NotValid(f"Some required fields were not set: [{', '.join(missing)}]")
    options = tuple((one["value"], one["label"]) for one in body.get("options") or ())
    made = Property(
        name=body["name"],
        label=body["label"],
        type=body["type"],
        field_type=body["fieldType"],
        group=body["groupName"],
        description=body.get("description") or "",
        options=options,
        is_unique=bool(body.get("hasUniqueValue")),
    )
    account.add_property(kind.id, made)
    return Reply(201, _property(account, made))


def archive_property(account: Account, _call: Call, kind: ObjectType, name: str) -> Reply:
    """Put a field into the bin; what objects hold in it stays where it is, out of sight.

    Raises:
        NotThere: there is no such thing.
        NotValid: the call breaks a rule.
    """
    found = account.properties[kind.id].get(name)
    if found is None:
        raise NotThere
    if found.is_hubspots:
        raise NotValid(f'The property "{name}" is HubSpot\'s own and cannot be archived.')
    account.properties[kind.id][name] = replace(found, archived=True)
    return Reply(204, "")


def owners(account: Account, call: Call) -> Reply:
    """Answer a page of the people who may own an object.

    Raises:
        NotValid: the call breaks a rule.
    """
    limit, start = int(call.query.get("limit") or USUAL_OWNERS), int(call.query.get("after") or 0)
    if not 1 <= limit <= MOST_OWNERS:
        raise NotValid(f"limit must be between 1 and {MOST_OWNERS}, not {limit}.")
    at = spelled(account.clock())
    told = [
        {
            "id": one.id, "email": one.email, "firstName": one.first_name,
            "lastName": one.last_name, "type": "PERSON", "userId": int(one.id),
            "createdAt": at, "updatedAt": at, "archived": False,
        }
        for one in account.owners[start : start + limit]
    ]  # fmt: skip
    body: dict[str, Any] = {"results": told}
    if len(account.owners) > start + limit:
        body["paging"] = {"next": {"after": str(start + limit)}}
    return Reply(200, body)


def _check_has_pipelines(kind: ObjectType) -> None:
    if not kind.pipeline:
        raise NotValid(f"Object type {kind.id} does not support pipelines.")


def _one(account: Account, kind: ObjectType, pipeline_id: str) -> Pipeline:
    for one in account.pipelines[kind.id]:
        if one.id == pipeline_id and not one.archived:
            return one
    raise NotThere


def _fresh(account: Account, kind: ObjectType) -> str:
    """Return an id as HubSpot gives them to what is made later: digits."""
    return str(1_300_000 + len(account.pipelines[kind.id]))


def _label(body: dict[str, Any]) -> str:
    label = str(body.get("label") or "")
    if not label:
        raise NotValid("Some required fields were not set: [label]")
    return label


def _new_stage(body: dict[str, Any], stage_id: str) -> Stage:
    chance = str((body.get("metadata") or {}).get("probability", ""))
    return Stage(id=stage_id, label=_label(body), probability=chance)


def _pipeline(account: Account, kind: ObjectType, one: Pipeline) -> dict[str, Any]:
    at = spelled(account.clock())
    stamps = {"createdAt": at, "updatedAt": at, "archived": False}
    return {
        "id": one.id,
        "label": one.label,
        "displayOrder": account.pipelines[kind.id].index(one),
        "stages": [
            {
                "id": stage.id, "label": stage.label, "displayOrder": place,
                "metadata": stage.metadata, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                **stamps,
            }
            for place, stage in enumerate(one.stages)
            if not stage.archived
        ],
        **stamps,
    }  # fmt: skip


def _property(account: Account, one: Property) -> dict[str, Any]:
    at = spelled(account.clock())
    return {
        "name": one.name, "label": one.label, "type": one.type, "fieldType": one.field_type,
        "groupName": one.group, "description": one.description, "displayOrder": -1,
        "hidden": False, "formField": False, "calculated": False, "externalOptions": False,
        "hasUniqueValue": one.is_unique, "hubspotDefined": one.is_hubspots,
        "archived": one.archived, "createdAt": at, "updatedAt": at,
        "options": [
            {"value": value, "label": label, "displayOrder": place, "hidden": False}
            for place, (value, label) in enumerate(one.options)
        ],
        "modificationMetadata": {
            "archivable": not one.is_hubspots, "readOnlyDefinition": one.is_hubspots,
            "readOnlyValue": one.is_read_only,
        },
    }  # fmt: skip
