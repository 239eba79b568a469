"""Google Sheets in small: spreadsheets, developer metadata, values, quotas, and service accounts.

Formulas are kept and never calculated, and do not follow what is moved. Where no source says what
Google answers (the text for a metadata id that is taken), the status is 400 and the words are ours.

Source: https://developers.google.com/workspace/sheets/api/reference/rest
"""

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from throughline.simulators.server import Call, Fault, Reply, Simulator
from throughline.simulators.sheets_book import Book, Sheet, Wrong
from throughline.simulators.sheets_requests import perform
from throughline.simulators.sheets_values import append, by_a1, by_filter, read, write

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
ACCOUNT = "throughline@simulated.iam.gserviceaccount.com"
AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever address the key file names
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_S = 3599
MINUTE_S = 60.0
PATH = re.compile(r"/v4/spreadsheets(?:/([^/:]+))?(.*)")
Body = dict[str, Any]


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class SheetsSimulator(Simulator):
    """One spreadsheet, shared with one service account.

    `limit` is how many calls a minute it takes; more are refused with 429.
    """

    def __init__(
        self, *, limit: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.book = Book()
        self.is_shared = True
        self.limit, self.clock = limit, clock
        self.tokens: set[str] = set()
        self._asked: list[float] = []
        self._write_faults: list[Fault] = []

    @property
    def credentials(self) -> dict[str, str]:
        """The key file of the service account, as Google's console gives it out."""
        pem = _key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account", "project_id": "simulated", "private_key_id": "k1",
            "private_key": pem.decode(), "client_email": ACCOUNT, "client_id": "1",
            "token_uri": f"{self.url}/token",
        }  # fmt: skip

    def sheet(self, title: str) -> Sheet:
        """Return a tab by its title."""
        return self.book.titled(title)

    def fail_next_write(self, *faults: Fault) -> None:
        """Have the next writes fail, one fault each; what reads is left alone."""
        self._write_faults.extend(faults)

    def take(self, call: Call) -> Reply | None:
        if self._write_faults and re.search(r":batchUpdate(ByDataFilter)?$|:append$", call.path):
            self.fail_next(self._write_faults.pop(0))
        return super().take(call)

    def answer(self, call: Call) -> Reply:
        """Return what Google would answer."""
        if call.path == "/token" and call.method == "POST":
            return self._token(call)
        try:
            self._check(call)
            return Reply(200, self._routed(call))
        except Wrong as wrong:
            error = {"code": wrong.code, "message": wrong.message, "status": wrong.status}
            return Reply(wrong.code, {"error": error})

    def _token(self, call: Call) -> Reply:
        asked = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        try:
            claims = jwt.decode(
                asked.get("assertion", ""), _key().public_key(), algorithms=["RS256"],
                audience=AUDIENCE, issuer=ACCOUNT,
            )  # fmt: skip
        except jwt.PyJWTError as error:
            return Reply(400, {"error": "invalid_grant", "error_description": str(error)})
        if asked.get("grant_type") != GRANT or SCOPE not in claims.get("scope", ""):
            return Reply(400, {"error": "invalid_scope", "error_description": "Empty or missing scope."})  # fmt: skip
        token = f"ya29.{secrets.token_urlsafe(24)}"
        self.tokens.add(token)
        return Reply(200, {"access_token": token, "expires_in": LIFETIME_S, "token_type": "Bearer"})

    def _check(self, call: Call) -> None:
        if call.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            said = "Request had invalid authentication credentials."
            raise Wrong(said, 401, "UNAUTHENTICATED")
        if self.limit is not None:
            now = self.clock()
            self._asked = [at for at in self._asked if now - at < MINUTE_S] + [now]
            if len(self._asked) > self.limit:
                said = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service 'sheets.googleapis.com'."
                raise Wrong(said, 429, "RESOURCE_EXHAUSTED")

    def _routed(self, call: Call) -> Body:
        match = PATH.fullmatch(call.path)
        if match is None or match[1] != self.book.id:
            raise Wrong("Requested entity was not found.", 404, "NOT_FOUND")
        if not self.is_shared:
            raise Wrong("The caller does not have permission", 403, "PERMISSION_DENIED")
        body, path = _body(call), unquote(match[2])
        if (call.method, path) == ("GET", ""):
            return self.book.shape()
        if call.method == "POST" and path in BY_POST:
            return BY_POST[path](self.book, body)
        return _values(self.book, call, path.removeprefix("/values"), body)


def _body(call: Call) -> Body:
    try:
        found = call.json() if call.body else {}
    except json.JSONDecodeError as error:
        raise Wrong("Invalid JSON payload received.") from error
    if not isinstance(found, dict):
        raise Wrong("Invalid JSON payload received.")
    return found


def _search(book: Book, body: Body) -> Body:
    found: dict[int, Body] = {}
    for wanted in body.get("dataFilters", []):
        for one in book.matching(wanted.get("developerMetadataLookup", {})):
            known = found.setdefault(one.id, {"developerMetadata": one.shape(), "dataFilters": []})
            known["dataFilters"].append(wanted)
    return {"matchedDeveloperMetadata": list(found.values())} if found else {}


def _get_by_filter(book: Book, body: Body) -> Body:
    major, render = body.get("majorDimension", ""), body.get("valueRenderOption", "")
    found = [
        {"valueRange": read(area, major, render), "dataFilters": [wanted]}
        for wanted in body.get("dataFilters", [])
        for area in by_filter(book, wanted)
    ]
    said: Body = {"spreadsheetId": book.id}
    return said | ({"valueRanges": found} if found else {})


def _update_by_filter(book: Book, body: Body) -> Body:
    responses = []
    for one in body.get("data", []):
        areas = list(by_filter(book, one.get("dataFilter", {})))
        if not areas:
            raise Wrong("No data was matched by the specified filter.")
        major = one.get("majorDimension", "")
        for area in areas:
            counts = write(area, one.get("values", []), major, body.get("valueInputOption", ""))
            said: Body = {"updatedRange": area.a1, **counts, "dataFilter": one["dataFilter"]}
            if body.get("includeValuesInResponse"):
                render = body.get("responseValueRenderOption", "")
                said["updatedData"] = read(area, major, render)
            responses.append(said)
    total = sum(one["updatedCells"] for one in responses)
    return {"spreadsheetId": book.id, "totalUpdatedCells": total, "responses": responses}


def _change(book: Book, body: Body) -> Body:
    return {"spreadsheetId": book.id, "replies": perform(book, body.get("requests", []))}


def _update_many(book: Book, body: Body) -> Body:
    option = body.get("valueInputOption", "")
    done = [_put(book, one["range"], one, option) for one in body.get("data", [])]
    total = sum(one["updatedCells"] for one in done)
    return {"spreadsheetId": book.id, "totalUpdatedCells": total, "responses": done}


def _clear(book: Book, body: Body) -> Body:
    areas = [by_a1(book, name) for name in body.get("ranges", [])]
    for area in areas:
        blank = [[""] * (area.right - area.left)] * (area.bottom - area.top)
        write(area, blank, "", "RAW")
    return {"spreadsheetId": book.id, "clearedRanges": [area.a1 for area in areas]}


BY_POST: dict[str, Callable[[Book, Body], Body]] = {
    ":batchUpdate": _change,
    "/developerMetadata:search": _search,
    "/values:batchGetByDataFilter": _get_by_filter,
    "/values:batchUpdateByDataFilter": _update_by_filter,
    "/values:batchUpdate": _update_many,
    "/values:batchClear": _clear,
}


def _values(book: Book, call: Call, path: str, body: Body) -> Body:
    """Perform what names its place in A1 notation, in the address.

    Raises:
        Wrong: there is no such address.
    """
    name, _colon, verb = path.removeprefix("/").rpartition(":")
    if (call.method, verb) not in {("POST", "append"), ("POST", "clear"), ("GET", "batchGet")}:
        name, verb = path.removeprefix("/"), ""
    option = call.query.get("valueInputOption", "")
    render, major = call.query.get("valueRenderOption", ""), call.query.get("majorDimension", "")
    match call.method, verb:
        case "GET", "batchGet":
            names = [it for key, it in parse_qsl(call.raw_query) if key == "ranges"]
            found = [read(by_a1(book, one), major, render) for one in names]
            return {"spreadsheetId": book.id, "valueRanges": found}
        case "GET", _:
            return read(by_a1(book, name), major, render)
        case "PUT", _:
            return _put(book, name, body, option)
        case "POST", "append":
            area, counts = append(by_a1(book, name), body.get("values", []), option)
            updates = {"spreadsheetId": book.id, "updatedRange": area.a1, **counts}
            return {"spreadsheetId": book.id, "updates": updates}
        case "POST", "clear":
            cleared = _clear(book, {"ranges": [name]})["clearedRanges"]
            return {"spreadsheetId": book.id, "clearedRange": cleared[0]}
        case _:
            raise Wrong("Requested entity was not found.", 404, "NOT_FOUND")


def _put(book: Book, name: str, body: Body, option: str) -> Body:
    area = by_a1(book, name)
    if (area.bottom - area.top, area.right - area.left) == (1, 1):  # only where it begins
        area = replace(area, bottom=area.sheet.rows, right=area.sheet.columns)
    counts = write(area, body.get("values", []), body.get("majorDimension", ""), option)
    return {"spreadsheetId": book.id, "updatedRange": area.a1, **counts}
