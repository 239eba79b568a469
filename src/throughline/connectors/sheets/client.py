"""Google Sheets, as far as we need it: columns by their metadata, never by their letters."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from throughline.connectors.http import Answer, Declined, open_client, read, send
from throughline.connectors.sheets.shapes import (
    Changed,
    Metadata,
    Read,
    Search,
    Spreadsheet,
    Values,
    Written,
)
from throughline.connectors.sheets.tokens import Tokens, tokens_for

QUOTA_S = 60  # how long a quota of calls a minute needs at most to be free again
TABS = "spreadsheetId,sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))"
COLUMNS = "COLUMNS"


class Sheets:
    """One spreadsheet. Knows nothing of our models; holds no state but the session and a counter."""

    def __init__(self, http: httpx.Client, spreadsheet: str, tokens: Tokens) -> None:
        """Use an open session; `spreadsheet` is the long id in the address of its page."""
        self._http, self._tokens = http, tokens
        self._path = f"/v4/spreadsheets/{spreadsheet}"
        self._http.event_hooks = {"response": [_name_the_quota]}
        self.account = tokens.account
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

    def tabs(self) -> Spreadsheet:
        """Return the tabs of the spreadsheet and how large they are.

        Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/get

        Raises:
            Declined: the token is not accepted (401), the spreadsheet not shared (403), or not
                there (404).
            Transient: Google was slow, down, or asked us to wait.
            UnknownShape: the answer no longer has the shape we rely on.
        """
        return self._ask("GET", "", Spreadsheet, params={"fields": TABS})

    def find(self, ids: Sequence[int] = (), *, keys: Sequence[str] = ()) -> list[Metadata]:
        """Return the metadata that has one of these ids or keys, with the place it is at now.

        Raises: as `tabs`.
        """
        filters = [*({"metadataId": one} for one in ids), *({"metadataKey": one} for one in keys)]
        asked = {"dataFilters": [{"developerMetadataLookup": one} for one in filters]}
        found = self._ask("POST", "/developerMetadata:search", Search, asked)
        return [one.metadata for one in found.matched]

    def columns(self, ids: Sequence[int]) -> dict[int, Values]:
        """Return the cells of columns, from row 1 on, by the id of their metadata.

        Formulas come as their text, days as numbers. A column that is gone is left out.

        Raises: as `tabs`.
        """
        found = self._read([{"developerMetadataLookup": {"metadataId": one}} for one in ids])
        return {
            one.lookup.id: each.values
            for each in found.found
            for one in each.filters
            if one.lookup.id is not None
        }

    def whole(self, tab: int) -> Values:
        """Return all cells of a tab, column by column.

        Raises: as `tabs`.
        """
        found = self._read([{"gridRange": {"sheetId": tab}}])
        return found.found[0].values if found.found else Values()

    def _read(self, filters: Sequence[Mapping[str, Any]]) -> Read:
        asked = {
            "dataFilters": list(filters), "majorDimension": COLUMNS,
            "valueRenderOption": "FORMULA", "dateTimeRenderOption": "SERIAL_NUMBER",
        }  # fmt: skip
        return self._ask("POST", "/values:batchGetByDataFilter", Read, asked)

    def write(self, columns: Mapping[int, Sequence[Any]]) -> dict[int, Values]:
        """Write cells of columns, from row 1 on, by the id of their metadata, in one send.

        None leaves a cell as it is, "" empties it. Texts are taken as they are: nothing becomes a
        formula. All is written, or nothing. Returns the columns as they are afterwards.

        Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/batchUpdateByDataFilter

        Raises: as `tabs`, and
            AnswerLost: it was sent, and no answer came; it may have been written.
        """
        data = [
            {
                "dataFilter": {"developerMetadataLookup": {"metadataId": one}},
                "majorDimension": COLUMNS,
                "values": [list(cells)],
            }
            for one, cells in columns.items()
        ]
        asked = {
            "valueInputOption": "RAW", "data": data, "includeValuesInResponse": True,
            "responseValueRenderOption": "FORMULA",
            "responseDateTimeRenderOption": "SERIAL_NUMBER",
        }  # fmt: skip
        answer = self._ask("POST", "/values:batchUpdateByDataFilter", Written, asked)
        return {
            one.filter.lookup.id: one.values
            for one in answer.columns
            if one.filter.lookup.id is not None
        }

    def change(self, requests: Sequence[Mapping[str, Any]]) -> Changed:
        """Perform changes in one send, in order: all of them, or none.

        A metadata id that is taken already makes Google refuse them all (400).

        Source: https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate

        Raises: as `write`.
        """
        return self._ask("POST", ":batchUpdate", Changed, {"requests": list(requests)})

    def _ask(
        self,
        method: str,
        path: str,
        shape: type[Answer],
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._tokens.get()}"}
        self.calls += 1
        try:
            answer = send(
                self._http, method, f"{self._path}{path}", params=params, json=body,
                headers=headers,
            )  # fmt: skip
        except Declined as error:
            if error.status == httpx.codes.UNAUTHORIZED:
                self._tokens.forget()
            raise
        return read(answer, shape)


def connect(url: str, *, key: Mapping[str, str], spreadsheet: str) -> Sheets:
    """Return a spreadsheet at an address, with the key of a service account.

    Raises:
        KeyRefused: it is no such key.
        NotSendable: the address is none.
    """
    tokens = tokens_for(tuple(sorted((name, str(value)) for name, value in key.items())))
    return Sheets(open_client(url), spreadsheet, tokens)


def _name_the_quota(response: httpx.Response) -> None:
    """Say in a header what Google says in its manual: quotas are of calls a minute.

    Source: https://developers.google.com/workspace/sheets/api/limits
    """
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        response.headers.setdefault("Retry-After", str(QUOTA_S))
