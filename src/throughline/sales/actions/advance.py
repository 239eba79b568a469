"""Moving a deal from stage to stage."""

from datetime import datetime

from django.db import transaction

from throughline.capacity.actions.holds import release
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.conflicts import check_stage_unchanged
from throughline.sales.actions.exceptions import reopened_at, revert_exceptions
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.staying import Step, keep_steps
from throughline.sales.gates.gate import Gate, judge, target_stage
from throughline.sales.models import Deal, SponsorWork
from throughline.sales.ownership import check_deal_is_ours
from throughline.sales.queries import facts_of
from throughline.sales.words import WorkKind


class StageRefused(Refused):
    """A deal may not enter a stage; `gate` lists all that is in the way."""

    def __init__(self, message: str, gate: Gate) -> None:
        super().__init__(message, remedy=" ".join(f"{c.code}: {c.remedy}" for c in gate.in_the_way))
        self.gate = gate


@transaction.atomic
def advance_deal(
    deal_id: int, *, to: str, playbook: Playbook, by: str, at: datetime, seen: int | None = None
) -> Deal:
    """Move a deal to a stage, and write down who moved it and what was judged.

    Moving back needs no gate, and closes what was open as an exception. Entering Contract Admin
    asks the Sponsor to collect signatures and to prepare invoicing. `seen` is the newest entry of
    the journal that the person knew of; None compares nothing.

    Raises:
        Conflict: somebody has moved the deal since.
        OwnedElsewhere: the playbook leaves the stage to HubSpot, which is connected.
        StageRefused: a gate between here and there is closed.
        Refused: there is no such stage, or the deal is in it.
    """
    deal = locked_deal(deal_id)
    facts = facts_of(deal, on=day_in_zone(at, playbook.organisation.zone))
    stage = target_stage(facts, to, playbook=playbook)
    check_stage_unchanged(deal, stage.code, seen=seen, playbook=playbook)
    if stage.code == deal.stage:
        raise Refused(f"{deal} is in {stage.name} already.", remedy="Name another stage.")
    check_deal_is_ours(deal, "stage", playbook=playbook)
    gate = judge(facts, to=stage, playbook=playbook, at=at)
    if not gate.is_open:
        raise StageRefused(f"{deal} is not ready for {stage.name}.", gate)
    before, since = deal.stage, deal.stage_since
    deal.reopened_at = reopened_at(deal, stage.code, playbook=playbook, at=at)
    deal.stage, deal.stage_since = stage.code, at
    deal.save(update_fields=["stage", "stage_since", "reopened_at"])
    keep_steps([Step(deal, before, since, deal.stage, at)])
    record(
        "sales.deal.advanced" if gate.conditions else "sales.deal.moved_back",
        deal,
        by=by,
        at=at,
        before=before,
        after=stage.code,
        waived=[one.code for one in gate.conditions if one.status == "waived"],
        playbook=playbook.sha256,
    )
    if not gate.conditions:
        revert_exceptions(deal, by=by, at=at)
    if stage.kind == "lost":
        release(deal.subject, why="the deal is lost", by=by, at=at)
    if any(one.stage == "contract_admin" for one in gate.conditions):
        ask_sponsor(deal, WorkKind.SIGNATURES, question="", by=by, at=at)
        ask_sponsor(deal, WorkKind.INVOICING, question="", by=by, at=at)
    return deal


def ask_sponsor(deal: Deal, kind: WorkKind, *, question: str, by: str, at: datetime) -> SponsorWork:
    """Put work on the Sponsor's desk, once for each kind; what is there already stays."""
    work, created = SponsorWork.objects.get_or_create(
        deal=deal, kind=kind, defaults={"asked_at": at, "asked_by": by, "question": question}
    )
    if created:
        record("sales.sponsor.asked", deal, by=by, at=at, kind=kind, question=question)
    return work
