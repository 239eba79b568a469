"""Taking in HubSpot's deals: all of them by listing, or what has changed; resumable, and shown.

Calls go out between transactions, never within one; what a chunk brought is kept before the next
is asked for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction

from throughline.connectors.hubspot.changes import INDEX_LAG
from throughline.connectors.hubspot.client import HubSpot
from throughline.connectors.hubspot.names import CONTACTS, DEALS
from throughline.connectors.hubspot.shapes import Record
from throughline.intake.actions import Warned, take_rows, warnings_of
from throughline.intake.deal_file import DealRow, read_cells
from throughline.intake.hubspot.actions.merges import (
    follow_merges,
    gone_without_trace,
    keep_old_numbers,
)
from throughline.intake.hubspot.actions.orders import place_waiting, take_orders
from throughline.intake.hubspot.actions.people import take_people
from throughline.intake.hubspot.cells import Known, cells_of, known_of, merged_into
from throughline.intake.hubspot.fetching import (
    Chunk,
    all_deals,
    all_owners,
    around,
    changed_deals,
    in_batches,
)
from throughline.intake.hubspot.hooks import proved_hints
from throughline.intake.hubspot.mapping import fields_learned, labels_learned, learned, names
from throughline.intake.models import (
    HubSpotDeal,
    HubSpotField,
    HubSpotHint,
    HubSpotLabel,
    HubSpotReading,
    HubSpotStage,
    ReadingKind,
    StageWritten,
)
from throughline.kernel.errors import Refused, Transient
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.actions.tombstone import bury_deal, restore_deal
from throughline.sales.models import Deal

READER = "HubSpot"  # who the journal says it was
RESUMED_WITHIN = timedelta(hours=24)
RETRIED_AFTER = timedelta(minutes=2)
BATCH = 500
NOT_ALLOWED = "The token may not see {what}: add the scope crm.objects.{what}.read to the app."
# So many deals gone at once is no tidying up: the token is another portal's.
FEW, MOST_GONE = 10, 0.5

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """The account, what in it is a community, and the rules that deals are taken in by."""

    hubspot: HubSpot
    community_type: str  # "" where no type of object is one
    playbook: Playbook
    github_property: str = ""  # of contacts; "" where none holds their GitHub id


@dataclass(slots=True)
class DealsRead:
    """What became of HubSpot's deals; ids are HubSpot's."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)  # old id, what it became
    gone: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


def read_all(
    source: Source, *, at: datetime, progress: Progress = lambda _count: None
) -> DealsRead:
    """Take in every deal; one that HubSpot no longer has is merged or gone, and is kept as such.

    A reading that was interrupted within the last day goes on where it stopped.

    Raises:
        Refused: so many deals are gone that the token must be another portal's.
    """
    known = learn(source, at=at)
    reading = _reading(at)
    read = DealsRead()
    chunks = all_deals(
        source.hubspot, known=known, community_type=source.community_type, after=reading.after
    )
    for chunk in chunks:
        take_chunk(chunk, reading, read, known=known, source=source, at=at)
        progress(reading.taken)
    _settle_missing(reading, read, source=source, at=at)
    _place_the_rest(read, source, at=at)
    _finish(reading, at=at)
    return read


def read_changes(
    source: Source, *, at: datetime, progress: Progress = lambda _count: None
) -> DealsRead:
    """Take in the deals that have changed since the last reading; everything, if there was none.

    Merged and deleted deals are found by the next full reading only.
    """
    last = HubSpotReading.objects.filter(
        kind__in=[ReadingKind.ALL, ReadingKind.CHANGES], finished_at__isnull=False
    ).first()
    if last is None:
        return read_all(source, at=at, progress=progress)
    known = learn(source, at=at)
    since = last.started_at - INDEX_LAG
    reading = _begin(ReadingKind.CHANGES, at)
    read = DealsRead()
    chunks = changed_deals(
        source.hubspot, known=known, community_type=source.community_type, since=since
    )
    for chunk in chunks:
        take_chunk(chunk, reading, read, known=known, source=source, at=at)
        progress(reading.taken)
    _place_the_rest(read, source, at=at)
    _finish(reading, at=at)
    return read


def _place_the_rest(read: DealsRead, source: Source, *, at: datetime) -> None:
    """Try again the orders of deals that did not come this time: a gate may have opened here."""
    told = {one.message for one in read.warnings}
    waiting = place_waiting(playbook=source.playbook, by=READER, at=at)
    read.warnings += [one for one in waiting if one.message not in told]


@transaction.atomic
def receive(
    body: bytes, *, headers: Mapping[str, str], method: str, path: str, at: datetime
) -> int:
    """Keep which deals a webhook names, and return how many; an event that came before is one.

    Raises:
        NotGenuine: nothing proves that HubSpot sent it just now.
        Refused: no secret is set, or it is no list of events.
    """
    hints = proved_hints(body, headers=headers, method=method, path=path, at=at)
    HubSpotHint.objects.bulk_create(hints, batch_size=BATCH, ignore_conflicts=True)
    return len(hints)


def read_hints(source: Source, *, at: datetime) -> DealsRead:
    """Look again at the deals that webhooks named, each once, however often it was named."""
    read = DealsRead()
    hints = list(HubSpotHint.objects.filter(read_at=None).order_by("kept_at", "pk"))
    if not hints:
        return read
    known = learn(source, at=at)
    reading = _begin(ReadingKind.HINTS, at)
    ids = list(dict.fromkeys(hint.deal_id for hint in hints))
    for batch in in_batches(ids):
        found = source.hubspot.read_batch(DEALS, batch, properties=known.asked).results
        records = list({one.id: one for one in found}.values())
        near = around(source.hubspot, records, known=known, community_type=source.community_type)
        with transaction.atomic():
            take_chunk(Chunk(records, near, ""), reading, read, known=known, source=source, at=at)
            there = {one.id for one in records}
            ours = Deal.objects.filter(hubspot_id__in=set(batch) - there, deleted_at=None)
            _bury(dict(ours.values_list("hubspot_id", "pk")), records, read, at=at)
            done = [hint.pk for hint in hints if hint.deal_id in set(batch)]
            HubSpotHint.objects.filter(pk__in=done).update(read_at=at)
    _finish(reading, at=at)
    return read


@transaction.atomic
def note_trouble(kind: ReadingKind, error: Exception, *, at: datetime) -> HubSpotReading:
    """Keep what hindered a reading, and when it is tried again: when HubSpot says, else later."""
    last = HubSpotReading.objects.filter(kind=kind, finished_at=None).first()
    reading = last or HubSpotReading(kind=kind, started_at=at)
    wish = error.retry_after_s if isinstance(error, Transient) else None
    reading.trouble = str(error)
    reading.retry_at = at + (timedelta(seconds=wish) if wish else RETRIED_AFTER)
    reading.save()
    return reading


def learn(source: Source, *, at: datetime) -> Known:
    """Read what the account is made of, and keep its parts with what they stand for."""
    hubspot, playbook = source.hubspot, source.playbook
    pipelines = hubspot.pipelines(DEALS)
    properties, owners = hubspot.properties(DEALS), all_owners(hubspot)
    types = hubspot.association_types(DEALS, CONTACTS)
    with transaction.atomic():
        known = {row.stage_id: row for row in HubSpotStage.objects.select_for_update()}
        stages = learned(pipelines, known, playbook=playbook, at=at)
        by_key = {row.key: row for row in HubSpotLabel.objects.select_for_update()}
        labels = labels_learned(types, by_key, playbook=playbook, at=at)
        by_name = {row.name: row for row in HubSpotField.objects.select_for_update()}
        fields = fields_learned(properties, by_name, at=at)
        for row in (*stages, *labels, *fields):
            row.save()
    found = known_of(
        zone=playbook.organisation.zone,
        properties=properties,
        pipelines=pipelines,
        stages=names(stages, playbook=playbook),
        owners=owners,
        fills={row.name: row.column for row in fields if row.column and row.gone_at is None},
        roles={row.key: row.code for row in labels if row.gone_at is None},
    )
    return replace(found, github=source.github_property)


@transaction.atomic
def take_chunk(
    chunk: Chunk,
    reading: HubSpotReading,
    read: DealsRead,
    *,
    known: Known,
    source: Source,
    at: datetime,
) -> None:
    """Take in some deals, and remember that they were seen, and where the reading goes on."""
    stopped = _followed(chunk.records, read, at=at)
    rows = list(_rows(chunk, read, known=known, stopped=stopped))
    taken = take_rows(rows, playbook=source.playbook, by=READER, at=at)
    read.created += len(taken.created)
    read.updated += len(taken.updated)
    read.unchanged += len(taken.unchanged)
    read.rejected += [(number, str(why)) for number, why in taken.refused]
    read.warnings += warnings_of(taken, [], source.playbook)
    ids = [one.id for one in chunk.records]
    _bring_back(ids, read, at=at)
    keep_old_numbers([one for one in chunk.records if one.id not in stopped], at=at)
    _take_what_hangs_on_them(chunk, read, known=known, source=source, at=at)
    HubSpotDeal.objects.bulk_create(
        [HubSpotDeal(hubspot_id=one, seen_at=at, seen_in=reading) for one in ids],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["hubspot_id"],
        update_fields=["seen_at", "seen_in"],
    )
    reading.after, reading.taken = chunk.after, reading.taken + len(ids)
    reading.save(update_fields=["after", "taken"])


def _rows(
    chunk: Chunk, read: DealsRead, *, known: Known, stopped: dict[str, str]
) -> Iterator[DealRow]:
    for one in _up_to_date(chunk.records):
        if one.id in stopped:
            read.rejected.append((one.id, stopped[one.id]))
            continue
        try:
            yield read_cells(cells_of(one, known=known, around=chunk.around[one.id]))
        except Refused as refused:
            read.rejected.append((one.id, str(refused)))


def _up_to_date(records: Sequence[Record]) -> list[Record]:
    """Leave out what was fetched before we wrote there ourselves: the next reading has it anew."""
    written = dict(
        StageWritten.objects.filter(hubspot_id__in=[one.id for one in records]).values_list(
            "hubspot_id", "at"
        )
    )
    return [one for one in records if one.id not in written or one.updated_at >= written[one.id]]


def _take_what_hangs_on_them(
    chunk: Chunk, read: DealsRead, *, known: Known, source: Source, at: datetime
) -> None:
    """Take in people and orders, after the deals themselves, and say what stays outside."""
    playbook = source.playbook
    read.warnings += take_people(chunk.around, known=known, playbook=playbook, by=READER, at=at)
    read.warnings += take_orders(chunk.around, playbook=playbook, by=READER, at=at)
    told = {one.message for one in read.warnings}
    read.warnings += [
        Warned("not_allowed", None, message)
        for what in sorted(known.denied)
        if (message := NOT_ALLOWED.format(what=what)) not in told
    ]


def _followed(records: Sequence[Record], read: DealsRead, *, at: datetime) -> dict[str, str]:
    """Follow what was merged; return the survivors that a person must look at, and why."""
    survivors = [one.id for one in records if merged_into(one)]
    _bring_back(survivors, read, at=at)  # HubSpot has them: none is a tombstone
    merged, stopped = follow_merges(records, by=READER, at=at)
    read.merged += merged
    return stopped


def _bring_back(ids: Sequence[str], read: DealsRead, *, at: datetime) -> None:
    """Restore deals that HubSpot has again; those that a person buried here stay buried."""
    buried = Deal.objects.filter(hubspot_id__in=ids, deleted_by=READER, merged_into=None)
    for deal in buried:
        restore_deal(deal.pk, by=READER, at=at)
        read.back.append(str(deal.hubspot_id))


def _settle_missing(
    reading: HubSpotReading, read: DealsRead, *, source: Source, at: datetime
) -> None:
    """Find out what became of deals that the listing did not have: merged, or gone (E1, E3).

    Raises:
        Refused: so many are gone that the token must be another portal's.
    """
    seen = reading.deals.filter(seen_at__gte=reading.started_at).values("hubspot_id")
    ours = Deal.objects.filter(hubspot_id__isnull=False, deleted_at=None)
    missing = dict(ours.exclude(hubspot_id__in=seen).values_list("hubspot_id", "pk"))
    if len(missing) > FEW and len(missing) > MOST_GONE * ours.count():
        raise Refused(
            f"HubSpot has {len(missing)} of our {ours.count()} deals no longer. None was changed.",
            remedy="Check that THROUGHLINE_HUBSPOT_TOKEN belongs to your portal, and that its app"
            " may read all deals.",
        )
    for batch in in_batches([str(number) for number in missing]):
        answer = source.hubspot.read_batch(DEALS, batch, properties=["hs_merged_object_ids"])
        _bury({number: missing[number] for number in batch}, answer.results, read, at=at)


@transaction.atomic
def _bury(
    missing: dict[str | None, int], survivors: Sequence[Record], read: DealsRead, *, at: datetime
) -> None:
    stopped = _followed(survivors, read, at=at)
    read.rejected += stopped.items()
    waiting = {old for one in survivors if one.id in stopped for old in merged_into(one)}
    known = waiting | {old for old, _survivor in read.merged}
    for number, deal_id in gone_without_trace(missing, survivors, known):
        bury_deal(deal_id, by=READER, at=at)
        read.gone.append(number)


@transaction.atomic
def ask_to_read(*, by: str, at: datetime) -> HubSpotReading:
    """Have everything read as soon as a worker comes to it, whatever was to be waited for.

    Raises:
        Refused: the person may not.
    """
    require_permission(by, Permission.ADVANCE_DEALS, to="have HubSpot read")
    HubSpotReading.objects.filter(retry_at__gt=at).update(retry_at=at)
    reading = _reading(at)
    reading.asked_by = by
    reading.save(update_fields=["asked_by"])
    return reading


def _reading(at: datetime) -> HubSpotReading:
    """Return the full reading that was interrupted lately, else a new one.

    One that stands at no place begins anew: what it saw before may be gone by now.
    """
    last = HubSpotReading.objects.filter(kind=ReadingKind.ALL).first()
    if last and last.finished_at is None:
        if last.after and at - last.started_at <= RESUMED_WITHIN:
            return last
        last.started_at, last.after, last.taken = at, "", 0
        last.save(update_fields=["started_at", "after", "taken"])
        return last
    return HubSpotReading.objects.create(kind=ReadingKind.ALL, started_at=at)


def _begin(kind: ReadingKind, at: datetime) -> HubSpotReading:
    """Return a reading that begins now; one that failed lately is the same one, tried again."""
    reading = HubSpotReading.objects.filter(kind=kind, finished_at=None).first()
    reading = reading or HubSpotReading(kind=kind)
    reading.started_at = at
    reading.save()
    return reading


def _finish(reading: HubSpotReading, *, at: datetime) -> None:
    reading.finished_at, reading.after = at, ""
    reading.trouble, reading.retry_at = "", None
    reading.save(update_fields=["finished_at", "after", "trouble", "retry_at"])
