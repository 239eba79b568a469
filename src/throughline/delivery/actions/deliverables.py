"""A deliverable from the promise to BD's verdict."""

from datetime import datetime

from django.db import transaction

from throughline.delivery.actions.proofs import ProofFile, keep_evidence
from throughline.delivery.actions.ticking import put_ticks
from throughline.delivery.actions.verdicts import require_reason_against_champion, write_verdict
from throughline.delivery.checklists import points_of
from throughline.delivery.gates import done_gate
from throughline.delivery.load import free_when_done
from throughline.delivery.models import Deliverable, Evidence
from throughline.delivery.queries import NoSuchDeliverable
from throughline.delivery.words import DeliverableState, EvidenceKind, EvidenceState
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_four_eyes, require_hat


def _locked(pk: int) -> Deliverable:
    found = Deliverable.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NoSuchDeliverable(
            f"There is no deliverable {pk}.", remedy="See `throughline deliverable list`."
        )
    return found


@transaction.atomic
def mark_done(
    pk: int, *, evidence: str, link: str, file: ProofFile | None = None, by: str, at: datetime
) -> Deliverable:
    """Have PS say that a deliverable is done; what shows it becomes a dated fact.

    Who says so says it of every point of its definition of done that nobody has ticked.

    Raises:
        Refused: it is verified already or taken out, something that it needs is not done, link or
            file cannot be kept, or the person is not of PS.
    """
    deliverable = _locked(pk)
    require_hat(by, any_of=["PS", "Admin"], to="say that a deliverable is done")
    if deliverable.state == DeliverableState.VERIFIED:
        raise Refused(
            f"{deliverable.verdict_by} has verified this already.", remedy="Nothing is left to do."
        )
    if in_the_way := done_gate(deliverable):
        raise Refused(in_the_way[0].message, remedy=in_the_way[0].remedy)
    before = deliverable.state
    open_points = [one.text for one in points_of(deliverable) if not one.is_ticked]
    put_ticks(deliverable, open_points, by=by, at=at)
    deliverable.state, deliverable.done_by, deliverable.done_at = DeliverableState.DONE, by, at
    deliverable.save(update_fields=["state", "done_by", "done_at"])
    free_when_done(deliverable, by=by, at=at)
    if evidence or link or file:
        keep_evidence(deliverable, text=evidence, link=link, file=file, by=by, at=at)
    record("delivery.deliverable.done", deliverable, by=by, at=at, before=before, evidence=evidence)
    return deliverable


@transaction.atomic
def give_evidence(
    pk: int, *, text: str, link: str, file: ProofFile | None = None, by: str, at: datetime
) -> Evidence:
    """Keep what a person brings to show that a deliverable is done, under their name.

    It changes no state and no verdict.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: nothing is brought, the link is none, the file may not be stored, an amendment
            took the deliverable out, or the person is of neither PS nor BD.
    """
    deliverable = _locked(pk)
    require_hat(by, any_of=["PS", "BD", "Admin"], to="give evidence")
    if deliverable.state == DeliverableState.DROPPED:
        raise Refused(
            f"An amendment took “{deliverable.title}” out.", remedy="Nothing is left to show."
        )
    if not (text.strip() or link.strip() or file):
        raise Refused("What shows it?", remedy="Say it in words, give a link, or upload a file.")
    made = keep_evidence(deliverable, text=text, link=link, file=file, by=by, at=at)
    record(
        "delivery.evidence.given", deliverable, by=by, at=at, text=made.text, link=made.link,
        file=made.document.name if made.document else "",
    )  # fmt: skip
    return made


def add_evidence(
    deliverable: Deliverable,
    kind: EvidenceKind,
    *,
    text: str,
    link: str = "",
    state: EvidenceState = EvidenceState.FOUND,
    by: str,
    at: datetime,
) -> Evidence:
    """Keep what a look for evidence found, with its date and source."""
    return Evidence.objects.create(
        deliverable=deliverable, kind=kind, state=state, text=text, link=link, at=at, by=by
    )


@transaction.atomic
def verify_deliverable(pk: int, *, why: str = "", by: str, at: datetime) -> Deliverable:
    """Give BD's verdict that a deliverable is what was promised.

    Evidence that is missing or could not be had hinders nobody: the verdict says what it rested on.

    Raises:
        Refused: PS has not said that it is done, one person would do both, they are not of BD, or
            the community said "not yet" and no reason is given.
    """
    deliverable = _locked(pk)
    require_hat(by, any_of=["BD", "Admin"], to="verify a deliverable")
    if deliverable.state == DeliverableState.VERIFIED:
        raise Refused(
            f"{deliverable.verdict_by} has verified this already.", remedy="Nothing is left to do."
        )
    if deliverable.state != DeliverableState.DONE:
        raise Refused(
            f"PS has not said that “{deliverable.title}” is done.",
            remedy="PS marks it done first: `throughline deliverable done`.",
        )
    require_four_eyes(deliverable.done_by, by, what="Verification")
    require_reason_against_champion(deliverable, why)
    return _judge(deliverable, DeliverableState.VERIFIED, why=why.strip(), by=by, at=at)


@transaction.atomic
def return_deliverable(pk: int, *, why: str, by: str, at: datetime) -> Deliverable:
    """Give BD's verdict "not yet, because …": the work is PS's again.

    Raises:
        Refused: no reason is given, or nobody has said that it is done.
    """
    deliverable = _locked(pk)
    require_hat(by, any_of=["BD", "Admin"], to="return a deliverable")
    if not why.strip():
        raise Refused("“Not yet” needs a reason.", remedy="Say what is missing.")
    if deliverable.state in {DeliverableState.PLANNED, DeliverableState.DROPPED}:
        raise Refused("PS has not said that it is done.", remedy="There is nothing to return.")
    return _judge(deliverable, DeliverableState.RETURNED, why=why.strip(), by=by, at=at)


def _judge(
    deliverable: Deliverable, state: DeliverableState, *, why: str, by: str, at: datetime
) -> Deliverable:
    before = deliverable.state
    deliverable.state, deliverable.verdict_why = state, why
    deliverable.verdict_by, deliverable.verdict_at = by, at
    deliverable.save(update_fields=["state", "verdict_why", "verdict_by", "verdict_at"])
    write_verdict(deliverable, by=by, at=at)
    record(
        "delivery.deliverable.judged", deliverable, by=by, at=at, before=before, after=state,
        why=why,
    )  # fmt: skip
    return deliverable
