"""A simulated base, as people and as a pass see it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tests.factories import NOON
from throughline.handoff.models import Outcome
from throughline.simulators.airtable import AirtableSimulator
from throughline.simulators.airtable_tables import Record, Table

KEY = "Throughline key"
LATER = NOON + timedelta(minutes=10)
LATER_STILL = LATER + timedelta(minutes=10)
TABLES = ("Engagements", "Projects", "Deliverables")


def records(base: AirtableSimulator, table: str) -> dict[str, dict[str, Any]]:
    """Return the records of a table by our key, as people see them."""
    return {row[KEY]: row for row in base.table(table).rows()}


def record_of(base: AirtableSimulator, key: str) -> tuple[Table, Record]:
    """Return the table and the id of the record that has a key."""
    for table in base.tables:
        for record in table.records.values():
            if table.by_name(record.cells).get(KEY) == key:
                return table, record
    raise LookupError(key)


def by_hand(base: AirtableSimulator, key: str, **cells: Any) -> None:
    """Change cells of a record as somebody does in Airtable."""
    table, record = record_of(base, key)
    named = {name.replace("_", " "): value for name, value in cells.items()}
    base.tables.put(table, record, {table.field(one).id: it for one, it in named.items()})


def doubled(base: AirtableSimulator) -> dict[str, int]:
    """Return the keys that more than one record has."""
    counts = [base.table(name).count_by(KEY) for name in TABLES]
    return {key: number for count in counts for key, number in count.items() if number != 1}


def writes(base: AirtableSimulator) -> int:
    """Return how many writes came in."""
    return sum(count for (method, _path), count in base.calls.items() if method == "PATCH")


def in_airtable(outcomes: Iterable[Outcome]) -> dict[str, Outcome]:
    return {one.key: one for one in outcomes if one.system == "airtable"}


def states(outcomes: Iterable[Outcome]) -> dict[str, str]:
    return {key: str(one.state) for key, one in in_airtable(outcomes).items()}


def elsewhere(outcomes: Iterable[Outcome]) -> set[str]:
    """Return how the outcomes of Throughline itself stand; the welcome mail waits for PS."""
    return {str(one.state) for one in outcomes if one.system in {"delivery", "renewals"}}
