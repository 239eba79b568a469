"""Engagements, projects and deliverables as records of an Airtable base.

A record is ours by its key field, and is written by upsert on it: a repeat finds what the first
one made. We write our own fields only; everything else in the base is people's. Two upserts of one
key at the same time are not promised to be safe, so a lost answer settles first.
"""

import weakref
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings

from throughline.connectors.airtable.client import BATCH, Airtable, connect
from throughline.connectors.airtable.shapes import Record
from throughline.connectors.http import AnswerLost, Declined, UnknownShape
from throughline.handoff.outside.airtable_columns import (
    COLUMNS,
    KEY,
    Place,
    links_of,
    place_of,
    sort_of,
)
from throughline.handoff.outside.airtable_wanted import NAME, RecordStands
from throughline.handoff.systems import Done, Failure
from throughline.handoff.wanted import Change, Doing, NotYet, Seen, WaitsForPerson, Wanted

SETTLING = timedelta(seconds=30)
NOT_SHOWN = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class AirtableRecords:
    """Our records of one base during one pass.

    Links are written by record id. The ids of the records they lead to come from the look, or
    from the send that made them earlier in the same pass.
    """

    name = NAME
    settling = SETTLING
    batch = BATCH
    look = 1 + len(COLUMNS)  # the schema, and each table

    def __init__(self, airtable: Airtable, *, base: str, tables: Mapping[str, str]) -> None:
        """Use a base; `tables` has the names of its tables by sort of record."""
        self._airtable, self._base, self._names = airtable, base, tables
        weakref.finalize(self, airtable.close)  # a pass ends without saying so to its systems
        self._places: dict[str, Place] = {}
        self._ids: dict[str, str] = {}  # of records, by our key
        self._waiting: set[str] = set()  # keys that a person has to see to

    def group(self, outcome: str) -> str:
        """Return the table of an outcome: one send writes one table."""
        return sort_of(outcome)

    def calls(self) -> int:
        """Return how many requests were sent."""
        return self._airtable.calls

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen | Failure]:
        """Return the records of these by key. One read of the schema, then one of each table.

        A table that is not as it should be stops its own records and no others.

        Raises:
            Transient: Airtable is down or asks to wait; nothing is known.
        """
        ours = {one.key: cast("RecordStands", one) for one in wanted}
        try:
            schema = self._airtable.schema()
        except (Declined, UnknownShape) as error:
            return dict.fromkeys(ours, self._told(error))
        found: dict[str, Seen | Failure] = {}
        for sort, keys in _by_sort(ours.values()).items():
            try:
                self._places[sort] = place_of(sort, schema, self._names[sort])
                found |= self._look(self._places[sort], keys, ours)
            except WaitsForPerson as waits:
                found |= dict.fromkeys(keys, waits)
            except (Declined, UnknownShape) as error:
                found |= dict.fromkeys(keys, self._told(error))
        self._note(found)
        return {key: seen for key, seen in found.items() if key in ours}

    def receipt(self, outcome: str) -> Seen | None:
        """Return the record that was found for an outcome; None: nothing."""
        record = self._ids.get(outcome)
        return None if record is None else self._receipt(self._places[sort_of(outcome)], record)

    def _look(
        self, place: Place, keys: Sequence[str], ours: Mapping[str, RecordStands]
    ) -> dict[str, Seen | Failure]:
        known = {ours[key].known: key for key in keys if key in ours and ours[key].known}
        fields = [place.key.id, *(field.id for field in place.fields.values())]
        formula = place.formula(keys, list(known))
        by_key: dict[str, list[Record]] = {}
        for record in self._airtable.records(place.table.id, fields=fields, formula=formula):
            by_key.setdefault(str(record.fields.get(place.key.id)), []).append(record)
        found: dict[str, Seen | Failure] = {}
        for own, records in by_key.items():
            if own in keys:
                found[own] = self._seen(place, own, records)
                continue
            for one in records:  # they were ours, and somebody changed their key
                found.setdefault(known[one.id], self._unmarked(place, known[one.id], one))
        return found | {
            key: WaitsForPerson(missing)
            for key in keys
            if key in ours and (missing := place.missing_choice(ours[key].wanted))
        }

    def _seen(self, place: Place, key: str, records: Sequence[Record]) -> Seen | Failure:
        if len(records) > 1:
            they = ", ".join(self._address(place, one.id) for one in records)
            return WaitsForPerson(
                f"Several records of Airtable's table “{place.table.name}” have the {KEY} “{key}”:"
                f" {they}. Keep one, and empty that field in the others or delete them."
            )
        self._ids[key] = records[0].id
        return place.seen(records[0], self._keys())

    def _unmarked(self, place: Place, key: str, record: Record) -> WaitsForPerson:
        return WaitsForPerson(
            f"Somebody changed the {KEY} of {self._address(place, record.id)}: write “{key}” back"
            " into it, or delete the record if it is to be made anew."
        )

    def _note(self, became: Mapping[str, Any]) -> None:
        """Remember what waits for a person: what belongs to it waits as well."""
        self._waiting |= {key for key, one in became.items() if isinstance(one, WaitsForPerson)}

    def _keys(self) -> dict[str, str]:
        """Return our keys by the id of the record."""
        return {record: key for key, record in self._ids.items()}

    def act(self, changes: Sequence[Change], doing: Doing) -> Mapping[str, Done | Failure]:
        """Write at most ten records of one table in one send, after a look.

        Raises:
            AnswerLost: sent, and no answer came, or one that cannot be read.
            Transient: nothing was written; later it may be.
        """
        del doing  # Airtable says who wrote: whoever made the token
        (sort,) = {sort_of(change.outcome) for change in changes}
        place = self._places[sort]
        failed = {one.outcome: why for one in changes if (why := self._why_not(one))}
        ready = [one for one in changes if one.outcome not in failed]
        became = {**failed, **(self._send(place, ready) if ready else {})}
        self._note(became)
        return became

    def _send(self, place: Place, ready: Sequence[Change]) -> Mapping[str, Done | Failure]:
        cells = [place.cells(one.outcome, one.after or {}, self._ids) for one in ready]
        try:
            answer = self._airtable.upsert(place.table.id, cells, key=place.key.id)
        except Declined as error:
            return dict.fromkeys((one.outcome for one in ready), self._told(error))
        except UnknownShape as error:
            raise AnswerLost(f"{error} It may have been written: it will be looked at.") from error
        return self._written(place, ready, answer.records)

    def _why_not(self, change: Change) -> Failure | None:
        """Return why a record cannot be written yet: it belongs to one that is not there."""
        for column in links_of(sort_of(change.outcome)):
            parent = (change.after or {})[column.name]
            if parent in self._waiting:
                return WaitsForPerson(f"It belongs to {parent}, which waits: see to that first.")
            if parent not in self._ids:
                return NotYet(f"It belongs to {parent}, which is not in Airtable yet.")
        return None

    def _written(
        self, place: Place, ready: Sequence[Change], records: Sequence[Record]
    ) -> dict[str, Done | Failure]:
        by_key = {str(one.fields.get(place.key.id)): one for one in records}
        self._ids |= {key: one.id for key, one in by_key.items()}
        keys = self._keys()
        became: dict[str, Done | Failure] = {}
        for key in (change.outcome for change in ready):
            if record := by_key.get(key):
                became[key] = Done(self._receipt(place, record.id), place.seen(record, keys))
            else:
                became[key] = AnswerLost("Airtable's answer leaves this record out.")
        return became

    def _receipt(self, place: Place, record: str) -> Seen:
        return {"id": record, "address": self._address(place, record)}

    def _address(self, place: Place, record: str) -> str:
        return f"https://airtable.com/{self._base}/{place.table.id}/{record}"

    def _told(self, error: Declined | UnknownShape) -> WaitsForPerson:
        """Return what a person has to mend, in words; the vendor's own come last."""
        if isinstance(error, UnknownShape):
            todo = "Airtable answers in a shape we do not know: check THROUGHLINE_AIRTABLE_URL."
        elif error.status == HTTPStatus.UNAUTHORIZED:
            todo = (
                "Airtable does not accept the token: make a new one at"
                " https://airtable.com/create/tokens and set THROUGHLINE_AIRTABLE_TOKEN."
            )
        elif error.status in NOT_SHOWN:
            todo = (
                f"Airtable shows the base {self._base} to our token not at all, or in part: give the"
                " token access to it with the scopes data.records:read, data.records:write and"
                " schema.bases:read, or correct THROUGHLINE_AIRTABLE_BASE."
            )
        else:
            todo = "Airtable refuses the records: mend what it names, then apply again."
        return WaitsForPerson(f"{todo} ({error})")


def _by_sort(wanted: Iterable[RecordStands]) -> dict[str, list[str]]:
    """Return the keys to look for, parents first: also of records that are only linked to."""
    keys: dict[str, set[str]] = {sort: set() for sort in COLUMNS}
    for one in wanted:
        keys[sort_of(one.key)].add(one.key)
        for column in links_of(sort_of(one.key)):
            keys[column.to].add(one.wanted[column.name])
    return {sort: sorted(some) for sort, some in keys.items() if some}


def connect_airtable() -> AirtableRecords | None:
    """Return the base that the settings name; None where Airtable is not connected."""
    if not settings.AIRTABLE_TOKEN:
        return None
    airtable = connect(
        settings.AIRTABLE_URL, token=settings.AIRTABLE_TOKEN, base=settings.AIRTABLE_BASE
    )
    return AirtableRecords(airtable, base=settings.AIRTABLE_BASE, tables=settings.AIRTABLE_TABLES)
