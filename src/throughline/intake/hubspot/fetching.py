"""What is asked of HubSpot for a reading, in as few calls as its batches allow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from throughline.connectors.hubspot.changes import changed_since
from throughline.connectors.hubspot.client import LARGEST_BATCH, HubSpot
from throughline.connectors.hubspot.names import COMPANIES, DEALS, name_property
from throughline.connectors.hubspot.shapes import Associated, Owner, Record
from throughline.intake.hubspot.cells import Around, Known, the_one

PAGES = 10  # a chunk: as many deals as one call about associations takes


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
        yield Chunk(records, around(hubspot, records, community_type=community_type), after)
        if not after:
            return


def changed_deals(
    hubspot: HubSpot, *, known: Known, community_type: str, since: datetime
) -> Iterator[Chunk]:
    """Yield the deals that have changed since an instant, in chunks."""
    for page in changed_since(hubspot, DEALS, since=since, properties=known.asked):
        records = page.results
        yield Chunk(records, around(hubspot, records, community_type=community_type), page.after)


def around(
    hubspot: HubSpot, records: Sequence[Record], *, community_type: str
) -> dict[str, Around]:
    """Return the names of what each deal is associated with: its company, its community."""
    ids = [record.id for record in records]
    companies = _names(hubspot, ids, COMPANIES, name_property(COMPANIES))
    communities: dict[str, str] = {}
    if community_type:
        communities = _names(hubspot, ids, community_type, name_property(community_type))
    return {one: Around(companies.get(one), communities.get(one)) for one in ids}


def in_batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids, as many as one call reads."""
    for start in range(0, len(ids), LARGEST_BATCH):
        yield ids[start : start + LARGEST_BATCH]


def _names(hubspot: HubSpot, ids: Sequence[str], to_type: str, name: str) -> dict[str, str]:
    """Return by deal the name of the one object of a type that it is associated with."""
    if not ids:
        return {}
    ends = _ends(hubspot, ids, to_type)
    chosen = {deal: one for deal, found in ends.items() if (one := the_one(found)) is not None}
    told: dict[str, str] = {}
    for batch in in_batches(sorted(set(chosen.values()))):
        answer = hubspot.read_batch(to_type, batch, properties=[name])
        told |= {record.id: record.text(name) for record in answer.results}
    return {deal: told[one] for deal, one in chosen.items() if told.get(one)}


def _ends(hubspot: HubSpot, ids: Sequence[str], to_type: str) -> dict[str, list[Associated]]:
    """Return what each deal is associated with; one that has more than a page of it, all of it."""
    found: dict[str, list[Associated]] = {}
    rest: dict[str, str] = {}
    asked = list(ids)
    while asked:
        answer = hubspot.links(DEALS, to_type, asked, after=rest)
        for links in answer.results:
            found.setdefault(links.start.id, []).extend(links.to)
        rest = {links.start.id: links.after for links in answer.results if links.after}
        asked = list(rest)
    return found
