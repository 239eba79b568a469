"""Taking in deals as another system has them, many at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from throughline.capacity.actions.holds import release
from throughline.journal.actions import entry, record_all
from throughline.journal.models import Entry
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.dates import settle_term
from throughline.sales.actions.exceptions import reopened_at
from throughline.sales.actions.staying import Step, begin_stays, keep_steps
from throughline.sales.gates.gate import judge
from throughline.sales.models import Deal, GateException
from throughline.sales.queries import deals_with_facts, signed_ends, with_facts
from throughline.sales.words import UNMAPPED

BATCH = 500  # rows a statement
MOST_NAMED = 2000  # ids that a statement may name


@dataclass(frozen=True, slots=True)
class DealElsewhere:
    """A deal as another system has it: fields by our names, and the raw cells they came from.

    What it does not mention it does not tell, which is no erasure; an empty cell is one.
    """

    hubspot_id: str
    stage_name: str
    fields: dict[str, Any]
    source: dict[str, str]
    extra: dict[str, str]


Watch = Callable[[Sequence[DealElsewhere]], Iterable[DealElsewhere]]


@dataclass(slots=True)
class Taken:
    """What became of the deals."""

    created: list[Deal] = field(default_factory=list)
    updated: list[Deal] = field(default_factory=list)
    unchanged: list[Deal] = field(default_factory=list)
    refused: list[tuple[str, Refused]] = field(default_factory=list)  # HubSpot id, why
    bypassed: list[GateException] = field(default_factory=list)


@transaction.atomic
def take_deals(
    deals: Sequence[DealElsewhere],
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
    watch: Watch = iter,
) -> Taken:
    """Create what is new and carry over what has changed elsewhere since it was last read.

    What did not change elsewhere is left as people here have made it. A stage that moved there
    past a gate which is closed here becomes an exception for a person to explain (E35).
    """
    each = list({one.hubspot_id: one for one in deals}.values())  # a listing may name one twice
    known = _known([one.hubspot_id for one in each])
    ends = signed_ends()
    taken = Taken()
    entries: list[Entry] = []
    moves: list[Step] = []
    for elsewhere in watch(each):
        try:
            deal = known.get(elsewhere.hubspot_id)
            if deal is None:
                taken.created.append(_fresh(elsewhere, playbook=playbook, at=at))
            elif changes := _changes(deal, elsewhere):
                before, since = deal.stage, deal.stage_since
                signed = ends.get(deal.pk)
                entries.append(
                    _carry_over(
                        deal, elsewhere, changes,
                        signed_end=signed, playbook=playbook, by=by, at=at,
                    )
                )  # fmt: skip
                taken.updated.append(deal)
                moves += [Step(deal, before, since, deal.stage, at)] if deal.stage != before else []
            else:
                taken.unchanged.append(deal)
        except Refused as refused:
            taken.refused.append((elsewhere.hubspot_id, refused))
    _keep(taken, entries, moves, by=by, at=at)
    taken.bypassed = _exceptions(moves, playbook=playbook, by=by, at=at)
    record_all(entries)
    _release_lost(moves, playbook=playbook, by=by, at=at)
    return taken


def _keep(
    taken: Taken, entries: list[Entry], moves: Sequence[Step], *, by: str, at: datetime
) -> None:
    """Write the rows of what was taken, and how long each stood where; add the entries of the new."""
    Deal.objects.bulk_create(taken.created, batch_size=BATCH)
    entries += [
        entry("sales.deal.taken_in", deal, by=by, at=at, name=deal.name, stage=deal.stage)
        for deal in taken.created
    ]
    _store(taken.updated)
    begin_stays(taken.created)
    keep_steps(moves)


def _release_lost(moves: Sequence[Step], *, playbook: Playbook, by: str, at: datetime) -> None:
    for deal in (step.deal for step in moves):
        if deal.stage != UNMAPPED and playbook.stage(deal.stage).kind == "lost":
            release(deal.subject, why="the deal is lost", by=by, at=at)


def _known(hubspot_ids: Sequence[str]) -> dict[str | None, Deal]:
    """Return the deals of some ids, locked; many are found by reading all."""
    found = Deal.objects.select_for_update().filter(hubspot_id__isnull=False)
    if len(hubspot_ids) <= MOST_NAMED:
        found = found.filter(hubspot_id__in=hubspot_ids)
    return {deal.hubspot_id: deal for deal in found}


def _store(changed: list[Deal]) -> None:
    # An upsert by key: bulk_update's CASE expressions took ten times as long (20,000 deals: 100 s).
    Deal.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=CARRIED,
    )


CARRIED = [
    "community", "name", "owner", "buyer", "pipeline", "stage", "stage_elsewhere", "stage_since",
    "revenue_type", "tier", "amount", "currency", "amount_collected", "mrr", "arr",
    "projected_amount", "probability", "close_on", "contract_start_on", "contract_end_on",
    "target_start_on", "target_end_on", "start_on", "end_on", "source", "extra",
    "reopened_at",
]  # fmt: skip


def _fresh(elsewhere: DealElsewhere, *, playbook: Playbook, at: datetime) -> Deal:
    deal = Deal(
        hubspot_id=elsewhere.hubspot_id,
        stage_elsewhere=elsewhere.stage_name,
        stage=_mapped(elsewhere.stage_name, playbook),
        stage_since=at,
        currency=playbook.organisation.currency,
        source=elsewhere.source,
        extra=_filled({}, elsewhere.extra),
        created_at=at,
    )
    for name, value in elsewhere.fields.items():
        setattr(deal, name, value)
    deal.currency = deal.currency or playbook.organisation.currency
    deal.tier = playbook.tier_of(deal.revenue_type)
    settle_term(deal, signed_end=None)
    return deal


def _mapped(stage_name: str, playbook: Playbook) -> str:
    stage = playbook.stage_named(stage_name)
    return stage.code if stage else UNMAPPED


def _changes(deal: Deal, elsewhere: DealElsewhere) -> dict[str, Any]:
    """Return the fields whose cell differs from the one last read; the stage counts as one."""
    differing = [
        name for name, cell in elsewhere.source.items() if deal.source.get(name, "") != cell
    ]
    if not differing:
        return {}
    return {
        name: elsewhere.fields.get(name, elsewhere.stage_name)
        for name in differing
        if name in elsewhere.fields or name == "stage_name"
    } or {"extra": _filled(deal.extra, elsewhere.extra)}


def _filled(standing: dict[str, str], told: dict[str, str]) -> dict[str, str]:
    """Return the cells that nobody has a place for: what is told now wins, an empty cell goes."""
    return {name: cell for name, cell in (standing | told).items() if cell}


def _carry_over(
    deal: Deal,
    elsewhere: DealElsewhere,
    changes: dict[str, Any],
    *,
    signed_end: date | None,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> Entry:
    before = {name: getattr(deal, name, None) for name in changes if name != "stage_name"}
    for name, value in changes.items():
        if name != "stage_name":
            setattr(deal, name, value)
    if "revenue_type" in changes and not deal.tier:
        deal.tier = playbook.tier_of(deal.revenue_type)
    if "stage_name" in changes:
        before |= _move(deal, elsewhere.stage_name, playbook=playbook, at=at)
    deal.currency = deal.currency or playbook.organisation.currency
    deal.source = deal.source | elsewhere.source
    deal.extra = _filled(deal.extra, elsewhere.extra)
    settle_term(deal, signed_end=signed_end)
    after = {name: getattr(deal, name, None) for name in before}
    return entry("sales.deal.changed_elsewhere", deal, by=by, at=at, before=before, after=after)


def _move(deal: Deal, stage_name: str, *, playbook: Playbook, at: datetime) -> dict[str, str]:
    """Follow the stage elsewhere, and return what was there before; being there is no move."""
    before = {"stage_elsewhere": deal.stage_elsewhere}
    deal.stage_elsewhere, stage = stage_name, _mapped(stage_name, playbook)
    if stage != deal.stage:
        before["stage"] = deal.stage
        deal.reopened_at = reopened_at(deal, stage, playbook=playbook, at=at)
        deal.stage, deal.stage_since = stage, at
    return before


def _exceptions(
    moves: list[Step], *, playbook: Playbook, by: str, at: datetime
) -> list[GateException]:
    """Return an exception, written down, for each move past a closed gate."""
    to_stage = {step.deal.pk: step.deal.stage for step in moves if step.deal.stage != UNMAPPED}
    if not to_stage:
        return []
    on: date = day_in_zone(at, playbook.organisation.zone)
    facts = with_facts(deals_with_facts().filter(pk__in=to_stage), on=on)
    from_stage = {step.deal.pk: step.before for step in moves}
    for one in facts:  # judged by what is known now, from where the deal was
        one.deal.stage = from_stage[one.deal.pk]
    gates = [
        (one.deal, judge(one, to=playbook.stage(to_stage[one.deal.pk]), playbook=playbook, at=at))
        for one in facts
    ]
    found = [
        GateException(
            deal=deal,
            from_stage=gate.from_stage,
            to_stage=gate.to_stage,
            conditions=[condition.code for condition in gate.in_the_way],
            found_at=at,
            found_by=by,
        )
        for deal, gate in gates
        if not gate.is_open
    ]
    GateException.objects.bulk_create(found, batch_size=BATCH)
    record_all(
        entry("sales.gate.bypassed", one.deal, by=by, at=at, to=one.to_stage, open=one.conditions)
        for one in found
    )
    return found
