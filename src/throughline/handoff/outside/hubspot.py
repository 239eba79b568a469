"""What a handoff tells HubSpot: the stage, our fields of the deal, the record of its community.

HubSpot stays BD's: we write properties of our own, and the stage, and nothing else. Objects are
found by their ids and associations, never by a search. A stage that was moved there since it was
last read is read first, and so are merged deals: what people did there is never written over
unseen.
"""

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import cast

from django.conf import settings

from throughline.connectors.http import AnswerLost, Declined, UnknownShape
from throughline.connectors.hubspot.client import LARGEST_BATCH, HubSpot, connect
from throughline.connectors.hubspot.client import Change as Write
from throughline.connectors.hubspot.names import DEALS, PIPELINE, STAGE
from throughline.connectors.hubspot.shapes import Batch, Record
from throughline.handoff.outside import hubspot_wanted as kinds
from throughline.handoff.outside.hubspot_communities import Communities
from throughline.handoff.outside.hubspot_fields import (
    DEAL_FIELDS,
    names_of,
    seen_after,
    seen_in,
    spelled,
    unfit,
)
from throughline.handoff.outside.hubspot_stages import (
    StageThere,
    remember_told,
    stage_for,
    stages_there,
)
from throughline.handoff.outside.hubspot_trouble import told, told_of_row
from throughline.handoff.outside.hubspot_wanted import NAME, InHubSpot, kind_of
from throughline.handoff.systems import Done, Failure
from throughline.handoff.wanted import Change, Doing, Seen, WaitsForPerson, Wanted
from throughline.kernel.errors import Transient
from throughline.playbook.ownership import deal_address

SETTLING = timedelta(seconds=30)
OF_DEALS = frozenset({kinds.STAGE, kinds.DEAL})

Found = dict[str, Seen | Failure]


class HubSpotDeals:
    """Deals and communities of one account during one pass."""

    name = NAME
    settling = SETTLING
    batch = LARGEST_BATCH
    look = 5  # properties and deals; properties of communities, whose deals are whose, records

    def __init__(self, hubspot: HubSpot, *, community_type: str) -> None:
        """Use an account; `community_type` is the type of object that communities are there."""
        self._hubspot = hubspot
        weakref.finalize(self, hubspot.close)  # a pass ends without saying so to its systems
        self._communities = Communities(hubspot, community_type)
        self._stages: tuple[StageThere, ...] = ()
        self._ours: dict[str, InHubSpot] = {}
        self._targets: dict[str, StageThere] = {}  # by key: the stage to be written

    def group(self, outcome: str) -> str:
        """Return what one send writes: deals, a record of a community, or an association."""
        kind = kind_of(outcome)
        return kinds.DEAL if kind in OF_DEALS else kind

    def calls(self) -> int:
        """Return how many requests were sent."""
        return self._hubspot.calls

    def receipt(self, outcome: str) -> Seen | None:
        """Return the object that was found for an outcome; None: nothing."""
        one = self._ours[outcome]
        if kind_of(outcome) in OF_DEALS:
            return _receipt(one.deal)
        found = self._communities.receipt_id(one.deal)
        return {"id": found} if found else None

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen | Failure]:
        """Return what HubSpot says of these by key. What it refuses hinders its own outcomes alone.

        Raises:
            Transient: HubSpot is down or asks to wait; nothing is known.
        """
        ours = [cast("InHubSpot", one) for one in wanted]
        self._ours |= {one.key: one for one in ours}
        found = _unless_refused(ours, self._look_at_deals)
        belongs = [one for one in ours if kind_of(one.key) not in OF_DEALS and one.key not in found]
        return found | (_unless_refused(belongs, self._communities.look) if belongs else {})

    def _look_at_deals(self, ours: Sequence[InHubSpot]) -> Found:
        """Return the deals' fields and stages; all of a deal that is not there waits."""
        self._stages = self._stages or stages_there()
        unfit_because = ""
        if any(kind_of(one.key) == kinds.DEAL for one in ours):
            unfit_because = unfit(DEAL_FIELDS, self._hubspot.properties(DEALS), "deals")
        there = self._read(sorted({one.deal for one in ours}))
        found: Found = {}
        for one in ours:
            record, kind = there.get(one.deal), kind_of(one.key)
            if record is None:
                found[one.key] = Transient(
                    f"HubSpot has no deal {one.deal} any more: it was merged or deleted. The next"
                    " full reading settles that (throughline hubspot read)."
                )
            elif kind == kinds.STAGE:
                found[one.key] = self._stage(one, record)
            elif kind == kinds.DEAL:
                seen = seen_in(record, DEAL_FIELDS)
                found[one.key] = WaitsForPerson(unfit_because) if unfit_because else seen
        return found

    def _read(self, deals: Sequence[str]) -> dict[str, Record]:
        asked = [STAGE, PIPELINE, *names_of(DEAL_FIELDS)]
        batches = (
            self._hubspot.read_batch(DEALS, deals[start : start + self.batch], properties=asked)
            for start in range(0, len(deals), self.batch)
        )
        return {record.id: record for batch in batches for record in batch.results}

    def _stage(self, one: InHubSpot, record: Record) -> Seen | Failure:
        standing = next((each for each in self._stages if each.id == record.text(STAGE)), None)
        if standing is None:
            return Transient(
                f"HubSpot's stage {record.text(STAGE)!r} was never read here: the next reading"
                " learns it (throughline hubspot read)."
            )
        if standing.code == one.stage:
            return one.wanted
        if standing.code != one.last_read:
            return Transient(
                f"HubSpot has moved it to {standing.label} since it was last read: that is taken in"
                " first (throughline hubspot read)."
            )
        target = stage_for(one.stage, record.text(PIPELINE), self._stages)
        if target is None:
            return WaitsForPerson(
                f"In HubSpot it stands at {standing.label}, and no stage of its pipeline there"
                f" stands for {one.wanted['Stage']}: say which does, throughline hubspot map ID"
                " STAGE."
            )
        self._targets[one.key] = target
        return {"Stage": f"{standing.label} ({standing.id})"}

    def act(self, changes: Sequence[Change], doing: Doing) -> Mapping[str, Done | Failure]:
        """Write what belongs together in one send, after a look.

        Raises:
            AnswerLost: sent, and no answer came, or one that cannot be read.
            Transient: nothing was written; later it may be.
        """
        del doing  # HubSpot says who wrote: the app that the token belongs to
        try:
            return self._send(changes)
        except Declined as error:
            return dict.fromkeys((one.outcome for one in changes), told(error))
        except UnknownShape as error:
            raise AnswerLost(f"{error} It may have been written: it will be looked at.") from error

    def _send(self, changes: Sequence[Change]) -> Mapping[str, Done | Failure]:
        kind = self.group(changes[0].outcome)
        if kind == kinds.DEAL:
            return dict(self._write_deals(changes))
        (change,) = changes  # a pass is over one engagement, which has one community
        act = self._communities.write if kind == kinds.COMMUNITY else self._communities.join
        return {change.outcome: act(change, self._ours[change.outcome])}

    def _write_deals(self, changes: Sequence[Change]) -> Iterator[tuple[str, Done | Failure]]:
        """Write each deal once, whatever is to be changed of it, all of them in one call."""
        written: dict[str, dict[str, str]] = {}
        for change in changes:
            deal = self._ours[change.outcome].deal
            written.setdefault(deal, {}).update(self._values(change))
        answer = self._hubspot.update_batch(
            DEALS, [Write(values, id=deal, trace=deal) for deal, values in written.items()]
        )
        for change in changes:
            yield change.outcome, self._became(change, answer)

    def _values(self, change: Change) -> dict[str, str]:
        if kind_of(change.outcome) == kinds.STAGE:
            return {STAGE: self._targets[change.outcome].id}
        return spelled(change.after or {}, change.before or {}, DEAL_FIELDS)

    def _became(self, change: Change, answer: Batch) -> Done | Failure:
        one = self._ours[change.outcome]
        record = next((each for each in answer.results if each.id == one.deal), None)
        if record is not None:
            return Done(_receipt(one.deal), self._seen_after(change, record))
        for error in answer.errors:
            if one.deal in (*error.trace_ids, *error.ids):
                return told_of_row(error)
        return AnswerLost("HubSpot's answer leaves this deal out.")

    def _seen_after(self, change: Change, record: Record) -> Seen:
        if kind_of(change.outcome) == kinds.STAGE:
            one = self._ours[change.outcome]
            remember_told(one.deal, one.wanted["Stage"], record.updated_at)
            return dict(change.after or {})
        return seen_after(change.after or {}, record, DEAL_FIELDS)


def _unless_refused(
    ours: Sequence[InHubSpot], look: Callable[[Sequence[InHubSpot]], Found]
) -> Found:
    """Return what a look shows; where HubSpot refuses it, what a person has to mend."""
    try:
        return look(ours)
    except (Declined, UnknownShape) as error:
        return dict.fromkeys((one.key for one in ours), told(error))


def _receipt(deal: str) -> Seen:
    address = deal_address(deal)
    return {"id": deal, "address": address} if address else {"id": deal}


def connect_hubspot() -> HubSpotDeals | None:
    """Return the account that the settings name; None where we may not write in one."""
    if not (settings.HUBSPOT_CONNECTED and settings.HUBSPOT_WRITE):
        return None
    hubspot = connect(
        settings.HUBSPOT_TOKEN, base_url=settings.HUBSPOT_URL, version=settings.HUBSPOT_API_VERSION
    )
    return HubSpotDeals(hubspot, community_type=settings.HUBSPOT_COMMUNITY_OBJECT)
