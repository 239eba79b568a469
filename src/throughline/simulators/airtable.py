"""An Airtable base: tables with typed fields, listings in pages, upserts, and its ways to refuse."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from throughline.simulators.airtable_formula import RECORD_ID, NoFormula, filter_of
from throughline.simulators.airtable_tables import (
    MERGEABLE,
    Cells,
    Field,
    Record,
    Table,
    Tables,
    Wrong,
    choice_field,
    date_field,
    new_id,
    number_field,
)
from throughline.simulators.server import Call, Fault, Reply, Simulator

PAGE, BATCH, MERGED_ON = 100, 10, 3
PENALTY_S = 30.0  # how long a base refuses everything once it was asked too often
MADE_AT = "2026-03-02T12:00:00.000Z"
BODY_KEYS = frozenset({"records", "typecast", "returnFieldsByFieldId", "performUpsert"})
LIST_KEYS = frozenset({
    "fields", "filterByFormula", "maxRecords", "pageSize", "offset", "returnFieldsByFieldId",
    "sort", "view", "cellFormat", "timeZone", "userLocale", "recordMetadata",
})  # fmt: skip
INVALID = "Invalid request: parameter validation failed. Check your request data."
HIDDEN = (
    "Invalid permissions, or the requested model was not found. Check that both your user and your"
    " token have the required permissions, and that the model names and/or ids are correct."
)


class AirtableSimulator(Simulator):
    """One base and one token that may use it.

    `limit` is how many calls a second the base takes; more are refused for thirty seconds. Where
    no source says how Airtable answers (several records match an upsert), it refuses with 422.

    Source: https://airtable.com/developers/web/api/update-multiple-records
        https://airtable.com/developers/web/api/list-records
        https://support.airtable.com/docs/airtable-api-common-troubleshooting
    """

    def __init__(
        self, *, limit: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.token = f"pat{new_id('')}.simulated"
        self.base = new_id("app")
        self.tables = Tables()
        self.lag = 0  # how many listings pass before one shows what was just written
        self.limit = limit
        self.clock = clock
        self._asked: list[float] = []
        self._refused_until = 0.0
        self._listings = 0
        self._iterators: dict[str, list[dict[str, Any]]] = {}
        self._write_faults: list[Fault] = []

    def table(self, name_or_id: str) -> Table:
        """Return one of its tables.

        Raises:
            Wrong: the base has none of that name, or the token may not see it.
        """
        found = self.tables.find(name_or_id)
        if found is None:
            raise Wrong("INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", HIDDEN, 403)
        return found

    def fail_next_write(self, *faults: Fault) -> None:
        """Have the next writes fail, one fault each; what reads is left alone."""
        self._write_faults.extend(faults)

    def forget_iterators(self) -> None:
        """Let the pages that somebody is reading through run out, as they do after minutes."""
        self._iterators.clear()

    def take(self, call: Call) -> Reply | None:
        if self._write_faults and call.method != "GET" and not call.path.endswith("/listRecords"):
            self.fail_next(self._write_faults.pop(0))
        return super().take(call)

    def answer(self, call: Call) -> Reply:
        """Return what Airtable would answer."""
        if self._is_too_much():
            said = {"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}  # fmt: skip
            return Reply(429, {"errors": [said]})
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return _refusal("AUTHENTICATION_REQUIRED", "Authentication required", 401)
        try:
            return Reply(200, self._routed(call))
        except Wrong as wrong:
            return _refusal(wrong.kind, wrong.message, wrong.status)

    def _is_too_much(self) -> bool:
        if self.limit is None:
            return False
        now = self.clock()
        if now < self._refused_until:
            return True
        self._asked = [at for at in self._asked if now - at < 1] + [now]
        if len(self._asked) > self.limit:
            self._refused_until = now + PENALTY_S
            return True
        return False

    def _routed(self, call: Call) -> dict[str, Any]:
        match [unquote(part) for part in call.path.strip("/").split("/")], call.method:
            case ["v0", "meta", "bases"], "GET":
                one = {"id": self.base, "name": "Simulated", "permissionLevel": "create"}
                return {"bases": [one]}
            case ["v0", "meta", "bases", base, "tables"], "GET":
                self._check_base(base)
                return {"tables": [table.shape() for table in self.tables]}
            case ["v0", base, name], method:
                self._check_base(base)
                return self._on_table(self.table(name), method, call)
            case ["v0", base, name, "listRecords"], "POST":
                self._check_base(base)
                return self._list(self.table(name), _body(call))
            case ["v0", base, name, record], method:
                self._check_base(base)
                return self._on_record(self.table(name), record, method, call)
            case _:
                raise Wrong("NOT_FOUND", "", 404)

    def _check_base(self, base: str) -> None:
        if not base.startswith("app") or len(base) != len(self.base):
            raise Wrong("NOT_FOUND", "", 404)
        if base != self.base:
            raise Wrong("INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", HIDDEN, 403)

    def _on_table(self, table: Table, method: str, call: Call) -> dict[str, Any]:
        match method:
            case "GET":
                return self._list(table, _query(call))
            case "POST":
                return self._create(table, _body(call))
            case "PATCH" | "PUT":
                return self._update(table, _body(call), clears=method == "PUT")
            case "DELETE":
                ids = [value for name, value in parse_qsl(call.raw_query) if name == "records[]"]
                _check_count(ids)
                return {"records": [self._delete(table, one) for one in ids]}
            case _:
                raise Wrong("NOT_FOUND", "", 404)

    def _on_record(self, table: Table, record: str, method: str, call: Call) -> dict[str, Any]:
        found = _existing(table, record)
        match method:
            case "GET":
                return _shape(table, found, found.cells, by_id=bool(call.query.get("returnFieldsByFieldId")))  # fmt: skip
            case "DELETE":
                return self._delete(table, record)
            case "PATCH" | "PUT":
                body = _body(call)
                cells = self.tables.read(
                    table, body.get("fields", {}), typecast=bool(body.get("typecast"))
                )
                self._write(table, found, cells, clears=method == "PUT")
                return _shape(table, found, found.cells, by_id=bool(body.get("returnFieldsByFieldId")))  # fmt: skip
            case _:
                raise Wrong("NOT_FOUND", "", 404)

    def _list(self, table: Table, asked: Mapping[str, Any]) -> dict[str, Any]:
        if unknown := set(asked) - LIST_KEYS:
            raise Wrong("INVALID_REQUEST_UNKNOWN", f"{INVALID} {sorted(unknown)}")
        size = int(asked.get("pageSize", PAGE))
        if not 1 <= size <= PAGE:
            raise Wrong("INVALID_REQUEST_UNKNOWN", INVALID)
        offset = asked.get("offset")
        if offset is None:
            self._listings += 1
            rows = self._rows(table, asked)
        elif offset in self._iterators:
            rows = self._iterators.pop(offset)
        else:
            raise Wrong("LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "")
        page, rest = rows[:size], rows[size:]
        if not rest:
            return {"records": page}
        following = f"itr{new_id('')}/{rest[0]['id']}"
        self._iterators[following] = rest
        return {"records": page, "offset": following}

    def _rows(self, table: Table, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        chosen = {table.field(name).id for name in asked.get("fields", [])}
        try:
            names = frozenset(one.name for one in table.fields)
            is_asked = filter_of(asked["filterByFormula"], names) if asked.get("filterByFormula") else None  # fmt: skip
        except NoFormula as error:
            said = f"The formula for filtering records is invalid: {error}"
            raise Wrong("INVALID_FILTER_BY_FORMULA", said) from error
        rows = []
        for record in table.records.values():
            cells = self._shown(record)
            if cells is None:
                continue
            if is_asked and not is_asked(table.by_name(cells) | {RECORD_ID: record.id}):
                continue
            if "fields" in asked:
                cells = {one: value for one, value in cells.items() if one in chosen}
            rows.append(_shape(table, record, cells, by_id=_is_on(asked)))
        return rows[: int(asked.get("maxRecords", len(rows)))]

    def _shown(self, record: Record) -> Cells | None:
        """Return what listings show of a record by now; None where they do not show it yet."""
        if self._listings >= record.shown_from:
            record.shown = dict(record.cells)
        return record.shown

    def _create(self, table: Table, body: Mapping[str, Any]) -> dict[str, Any]:
        if "fields" in body and "records" not in body:  # one record, said without a list
            rest = {name: value for name, value in body.items() if name != "fields"}
            made = self._create(table, rest | {"records": [{"fields": body["fields"]}]})
            return dict(made["records"][0])
        given = _records(body)
        read = [self._read(table, one, body) for one in given]
        fresh = [Record({}) for _ in read]
        for record, cells in zip(fresh, read, strict=True):
            self._write(table, record, cells)
        return {"records": [_shape(table, one, one.cells, by_id=_is_on(body)) for one in fresh]}

    def _update(self, table: Table, body: Mapping[str, Any], *, clears: bool) -> dict[str, Any]:
        """Change records by id or by what they merge on: all of them, or none."""
        given = _records(body)
        merged_on = _merged_on(table, body)
        read = [self._read(table, one, body) for one in given]
        found = [
            self._match(table, one, cells, merged_on)
            for one, cells in zip(given, read, strict=True)
        ]
        created = [record.id for record in found if record.id not in table.records]
        for record, cells in zip(found, read, strict=True):
            self._write(table, record, cells, clears=clears)
        said: dict[str, Any] = {
            "records": [_shape(table, one, one.cells, by_id=_is_on(body)) for one in found]
        }
        if merged_on:
            said["createdRecords"] = created
            said["updatedRecords"] = [one.id for one in found if one.id not in created]
        return said

    def _read(self, table: Table, given: Mapping[str, Any], body: Mapping[str, Any]) -> Cells:
        return self.tables.read(table, given["fields"], typecast=bool(body.get("typecast")))

    def _match(
        self, table: Table, given: Mapping[str, Any], cells: Cells, merged_on: list[Field]
    ) -> Record:
        if "id" in given:
            return _existing(table, given["id"])
        if not merged_on:
            raise Wrong("INVALID_RECORDS", _ten('each with an "id" ID field and '))
        if any(cells.get(one.id) is None for one in merged_on):
            raise Wrong("INVALID_REQUEST_UNKNOWN", INVALID)
        found = table.matching({one.id: cells[one.id] for one in merged_on})
        if len(found) > 1:
            raise Wrong("INVALID_REQUEST_UNKNOWN", "More than one record matches fieldsToMergeOn")
        return found[0] if found else Record({})

    def _write(self, table: Table, record: Record, cells: Cells, *, clears: bool = False) -> None:
        kept = dict.fromkeys(record.cells) if clears else {}
        if not self.lag:
            record.shown_from = 0
        else:
            if record.id in table.records:
                self._shown(record)  # what listings showed so far stays for a while
            record.shown_from = self._listings + self.lag + 1
        self.tables.put(table, record, kept | cells)

    def _delete(self, table: Table, record: str) -> dict[str, Any]:
        _existing(table, record)
        self.tables.drop(table, record)
        return {"id": record, "deleted": True}


def agreements_base(**how: Any) -> AirtableSimulator:
    """Return a base with the tables that the how-to page asks for."""
    simulator = AirtableSimulator(**how)
    key, page = "Throughline key", "Throughline page"
    engagements = simulator.tables.add("Engagements", [
        Field("Name"), Field(key), number_field("Number"), Field("Community"), Field("Tier"),
        date_field("Start"), date_field("End"),
        choice_field("Status", "On track", "At risk", "Off track"), Field(page, "url"),
        Field("Notes", "multilineText"),
    ])  # fmt: skip
    projects = simulator.tables.add(
        "Projects", [Field("Name"), Field(key), Field("Kind"), Field(page, "url")]
    )
    simulator.tables.link(projects, "Engagement", engagements)
    deliverables = simulator.tables.add("Deliverables", [
        Field("Name"), Field(key), date_field("Due"), Field("Definition of done", "multilineText"),
        number_field("Low hours", 2), number_field("High hours", 2),
        choice_field(
            "State", "Planned", "Done, to be verified", "Not yet, returned by BD", "Verified"
        ),
        Field(page, "url"),
    ])  # fmt: skip
    simulator.tables.link(deliverables, "Project", projects)
    return simulator


def _refusal(kind: str, message: str, status: int) -> Reply:
    if status == 404 and not message:  # noqa: PLR2004 -- the one that Airtable says in a bare word
        return Reply(status, {"error": kind})
    return Reply(status, {"error": {"type": kind} | ({"message": message} if message else {})})


def _body(call: Call) -> dict[str, Any]:
    try:
        body = call.json() if call.body else {}
    except json.JSONDecodeError as error:
        raise Wrong("INVALID_REQUEST_BODY", "Could not parse request body") from error
    if not isinstance(body, dict):
        raise Wrong("INVALID_REQUEST_UNKNOWN", INVALID)
    return body


def _query(call: Call) -> dict[str, Any]:
    """Return a listing's query as the body of the same listing by POST."""
    pairs = parse_qsl(call.raw_query, keep_blank_values=True)
    asked: dict[str, Any] = {name: value for name, value in pairs if "[" not in name}
    if fields := [value for name, value in pairs if name == "fields[]"]:
        asked["fields"] = fields
    if any(name == "returnFieldsByFieldId" and value not in {"1", "true"} for name, value in pairs):
        del asked["returnFieldsByFieldId"]
    return asked


def _is_on(body: Mapping[str, Any]) -> bool:
    return bool(body.get("returnFieldsByFieldId"))


def _ten(each: str) -> str:
    return (
        f"You must provide an array of up to {BATCH} record objects, {each}each with a"
        ' "fields" object for cell values.'
    )


def _records(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    if set(body) - BODY_KEYS:
        raise Wrong("INVALID_REQUEST_UNKNOWN", INVALID)
    given = body.get("records")
    if not isinstance(given, list) or not all(
        isinstance(one, dict) and isinstance(one.get("fields"), dict) for one in given
    ):
        raise Wrong("INVALID_RECORDS", _ten(""))
    _check_count(given)
    return given


def _check_count(given: list[Any]) -> None:
    if not 1 <= len(given) <= BATCH:
        raise Wrong("INVALID_RECORDS", _ten(""))


def _merged_on(table: Table, body: Mapping[str, Any]) -> list[Field]:
    if "performUpsert" not in body:
        return []
    names = body["performUpsert"].get("fieldsToMergeOn", [])
    if not 1 <= len(names) <= MERGED_ON:
        raise Wrong("INVALID_REQUEST_UNKNOWN", INVALID)
    fields = [table.field(name) for name in names]
    if any(one.type not in MERGEABLE for one in fields):
        raise Wrong("INVALID_REQUEST_UNKNOWN", INVALID)
    return fields


def _existing(table: Table, record: str) -> Record:
    found = table.records.get(record)
    if found is None:
        raise Wrong("MODEL_ID_NOT_FOUND", "Record not found", 404)
    return found


def _shape(table: Table, record: Record, cells: Cells, *, by_id: bool) -> dict[str, Any]:
    fields = cells if by_id else table.by_name(cells)
    return {"id": record.id, "createdTime": MADE_AT, "fields": fields}
