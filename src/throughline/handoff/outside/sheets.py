"""The billing columns in a Google spreadsheet that people may rearrange.

A column is found by its developer metadata, which moves with it; its id is computed from the group,
so that a repeat of the same batch fails as a whole, and what the first one made is found. Cells are
written by that metadata, never by a letter, and only those that are ours.
"""

import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.conf import settings

from throughline.billing.columns import (
    CODES,
    HEAD_ROWS,
    ColumnGroup,
    Shown,
    column_name,
    read_cell,
    to_write,
)
from throughline.connectors.http import AnswerLost, Declined, UnknownShape
from throughline.connectors.sheets.client import Sheets, connect
from throughline.connectors.sheets.tokens import KeyRefused
from throughline.handoff.outcomes.billing import seen_cells, taken_by_others
from throughline.handoff.outside.sheets_requests import (
    headings_of,
    new_columns,
    new_rows,
    prepared,
)
from throughline.handoff.outside.sheets_standing import Standing, column_id, look_at
from throughline.handoff.outside.sheets_wanted import NAME, SheetColumns, SheetMonth
from throughline.handoff.systems import Done, Failure
from throughline.handoff.wanted import Change, Doing, NotYet, Seen, WaitsForPerson, Wanted
from throughline.kernel.errors import Permanent, Transient

SETTLING = timedelta(seconds=10)
BATCH = 100
Became = dict[str, Done | Failure]


class SheetsSystem:
    """Our columns of one spreadsheet during one pass."""

    name = NAME
    settling = SETTLING
    batch = BATCH
    look = 2  # our metadata, and the columns that have it

    def __init__(self, opened: Callable[[], Sheets], *, spreadsheet: str, tab: str) -> None:
        """Use a spreadsheet, which is opened with the first look."""
        self._opened, self._spreadsheet, self._tab = opened, spreadsheet, tab
        self._client: Sheets | None = None
        self._standing = Standing()
        self._wanted: dict[str, SheetColumns | SheetMonth] = {}

    @property
    def _sheets(self) -> Sheets:
        if self._client is None:
            self._client = self._opened()
            weakref.finalize(self, self._client.close)  # a pass ends without saying so
        return self._client

    def calls(self) -> int:
        """Return how many requests were sent."""
        return 0 if self._client is None else self._client.calls

    def group(self, outcome: str) -> str:
        """Return what goes out together: new columns in one batch, headings, cells of months."""
        wanted = self._wanted.get(outcome)
        if isinstance(wanted, SheetMonth):
            return "months"
        return "columns" if wanted and self._standing.lacking(wanted.group) else "headings"

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen | Failure]:
        """Return what stands in our columns, by key; two reads, however many there are.

        Raises:
            Transient: Google is down or asks to wait; nothing is known.
        """
        ours = [one for one in wanted if isinstance(one, SheetColumns | SheetMonth)]
        self._wanted = {one.key: one for one in ours}
        try:
            self._standing = look_at(self._sheets, _groups(ours))
        except (Declined, UnknownShape, KeyRefused) as error:
            return {one.key: self._told(error) for one in ours}
        found = {one.key: self._seen(one) for one in ours}
        return {key: seen for key, seen in found.items() if seen is not None}

    def _seen(self, one: SheetColumns | SheetMonth) -> Seen | None:
        if isinstance(one, SheetMonth):
            return seen_cells(one.month, self._cells(one))
        group = self._standing.group(one.group)
        if group is None:
            return None
        return {"engagement": group.engagement, "columns": list(group.columns)}

    def _cells(self, one: SheetMonth) -> dict[str, Shown] | None:
        row = self._standing.rows.get(one.month.month)
        if row is None:
            return None
        return {
            code: read_cell(code, self._standing.cell(column_name(one.group.name, code), row))
            for code in CODES
        }

    def reach(self) -> None:
        """Pass if the spreadsheet can be read.

        Raises:
            WaitsForPerson: it cannot; the message says what to mend.
            Transient: Google does not answer for now.
        """
        try:
            self._sheets.tabs()
        except (Declined, UnknownShape, KeyRefused) as error:
            raise self._told(error) from error

    def standing_group(self, group: ColumnGroup) -> ColumnGroup | None:
        """Return a group as the last look showed it; None where it is not there."""
        return self._standing.group(group)

    def receipt(self, outcome: str) -> Seen | None:
        """Return where an outcome was found; None: nowhere."""
        one = self._wanted.get(outcome)
        if one is None or len(self._standing.lacking(one.group)) == len(CODES):
            return None
        return self._receipt(one)

    def _receipt(self, one: SheetColumns | SheetMonth) -> Seen:
        spans = (self._standing.columns.get(column_name(one.group.name, code)) for code in CODES)
        sheet = next((span.sheet for span in spans if span is not None), None)
        tab = "" if sheet is None else f"#gid={sheet}"
        address = f"https://docs.google.com/spreadsheets/d/{self._spreadsheet}/edit{tab}"
        return {"id": one.group.name, "address": address}

    def act(self, changes: Sequence[Change], doing: Doing) -> Mapping[str, Done | Failure]:
        """Make columns, headings or cells what they should be, in one send of their kind.

        Rows of months that are missing are a batch of their own before it.

        Raises:
            AnswerLost: sent, and no answer came, or one that cannot be read.
            Transient: nothing was written; later it may be.
        """
        del doing  # the spreadsheet's own history says who wrote: our service account
        keys = [change.outcome for change in changes]
        kind = self.group(keys[0])
        try:
            if kind == "columns":
                return self._make_columns([self._wanted[key] for key in keys])
            if kind == "headings":
                return self._write_headings([self._wanted[key] for key in keys])
            months = [one for key in keys if isinstance(one := self._wanted[key], SheetMonth)]
            return self._write_months(months)
        except (Declined, KeyRefused, WaitsForPerson) as error:
            failed = error if isinstance(error, WaitsForPerson) else self._told(error)
            return dict.fromkeys(keys, failed)
        except UnknownShape as error:
            raise AnswerLost(f"{error} It may have been written: it will be looked at.") from error

    def _make_columns(self, wanted: Sequence[SheetColumns | SheetMonth]) -> Became:
        if self._standing.months is None:  # nobody had begun; by now somebody may have
            self._standing = look_at(self._sheets, _groups(self._wanted.values()))
            if made := self._as_wanted(wanted):
                rest = [one for one in wanted if one.key not in made]
                return made | (self._make_columns(rest) if rest else {})
        requests, layout = prepared(self._sheets, self._standing, tab=self._tab)
        requests += new_columns((one.group for one in wanted), self._standing, layout)
        try:
            self._sheets.change(requests)
        except Declined as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            return self._made_by_another(wanted, error)
        self._standing = look_at(self._sheets, _groups(self._wanted.values()))
        return {one.key: Done(self._receipt(one), self._seen(one) or {}) for one in wanted}

    def _made_by_another(
        self, wanted: Sequence[SheetColumns | SheetMonth], error: Declined
    ) -> Became:
        """Return what became of columns that Google refused: their ids may be taken already."""
        had_months = self._standing.months is not None
        self._standing = look_at(self._sheets, _groups(self._wanted.values()))
        became = self._as_wanted(wanted)
        if not became and had_months == (self._standing.months is not None):
            return dict.fromkeys((one.key for one in wanted), self._told(error))
        later = Transient("Somebody else made columns at the same time: looked at again later.")
        return {one.key: became.get(one.key, later) for one in wanted}

    def _as_wanted(self, wanted: Sequence[SheetColumns | SheetMonth]) -> Became:
        """Return those that stand as they should: another worker has made them."""
        return {
            one.key: Done(self._receipt(one), one.wanted)
            for one in wanted
            if self._seen(one) == one.wanted
        }

    def _write_headings(self, wanted: Sequence[SheetColumns | SheetMonth]) -> Became:
        if len(self._standing.headings) != HEAD_ROWS:
            requests, layout = prepared(self._sheets, self._standing, tab=self._tab)
            self._sheets.change(requests)
            self._standing.headings = layout.headings
        columns = {
            column_id(column_name(one.group.name, code)): _sparse({
                self._standing.headings[row]: text
                for row, text in headings_of(one.group, code).items()
            })
            for one in wanted
            for code in CODES
        }  # fmt: skip
        self._sheets.write(columns)
        return {one.key: Done(self._receipt(one), one.wanted) for one in wanted}

    def _write_months(self, months: Sequence[SheetMonth]) -> Became:
        failed: Became = {one.key: why for one in months if (why := self._why_not(one)) is not None}
        ready = [one for one in months if one.key not in failed]
        if not ready:
            return failed
        if requests := new_rows((one.month.month for one in ready), self._standing):
            self._add_rows(requests)
        written = self._sheets.write(self._columns(ready))
        for name in self._standing.columns:
            values = written.get(column_id(name))
            if values is not None:
                self._standing.cells[name] = values.columns[0] if values.columns else ()
        return failed | {one.key: Done(self._receipt(one), self._seen(one) or {}) for one in ready}

    def _why_not(self, one: SheetMonth) -> Failure | None:
        """Return why a month cannot be written."""
        if lacking := self._standing.lacking(one.group):
            return NotYet(f"Its column “{lacking[0]}” is not there yet.")
        if self._standing.months is None:
            return WaitsForPerson(
                "The column of months was deleted: put it back with Google's version history, or"
                " remove our columns; they are then made anew."
            )
        strange = taken_by_others(one.month, self._cells(one))
        return WaitsForPerson(strange) if strange else None

    def _add_rows(self, requests: Sequence[Mapping[str, Any]]) -> None:
        try:
            self._sheets.change(requests)
        except Declined as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            said = f"Somebody else added months at the same time: looked at again later. ({error})"
            raise Transient(said) from error

    def _columns(self, months: Sequence[SheetMonth]) -> dict[int, list[Any]]:
        cells: dict[int, dict[int, Any]] = {}
        for one in months:
            row = self._standing.rows[one.month.month]
            there = self._cells(one) or {}
            for code, value in one.month.cells.items():
                if there.get(code) != value:
                    number = column_id(column_name(one.group.name, code))
                    cells.setdefault(number, {})[row] = _plain(to_write(code, value))
        return {number: _sparse(rows) for number, rows in cells.items()}

    def _told(self, error: Permanent) -> WaitsForPerson:
        """Return what a person has to mend, in words; the vendor's own come last."""
        status = error.status if isinstance(error, Declined) else None
        if isinstance(error, UnknownShape):
            todo = "Google answers in a shape we do not know: check THROUGHLINE_SHEETS_URL."
        elif isinstance(error, KeyRefused) or status == HTTPStatus.UNAUTHORIZED:
            todo = (
                "Google does not accept the service account: make a new key for it and set"
                " THROUGHLINE_SHEETS_KEY."
            )
        elif status == HTTPStatus.FORBIDDEN:
            todo = f"Share the spreadsheet with {self._sheets.account} as an editor."
        elif status == HTTPStatus.NOT_FOUND:
            todo = "The spreadsheet is not there: correct THROUGHLINE_SHEETS_SPREADSHEET."
        else:
            todo = "Google refuses the change: mend what it names, then apply again."
        return WaitsForPerson(f"{todo} ({error})")


def _groups(wanted: Iterable[SheetColumns | SheetMonth]) -> list[ColumnGroup]:
    return list({one.group.name: one.group for one in wanted}.values())


def _sparse(rows: Mapping[int, Any]) -> list[Any]:
    """Return a column that leaves every cell as it is but these."""
    return [rows.get(row) for row in range(max(rows, default=-1) + 1)]


def _plain(value: Decimal | int | str | None) -> Any:
    if value is None:
        return ""  # empties the cell
    return float(value) if isinstance(value, Decimal) else value


def connect_sheets() -> SheetsSystem | None:
    """Return the spreadsheet that the settings name; None where Google Sheets is not connected."""
    if not settings.SHEETS_SPREADSHEET:
        return None
    return SheetsSystem(
        client_from_settings, spreadsheet=settings.SHEETS_SPREADSHEET, tab=settings.SHEETS_TAB
    )


def client_from_settings() -> Sheets:
    """Return the client of the spreadsheet that the settings name.

    Raises:
        KeyRefused: the key is none.
    """
    return connect(
        settings.SHEETS_URL, key=settings.SHEETS_KEY, spreadsheet=settings.SHEETS_SPREADSHEET
    )


def groups_in_sheets(groups: Sequence[ColumnGroup]) -> dict[str, ColumnGroup]:
    """Return which of these groups the spreadsheet has, by name, with the headings they have.

    Raises:
        WaitsForPerson: it cannot be read; a person has to mend what the message says.
        Transient: Google does not answer for now.
    """
    system = connect_sheets()
    if system is None:
        return {}
    wanted = [SheetColumns(0, one) for one in groups]
    looks = system.observe(wanted)
    for look in looks.values():
        if isinstance(look, Exception):
            raise look
    found = {one.name: system.standing_group(one) for one in groups}
    return {name: one for name, one in found.items() if one is not None}
