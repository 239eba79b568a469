"""Airtable, as far as we need it: the schema of a base, its records, and writing by a key."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from throughline.connectors.airtable.shapes import Page, Record, Schema, Upserted
from throughline.connectors.http import Answer, Declined, UnknownShape, open_client, read, send
from throughline.kernel.errors import Transient

BATCH = 10  # records in one write
PAGE = 100  # records in one page of a listing
MOST_PAGES = 1_000  # a base holds no more than this many pages
PENALTY_S = 30  # how long a base refuses everything once it was asked too often
ITERATOR_GONE = "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"


class Airtable:
    """One base. Knows nothing of our models; holds no state but the session and a counter."""

    def __init__(self, http: httpx.Client, base: str) -> None:
        """Use an open session; `base` is the id that begins with "app"."""
        self._http, self._base = http, base
        self._http.event_hooks = {"response": [_name_the_penalty]}
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

    def schema(self) -> Schema:
        """Return all tables of the base with their fields. Needs the scope schema.bases:read.

        Source: https://airtable.com/developers/web/api/get-base-schema

        Raises:
            Declined: the token is not accepted (401), or does not see the base (403, 404).
            Transient: Airtable was slow, down, or asked us to wait.
            UnknownShape: the answer no longer has the shape we rely on.
        """
        return self._ask("GET", f"/v0/meta/bases/{self._base}/tables", Schema)

    def records(self, table: str, *, fields: Sequence[str], formula: str) -> list[Record]:
        """Return the records that a formula lets through, with the cells of these fields.

        All pages are read. Table and fields are named by id, in the formula by name: Airtable
        wants it so. It is a listing by POST, because a formula may be longer than an address.

        Source: https://airtable.com/developers/web/api/list-records

        Raises:
            Declined: the table or a field is not there (403, 422), or the token is not accepted.
            Transient: Airtable was slow, down, asked us to wait, or forgot the listing half way.
            UnknownShape: the answer no longer has the shape we rely on.
        """
        asked: dict[str, Any] = {
            "fields": list(fields), "filterByFormula": formula, "pageSize": PAGE,
            "returnFieldsByFieldId": True,
        }  # fmt: skip
        found: list[Record] = []
        offset = ""
        for _ in range(MOST_PAGES):
            page = self._page(table, asked | ({"offset": offset} if offset else {}))
            found += page.records
            if page.offset is None:
                return found
            if page.offset == offset:
                break
            offset = page.offset
        raise UnknownShape(f"The listing of {table} does not come to an end.")

    def _page(self, table: str, asked: Mapping[str, Any]) -> Page:
        try:
            return self._ask("POST", f"/v0/{self._base}/{table}/listRecords", Page, asked)
        except Declined as error:
            if ITERATOR_GONE in str(error):
                raise Transient(f"{error}. The listing has to begin anew.") from error
            raise

    def upsert(self, table: str, cells: Sequence[Mapping[str, Any]], *, key: str) -> Upserted:
        """Write records in one send: where one has this key its cells are set, else it is made.

        At most ten. Cells are named by the id of their field, and those not named stay as they
        are. Airtable writes all of them or none; several records of one key make it refuse.
        Serial repeats are safe; nobody promises that of two at the same time for one key.

        Source: https://airtable.com/developers/web/api/update-multiple-records

        Raises:
            Declined: the token, the table, a field, a value or a doubled key; nothing was written.
            AnswerLost: it was sent, and no answer came; it may have been written.
            Transient: nothing was written.
            UnknownShape: it was written, and the answer no longer has the shape we rely on.
            ValueError: there are none, or more than ten.
        """
        if not 1 <= len(cells) <= BATCH:
            raise ValueError(f"Airtable writes 1 to {BATCH} records at once, not {len(cells)}.")
        body = {
            "performUpsert": {"fieldsToMergeOn": [key]},
            "records": [{"fields": dict(one)} for one in cells],
            "returnFieldsByFieldId": True,
        }
        return self._ask("PATCH", f"/v0/{self._base}/{table}", Upserted, body)

    def _ask(
        self, method: str, path: str, shape: type[Answer], body: Mapping[str, Any] | None = None
    ) -> Answer:
        self.calls += 1
        return read(send(self._http, method, path, json=body), shape)


def connect(url: str, *, token: str, base: str) -> Airtable:
    """Return a base at an address, with a personal access token.

    Raises:
        NotSendable: the address is none.
    """
    return Airtable(open_client(url, headers={"Authorization": f"Bearer {token}"}), base)


def _name_the_penalty(response: httpx.Response) -> None:
    """Say in a header what Airtable says in its manual: after a 429, wait thirty seconds.

    Source: https://support.airtable.com/docs/managing-api-call-limits-in-airtable
    """
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        response.headers.setdefault("Retry-After", str(PENALTY_S))
