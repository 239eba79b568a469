"""What has changed since an instant: the one thing that a search may be asked for."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from throughline.connectors.hubspot.client import Filter, HubSpot
from throughline.connectors.hubspot.shapes import Page, Record
from throughline.connectors.hubspot.values import milliseconds, read_instant
from throughline.kernel.errors import Permanent

CAP = 10_000  # a search gives no more than that, however many it finds
# The index is some moments behind: whoever asks begins that much earlier, and sees some twice.
INDEX_LAG = timedelta(minutes=5)
CONTACTS = frozenset({"contacts", "contact", "0-1"})


class TooManyAtOnce(Permanent):
    """More objects changed in one millisecond than a search can give: read them all by listing."""


def changed_since(
    hubspot: HubSpot, object_type: str, *, since: datetime, properties: Sequence[str]
) -> Iterator[Page]:
    """Yield pages of what has changed since an instant, the oldest change first, each object once.

    An object that changes meanwhile may come again on a later page. Beyond the cap the search
    begins anew at the last change seen. Deleted and merged objects do not come, nor do objects
    of which only an association changed: only a full reading finds those.

    Raises:
        TooManyAtOnce: more than the cap changed in one millisecond.
    """
    changed_at = "lastmodifieddate" if object_type in CONTACTS else "hs_lastmodifieddate"
    wanted = list(dict.fromkeys([*properties, changed_at]))
    seen: dict[str, str] = {}
    start = milliseconds(since)
    while True:
        last, more = start, False
        for page in _one_search(hubspot, object_type, changed_at, start, wanted):
            fresh = [one for one in page.results if seen.get(one.id) != one.text(changed_at)]
            seen.update((one.id, one.text(changed_at)) for one in fresh)
            last = max([last, *(_changed(one, changed_at) for one in fresh)])
            yield page.model_copy(update={"results": tuple(fresh)})
            more = bool(page.after)
        if not more:
            return
        if last == start:
            raise TooManyAtOnce(
                f"More than {CAP} {object_type} changed at {start}: read them all instead."
            )
        start = last


def _one_search(
    hubspot: HubSpot, object_type: str, changed_at: str, start: int, wanted: Sequence[str]
) -> Iterator[Page]:
    """Yield the pages of one search, up to the cap; the last one tells whether there is more."""
    after, told = "", 0
    while told < CAP:
        page = hubspot.search(
            object_type,
            filters=[Filter(changed_at, "GTE", str(start))],
            properties=wanted,
            ascending=changed_at,
            after=after,
        )
        told += len(page.results)
        yield page
        after = page.after
        if not after:
            return


def _changed(record: Record, changed_at: str) -> int:
    found = read_instant(record.text(changed_at))
    return milliseconds(found or record.updated_at)
