"""The record of a community in HubSpot, and that the deal belongs to it.

The record is the one that the deal is associated with, if that is the same community; else one of
its id or name, found by listing; else a new one. Another community's record is never touched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from throughline.connectors.http import AnswerLost
from throughline.connectors.hubspot.client import LARGEST_BATCH, HubSpot, Link
from throughline.connectors.hubspot.client import Change as Write
from throughline.connectors.hubspot.names import DEALS, name_property
from throughline.connectors.hubspot.shapes import Batch, Record
from throughline.handoff.outside.hubspot_fields import (
    COMMUNITY_FIELDS,
    names_of,
    seen_after,
    seen_in,
    spelled,
    unfit,
)
from throughline.handoff.outside.hubspot_trouble import told_of_row
from throughline.handoff.outside.hubspot_wanted import COMMUNITY, InHubSpot, kind_of
from throughline.handoff.systems import Done, Failure
from throughline.handoff.wanted import Change, NotYet, Seen, WaitsForPerson

OWN_ID: Final = "throughline_community_id"


@dataclass(slots=True)
class Communities:
    """The records of communities during one pass."""

    hubspot: HubSpot
    type: str  # the type of object that communities are
    _records: dict[str, Record] = field(default_factory=dict)  # by the deal that belongs to it
    _way: tuple[str, int] | None = None  # how a deal is associated with its community

    @property
    def _asked(self) -> list[str]:
        return [name_property(self.type), *names_of(COMMUNITY_FIELDS)]

    def look(self, wanted: Sequence[InHubSpot]) -> dict[str, Seen | Failure]:
        """Return by key what is there of these; three calls, and more where a record is sought."""
        unfit_because = unfit(COMMUNITY_FIELDS, self.hubspot.properties(self.type), "communities")
        linked = self._linked(sorted({one.deal for one in wanted}))
        found: dict[str, Seen | Failure] = {}
        for deal, records in linked.items():
            ours = [one for one in wanted if one.deal == deal]
            try:
                record = self._the_one(ours[0], records)
            except WaitsForPerson as waits:
                found |= dict.fromkeys((one.key for one in ours), waits)
                continue
            found |= self._seen(ours, record, is_linked=bool(records))
        if unfit_because:
            fields = [one.key for one in wanted if kind_of(one.key) == COMMUNITY]
            found |= dict.fromkeys(fields, WaitsForPerson(unfit_because))
        return found

    def receipt_id(self, deal: str) -> str:
        """Return the id of the record of a deal's community; "" where there is none yet."""
        found = self._records.get(deal)
        return found.id if found else ""

    def write(self, change: Change, one: InHubSpot) -> Done | Failure:
        """Make a community's record, or write our fields of it.

        Raises:
            AnswerLost: sent, and the answer says nothing of it.
        """
        values = spelled(change.after or {}, change.before or {}, COMMUNITY_FIELDS)
        record = self._records.get(one.deal)
        if record is None:
            named = {name_property(self.type): one.community, **_filled(values)}
            answer = self.hubspot.create_batch(self.type, [Write(named, trace=change.outcome)])
        else:
            sent = Write(values, id=record.id, trace=change.outcome)
            answer = self.hubspot.update_batch(self.type, [sent])
        written = _the_result(answer)
        if not isinstance(written, Record):
            return written
        self._records[one.deal] = written
        seen = seen_after(change.after or {}, written, COMMUNITY_FIELDS)
        return Done({"id": written.id}, seen)

    def join(self, change: Change, one: InHubSpot) -> Done | Failure:
        """Associate a deal with the record of its community."""
        record = self._records.get(one.deal)
        if record is None:
            return NotYet("The record of its community is not in HubSpot.")
        if self._way is None:
            return WaitsForPerson(
                "HubSpot knows no plain way to associate deals with communities: associate them"
                " there by hand."
            )
        category, type_id = self._way
        link = Link(one.deal, record.id, category, type_id)
        self.hubspot.link(DEALS, self.type, [link])
        return Done({"id": record.id}, dict(change.after or {}))

    def _seen(
        self, ours: Sequence[InHubSpot], record: Record | None, *, is_linked: bool
    ) -> dict[str, Seen | Failure]:
        if not is_linked and self._way is None:
            self._way = self._plain_way()
        if record is None:
            return {}
        self._records[ours[0].deal] = record
        fields = [one for one in ours if kind_of(one.key) == COMMUNITY]
        seen: dict[str, Seen | Failure] = {
            one.key: seen_in(record, COMMUNITY_FIELDS) for one in fields
        }
        return seen | {one.key: one.wanted for one in ours if is_linked and one not in fields}

    def _linked(self, deals: Sequence[str]) -> dict[str, list[Record]]:
        """Return by deal the communities that it is associated with."""
        links = self.hubspot.links(DEALS, self.type, deals)
        ends = {one.start.id: [end.to_object_id for end in one.to] for one in links.results}
        wanted = sorted({end for some in ends.values() for end in some})
        there: dict[str, Record] = {}
        for start in range(0, len(wanted), LARGEST_BATCH):
            batch = wanted[start : start + LARGEST_BATCH]
            answer = self.hubspot.read_batch(self.type, batch, properties=self._asked)
            there |= {record.id: record for record in answer.results}
        return {deal: [there[e] for e in ends.get(deal, []) if e in there] for deal in deals}

    def _the_one(self, one: InHubSpot, linked: Sequence[Record]) -> Record | None:
        """Return the record of a community; None where there is none.

        Raises:
            WaitsForPerson: the two sides say different communities, or several could be it.
        """
        alike = [record for record in linked or self._all() if self._is(record, one)]
        if linked and not alike:
            named = ", ".join(f"“{self._name(record)}”" for record in linked)
            raise WaitsForPerson(
                f"In HubSpot this deal belongs to {named}, here to “{one.community}”: correct the"
                " one that is wrong."
            )
        if len(alike) > 1:
            numbers = ", ".join(record.id for record in alike)
            raise WaitsForPerson(
                f"Several records in HubSpot could be “{one.community}”: {numbers}. Merge them, or"
                " associate the deal with the right one."
            )
        return alike[0] if alike else None

    def _is(self, record: Record, one: InHubSpot) -> bool:
        if record.id == one.known:
            return True
        told = (record.text(OWN_ID), self._name(record))
        return any(each and each.casefold() in one.alike for each in told)

    def _name(self, record: Record) -> str:
        return record.text(name_property(self.type))

    def _all(self) -> Iterator[Record]:
        after = ""
        while True:
            page = self.hubspot.page(self.type, properties=self._asked, after=after)
            yield from page.results
            after = page.after
            if not after:
                return

    def _plain_way(self) -> tuple[str, int] | None:
        """Return how deals and communities are associated without a label."""
        types = self.hubspot.association_types(DEALS, self.type)
        plain = next((one for one in types if not one.label), None)
        return (plain.category, plain.type_id) if plain else None


def _filled(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _the_result(answer: Batch) -> Record | Failure:
    """Return what became of the only input of a batch."""
    if answer.results:
        return answer.results[0]
    if answer.errors:
        return told_of_row(answer.errors[0])
    return AnswerLost("HubSpot's answer leaves this record out.")
