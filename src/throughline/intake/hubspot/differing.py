"""Deals that stand elsewhere here than HubSpot last said: both sides, and who moved them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from throughline.handoff.words import OutcomeState
from throughline.intake.models import StageToTell
from throughline.journal.models import Entry
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal

MOVES_HERE = ("sales.deal.advanced", "sales.deal.moved_back")


def deals_moved_here(playbook: Playbook) -> list[Deal]:
    """Return the deals of HubSpot's without an engagement that a person moved here since; one query.

    What HubSpot moves is followed by each reading, so that a difference is always ours. A deal of
    an unmapped stage stands nowhere, and HubSpot is told nothing of it.
    """
    same = Q(stage="")
    for stage in playbook.stages:
        same |= Q(stage=stage.code, stage_elsewhere=stage.name)
    ours = Deal.objects.filter(hubspot_id__isnull=False, deleted_at=None, engagement=None)
    found = ours.exclude(same).exclude(stage_elsewhere="").order_by("pk")
    return [deal for deal in found if stands_elsewhere(deal, playbook)]


def stands_elsewhere(deal: Deal, playbook: Playbook) -> bool:
    """Return whether HubSpot last said another stage than the one that a deal has here."""
    if not (deal.stage and deal.hubspot_id and deal.stage_elsewhere):
        return False
    there = playbook.stage_named(deal.stage_elsewhere)
    return there is None or there.code != deal.stage


def who_moved(deals: Iterable[int]) -> dict[int, str]:
    """Return by deal who moved it here last; one query."""
    ids = [str(one) for one in deals]
    moves = Entry.objects.filter(
        subject_type=Deal._meta.label_lower, subject_id__in=ids, act__in=MOVES_HERE
    )
    return {int(one): by for one, by in moves.order_by("pk").values_list("subject_id", "by")}


@dataclass(frozen=True, slots=True)
class BothSides:
    """Where a deal stands here and in HubSpot, and what becomes of the difference."""

    here: str
    there: str  # as it was last read
    what_next: str


def both_sides(deal: Deal, playbook: Playbook) -> BothSides | None:
    """Return what differs between us and HubSpot of a deal's stage; None: nothing. One query then."""
    if deal.deleted_at is not None or not stands_elsewhere(deal, playbook):
        return None
    row = StageToTell.objects.filter(pk=deal.pk).exclude(state=OutcomeState.CONVERGED).first()
    if not (settings.HUBSPOT_CONNECTED and settings.HUBSPOT_WRITE):
        next_ = "HubSpot is not told: it may only be read. Move the deal there as well."
    elif hasattr(deal, "engagement"):
        next_ = "The handoff tells HubSpot, once its plan is applied."
    else:
        next_ = (row and row.remedy) or "HubSpot is told within minutes."
    return BothSides(playbook.stage(deal.stage).name, deal.stage_elsewhere, next_)
