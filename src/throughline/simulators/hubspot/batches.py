"""The calls on many objects at once. Some inputs may fail while the others are done: status 207."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from throughline.simulators.hubspot.account import Account
from throughline.simulators.hubspot.objects import attach, body_of
from throughline.simulators.hubspot.problems import (
    Body,
    NotValid,
    Problem,
    row_error,
    rows_not_found,
)
from throughline.simulators.hubspot.records import Record
from throughline.simulators.hubspot.schema import ObjectType
from throughline.simulators.hubspot.values import spelled
from throughline.simulators.server import Call, Reply

LARGEST = 100
Input = Mapping[str, Any]
TRACE = "objectWriteTraceId"


@dataclass(slots=True)
class Answer:
    """What a batch answers. The order of its results is not that of its inputs."""

    results: list[Body] = field(default_factory=list)
    errors: list[Body] = field(default_factory=list)

    def reply(self, account: Account, status: int) -> Reply:
        """Return the whole answer: 207 as soon as one input failed."""
        at = spelled(account.clock())
        body: Body = {
            "status": "COMPLETE", "results": self.results[::-1], "startedAt": at,
            "completedAt": at,
        }  # fmt: skip
        if not self.errors:
            return Reply(status, body)
        return Reply(207, body | {"numErrors": len(self.errors), "errors": self.errors})


def read(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Answer many objects; those that are not there are named together."""
    body = body_of(call)
    by, archived = body.get("idProperty") or "", call.query.get("archived", "") == "true"
    names = [*(body.get("properties") or kind.asked_for), *_stamps(kind)]
    found: dict[str, Record] = {}
    missing = []
    for one in inputs_of(body):
        told = str(one.get("id"))
        record = (
            account.find_by(kind.id, by, told)
            if by
            else account.find(kind.id, told, archived=archived)
        )
        if record is None:
            missing.append(told)
        else:
            found[record.id] = record
    with_history = body.get("propertiesWithHistory") or []
    answer = Answer([one.as_json(names, with_history) for one in found.values()])
    if missing:
        answer.errors.append(rows_not_found(kind.singular, missing))
    return answer.reply(account, 200)


def create(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Make many objects."""

    def one(given: Input) -> Body:
        record = account.create(kind.id, given.get("properties") or {})
        attach(account, kind, record, given.get("associations") or [])
        return record.as_json(sorted(record.properties), [])

    return _each(account, call, one, status=201)


def update(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Change many objects; those that are not there are named together."""
    inputs = inputs_of(body_of(call))
    found = {id(one): _found(account, kind, one) for one in inputs}
    missing = [str(one.get("id")) for one in inputs if found[id(one)] is None]

    def one(given: Input) -> Body | None:
        record = found[id(given)]
        if record is None:
            return None
        account.change(record, given.get("properties") or {})
        return record.as_json([*(given.get("properties") or {}), *_stamps(kind)], [])

    answer = _done(inputs, one)
    if missing:
        answer.errors.append(rows_not_found(kind.singular, missing))
    return answer.reply(account, 200)


def upsert(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Make or change many objects, found by a property whose values are unique."""

    def one(given: Input) -> Body:
        by, value = given.get("idProperty") or "", str(given.get("id") or "")
        if not by:
            raise NotValid("idProperty is required for an upsert.")
        properties = given.get("properties") or {}
        record = account.find_by(kind.id, by, value)
        is_new = record is None
        if record is None:
            record = account.create(kind.id, {by: value, **properties})
        else:
            account.change(record, properties)
        return record.as_json(sorted(record.properties), []) | {"new": is_new}

    return _each(account, call, one, status=200)


def archive(account: Account, call: Call, kind: ObjectType) -> Reply:
    """Put many objects into the bin."""
    for one in inputs_of(body_of(call)):
        record = account.find(kind.id, str(one.get("id")))
        if record is not None:
            account.archive(record)
    return Reply(204, "")


def inputs_of(body: Body, *, most: int = LARGEST) -> list[dict[str, Any]]:
    """Return the inputs of a batch.

    Raises:
        NotValid: there are none, or too many.
    """
    found = body.get("inputs")
    if not isinstance(found, list) or not found:
        raise NotValid("Some required fields were not set: [inputs]")
    if len(found) > most:
        raise NotValid(f"A batch has at most {most} inputs, not {len(found)}.")
    return found


def _each(
    account: Account, call: Call, one: Callable[[Input], Body | None], *, status: int
) -> Reply:
    return _done(inputs_of(body_of(call)), one).reply(account, status)


def _done(inputs: list[dict[str, Any]], one: Callable[[Input], Body | None]) -> Answer:
    """Do every input that can be done.

    Only where each says which it is does a wrong one leave the others alone; else the first wrong
    one refuses the call. What was done before it stays done, as nothing promises otherwise.

    Raises:
        Problem: an input breaks a rule, and not every input says which it is.
    """
    is_traced = all(given.get(TRACE) for given in inputs)
    answer = Answer()
    for given in inputs:
        try:
            body = one(given)
        except Problem as problem:
            if not is_traced:
                raise
            category = problem.body.get("category", "VALIDATION_ERROR")
            context = {TRACE: [given[TRACE]]}
            answer.errors.append(row_error("error", category, str(problem), context))
        else:
            if body is not None:
                traced = {TRACE: given[TRACE]} if TRACE in given else {}
                answer.results.append(body | traced)
    return answer


def _found(account: Account, kind: ObjectType, given: Input) -> Record | None:
    told, by = str(given.get("id") or ""), given.get("idProperty") or ""
    return account.find_by(kind.id, by, told) if by else account.find(kind.id, told)


def _stamps(kind: ObjectType) -> list[str]:
    return [kind.created_at, kind.changed_at, "hs_object_id"]
