"""Keeping the table of stays beside the moves: both are written in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from throughline.sales.models import Deal, Stay
from throughline.sales.staying import days_between

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """A deal that has just moved: from where, since when it stood there, to where, and when."""

    deal: Deal
    before: str
    since: datetime
    after: str
    at: datetime


def begin_stays(deals: Iterable[Deal]) -> None:
    """Write down where new deals stand."""
    Stay.objects.bulk_create(
        (Stay(deal=one, stage=one.stage, from_at=one.stage_since) for one in deals),
        batch_size=BATCH,
    )


def keep_steps(steps: Sequence[Step]) -> None:
    """End the stays that moves ended, and begin those that they began; a few statements for all."""
    known = _known(steps)
    for step in steps:
        _take(step, known.setdefault(step.deal.pk, []))
    every = [one for stays in known.values() for one in stays]
    _store([one for one in every if one.pk], [one for one in every if not one.pk])


def _known(steps: Sequence[Step]) -> dict[int, list[Stay]]:
    """Return the stays of the deals that moved, the oldest first; one query."""
    found: dict[int, list[Stay]] = {}
    numbers = {step.deal.pk for step in steps}
    for one in Stay.objects.filter(deal_id__in=numbers).order_by("deal_id", "pk"):
        found.setdefault(one.deal_id, []).append(one)
    return found


def _take(step: Step, stays: list[Stay]) -> None:
    """Carry a move over into the stays of its deal."""
    deal = step.deal
    if not stays:  # it began before stays were kept
        stays.append(Stay(deal=deal, stage=step.before, from_at=step.since))
    last = stays[-1]
    last.to_at = max(step.at, last.from_at)
    last.days = days_between(last.from_at, last.to_at)
    last.next_stage = step.after
    before = next((one for one in reversed(stays) if one.stage == step.after), None)
    if before is not None:
        before.again_at = last.to_at
    stays.append(Stay(deal=deal, stage=step.after, from_at=last.to_at))


def _store(changed: list[Stay], begun: list[Stay]) -> None:
    # An upsert by key, as deals are stored: CASE expressions of a bulk_update take ten times as long.
    Stay.objects.bulk_create(
        changed,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["to_at", "days", "next_stage", "again_at"],
    )
    Stay.objects.bulk_create(begun, batch_size=BATCH)
