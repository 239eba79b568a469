"""What is asked of HubSpot for a reading, in as few calls as its batches allow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from throughline.connectors.http import Declined
from throughline.connectors.hubspot.changes import changed_since
from throughline.connectors.hubspot.client import LARGEST_BATCH, MOST_LINKS_READ, HubSpot
from throughline.connectors.hubspot.names import (
    COMPANIES,
    CONTACTS,
    DEALS,
    ORDERS,
    name_property,
)
from throughline.connectors.hubspot.shapes import Associated, Owner, Record
from throughline.intake.hubspot.cells import Around, Known, Somebody, the_one
from throughline.intake.hubspot.mapping import key_of

PAGES = 10  # a chunk: as many deals as one call about associations takes
NOT_ALLOWED = 403
NAMED = ("firstname", "lastname", "email")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some deals, what they are associated with, and where the next ones begin ("": no more)."""

    records: Sequence[Record]
    around: dict[str, Around]
    after: str


def all_owners(hubspot: HubSpot) -> list[Owner]:
    """Return everybody who may own a deal."""
    found: list[Owner] = []
    after = ""
    while True:
        page = hubspot.owners(after=after)
        found += page.results
        after = page.after
        if not after:
            return found


def all_deals(
    hubspot: HubSpot, *, known: Known, community_type: str, after: str
) -> Iterator[Chunk]:
    """Yield every deal, in chunks, from a place on."""
    while True:
        records: list[Record] = []
        for _page in range(PAGES):
            page = hubspot.page(DEALS, properties=known.asked, after=after)
            records += page.results
            after = page.after
            if not after:
                break
        yield Chunk(
            records, around(hubspot, records, known=known, community_type=community_type), after
        )
        if not after:
            return


def changed_deals(
    hubspot: HubSpot, *, known: Known, community_type: str, since: datetime
) -> Iterator[Chunk]:
    """Yield the deals that have changed since an instant, or something near them, in chunks."""
    seen: set[str] = set()
    for page in changed_since(hubspot, DEALS, since=since, properties=known.asked):
        seen |= {record.id for record in page.results}
        yield _chunk(hubspot, page.results, known=known, community_type=community_type)
    near = _near_what_changed(hubspot, known=known, community_type=community_type, since=since)
    for batch in in_batches(sorted(near - seen)):
        found = hubspot.read_batch(DEALS, batch, properties=known.asked).results
        records = list({one.id: one for one in found}.values())
        yield _chunk(hubspot, records, known=known, community_type=community_type)


def _chunk(
    hubspot: HubSpot, records: Sequence[Record], *, known: Known, community_type: str
) -> Chunk:
    return Chunk(records, around(hubspot, records, known=known, community_type=community_type), "")


def _near_what_changed(
    hubspot: HubSpot, *, known: Known, community_type: str, since: datetime
) -> set[str]:
    """Return the deals of companies, communities, contacts and orders that have changed.

    A deal does not change by what hangs on it: an order made on it, a company renamed.
    """
    deals: set[str] = set()
    for kind in (COMPANIES, CONTACTS, ORDERS, community_type):
        if kind:
            deals |= _allowed(kind, partial(_deals_of, hubspot, kind, since), known) or set()
    return deals


def _deals_of(hubspot: HubSpot, kind: str, since: datetime) -> set[str]:
    """Return the deals of the objects of a type that have changed since an instant."""
    pages = changed_since(hubspot, kind, since=since, properties=[])
    ids = list(dict.fromkeys(one.id for page in pages for one in page.results))
    return {
        end.to_object_id
        for start in range(0, len(ids), MOST_LINKS_READ)
        for ends in _ends(hubspot, ids[start : start + MOST_LINKS_READ], DEALS, of=kind).values()
        for end in ends
    }


def around(
    hubspot: HubSpot, records: Sequence[Record], *, known: Known, community_type: str
) -> dict[str, Around]:
    """Return what each deal is associated with: company and community by name, people, orders."""
    ids = [record.id for record in records]
    if not ids:
        return {}
    companies = _names(hubspot, ids, COMPANIES, name_property(COMPANIES))
    communities: dict[str, str] = {}
    if community_type:
        communities = _names(hubspot, ids, community_type, name_property(community_type))
    people = _allowed(CONTACTS, lambda: _people(hubspot, ids, known.github), known)
    orders = _allowed(ORDERS, lambda: _ends(hubspot, ids, ORDERS), known)
    return {
        one: Around(
            companies.get(one),
            communities.get(one),
            None if people is None else people.get(one, []),
            None if orders is None else [end.to_object_id for end in orders.get(one, [])],
        )
        for one in ids
    }


def _allowed(what: str, ask: Callable[[], Answer], known: Known) -> Answer | None:
    """Return what is asked for; None where the token may not see it, which the reading tells.

    Raises:
        Declined: HubSpot refuses for another reason.
    """
    if what in known.denied:
        return None
    try:
        return ask()
    except Declined as error:
        if error.status != NOT_ALLOWED:
            raise
        known.denied[what] = str(error)
        return None


def _people(hubspot: HubSpot, ids: Sequence[str], github: str) -> dict[str, list[Somebody]]:
    """Return by deal the contacts that a label names; those without one are nobody's role."""
    ends = _ends(hubspot, ids, CONTACTS)
    labelled = {
        deal: [
            (end.to_object_id, [key_of(one) for one in end.association_types if one.label])
            for end in found
        ]
        for deal, found in ends.items()
    }
    asked = (*NAMED, github) if github else NAMED
    wanted = sorted({one for found in labelled.values() for one, labels in found if labels})
    records = {
        record.id: record
        for batch in in_batches(wanted)
        for record in hubspot.read_batch(CONTACTS, batch, properties=asked).results
    }
    return {
        deal: [_somebody(records[one], labels, github) for one, labels in found if one in records]
        for deal, found in labelled.items()
    }


def _somebody(record: Record, labels: Sequence[str], github: str) -> Somebody:
    first, last, email = (record.text(name) for name in NAMED)
    name = " ".join(part for part in (first, last) if part) or email
    account = record.text(github) if github else ""
    return Somebody(record.id, name, first, email, account, labels)


def in_batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids, as many as one call reads."""
    for start in range(0, len(ids), LARGEST_BATCH):
        yield ids[start : start + LARGEST_BATCH]


def _names(hubspot: HubSpot, ids: Sequence[str], to_type: str, name: str) -> dict[str, str]:
    """Return by deal the name of the one object of a type that it is associated with."""
    ends = _ends(hubspot, ids, to_type)
    chosen = {deal: one for deal, found in ends.items() if (one := the_one(found)) is not None}
    told: dict[str, str] = {}
    for batch in in_batches(sorted(set(chosen.values()))):
        answer = hubspot.read_batch(to_type, batch, properties=[name])
        told |= {record.id: record.text(name) for record in answer.results}
    return {deal: told[one] for deal, one in chosen.items() if told.get(one)}


def _ends(
    hubspot: HubSpot, ids: Sequence[str], to_type: str, *, of: str = DEALS
) -> dict[str, list[Associated]]:
    """Return what each object is associated with; one that has more than a page of it, all of it."""
    found: dict[str, list[Associated]] = {}
    rest: dict[str, str] = {}
    asked = list(ids)
    while asked:
        answer = hubspot.links(of, to_type, asked, after=rest)
        for links in answer.results:
            found.setdefault(links.start.id, []).extend(links.to)
        rest = {links.start.id: links.after for links in answer.results if links.after}
        asked = list(rest)
    return found
