"""What a person decides about a difference: adopt it, restore it, or let it be."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from throughline.delivery.actions.agreeing import agree_deliverable
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.models import Deliverable
from throughline.handoff.drift import find_outcome, stamp_of
from throughline.handoff.models import IgnoredDrift, Outcome
from throughline.handoff.passes import Terms, apply_handoff
from throughline.handoff.sides import GONE, Ours, deliverable_of, restored_with, sides_of
from throughline.handoff.wanted import Doing
from throughline.handoff.words import OutcomeState
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat
from throughline.playbook.model import Playbook

MINDS: Final = ["BD", "PS", "Admin"]
LONGEST: Final = timedelta(days=366)


@transaction.atomic
def adopt_outcome(key: str, *, by: str, at: datetime, stamp: str = "") -> Outcome:
    """Make what is there what is wanted: a deliverable gets the title or the due date it has there.

    The next look finds both sides alike. `stamp` names the two sides that the person saw.

    Raises:
        NoSuchOutcome: there is none with that key.
        Refused: it does not differ, differs otherwise by now, or in a field that cannot be adopted;
            delivery refuses the change.
    """
    row = _differing(key, stamp)
    require_hat(by, any_of=MINDS, to="adopt what others changed")
    differing = [side for side in sides_of(row) if side.differs]
    if lost := [side for side in differing if not side.ours]:
        fields = ", ".join(dict.fromkeys(side.field.replace("_", " ") for side in lost))
        raise Refused(
            GONE if row.seen is None else f"This cannot be adopted: {fields}.",
            remedy=" ".join(dict.fromkeys(side.why_not for side in lost)),
        )
    deliverable = deliverable_of(row)
    if deliverable is None:
        raise Refused("Its deliverable is gone.", remedy="Restore the deliverable first.")
    _adopt(deliverable, row, [side.ours for side in differing if side.ours], by=by, at=at)
    if row.state == OutcomeState.DRIFTED:
        _stand(row, OutcomeState.DRIFTED, f"{by} adopted what is there: the next look shows that.")
    record("handoff.drift.adopted", row.engagement, by=by, at=at, outcome=row.key,
           fields=[side.field for side in differing])  # fmt: skip
    return row


def _adopt(
    deliverable: Deliverable, row: Outcome, ours: Sequence[Ours], *, by: str, at: datetime
) -> None:
    """Change a deliverable as PS and BD would: its title, its due date, or that it is done."""
    changed = [one for one in ours if one.field != "state"]
    if changed:
        agree_deliverable(
            deliverable.pk,
            {one.field: one.after for one in changed},
            instead_of={one.field: one.before for one in changed},
            by=by,
            at=at,
        )
    if len(changed) < len(ours):
        address = str((row.receipt or {}).get("address", ""))
        said = f"It is done in {row.system}, and {by} adopted that."
        mark_done(deliverable.pk, evidence=said, link=address, by=by, at=at)


def restore_outcome(
    key: str, *, playbook: Playbook, holder: str, doing: Doing, stamp: str = ""
) -> Outcome:
    """Make one outcome true again, and only that; a deliverable brings its project back with it.

    Raises:
        NoSuchOutcome: there is none with that key.
        Leased: another worker is on the engagement.
        Refused: it does not differ, differs otherwise by now, or the person may not.
    """
    with transaction.atomic():
        row = _differing(key, stamp)
        require_hat(doing.by, any_of=MINDS, to="restore what others changed")
        _end_ignoring(row, by=doing.by, at=doing.at)
        record("handoff.drift.restored", row.engagement, by=doing.by, at=doing.at, outcome=row.key)
    apply_handoff(
        row.engagement,
        playbook=playbook,
        holder=holder,
        doing=doing,
        terms=Terms(only=frozenset(restored_with(row))),
    )
    row.refresh_from_db()
    return row


@transaction.atomic
def ignore_drift(
    key: str,
    why: str,
    until_on: date,
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
    stamp: str = "",
) -> IgnoredDrift:
    """Let an outcome differ as it does now until a day (included), for a reason.

    Raises:
        NoSuchOutcome: there is none with that key.
        Refused: it does not differ, differs otherwise by now, there is no reason, or the day is
            over or more than a year away.
    """
    row = _differing(key, stamp)
    require_hat(by, any_of=MINDS, to="ignore what others changed")
    on = day_in_zone(at, playbook.organisation.zone)
    if not why.strip():
        raise Refused("Why may it stay so?", remedy="Say it, for whoever looks next.")
    if not on <= until_on <= on + LONGEST:
        raise Refused(
            f"Until {until_on} is not possible.", remedy="Name a day from today to a year from now."
        )
    _end_ignoring(row, by=by, at=at)
    kept = IgnoredDrift.objects.create(
        outcome=row, seen=row.seen, why=why.strip()[:250], until_on=until_on, by=by, at=at
    )
    _stand(row, OutcomeState.WAITING, f"{by} lets it differ until {until_on}: {kept.why}")
    record("handoff.drift.ignored", row.engagement, by=by, at=at, outcome=row.key, why=kept.why,
           until=until_on)  # fmt: skip
    return kept


@transaction.atomic
def mind_drift(key: str, *, by: str, at: datetime) -> Outcome:
    """Stop ignoring: the outcome is drift again, for everybody.

    Raises:
        NoSuchOutcome: there is none with that key.
        Refused: nobody ignores it.
    """
    row = find_outcome(key)
    require_hat(by, any_of=MINDS, to="decide about drift")
    if not _end_ignoring(row, by=by, at=at):
        raise Refused("Nobody ignores this.", remedy="Nothing is left to do.")
    if row.state == OutcomeState.WAITING and row.seen != row.wanted:
        _stand(row, OutcomeState.DRIFTED, "It was true and is not any more.")
    record("handoff.drift.minded", row.engagement, by=by, at=at, outcome=row.key)
    return row


def _stand(row: Outcome, state: OutcomeState, remedy: str) -> None:
    row.state, row.remedy = state, remedy
    row.save(update_fields=["state", "remedy"])


def _end_ignoring(row: Outcome, *, by: str, at: datetime) -> int:
    return row.ignored.filter(ended_at=None).update(ended_by=by, ended_at=at)


def _differing(key: str, stamp: str) -> Outcome:
    """Return an outcome that differs, as the person saw it, locked.

    Raises:
        Refused: it does not differ, or differs otherwise by now.
    """
    row = find_outcome(key)
    Outcome.objects.select_for_update().get(pk=row.pk)  # who decides second sees the first
    row.refresh_from_db()
    if row.receipt is None or row.seen == row.wanted:
        raise Refused("Both sides say the same.", remedy="Nothing is left to do.")
    if stamp and stamp != stamp_of(row):
        raise Refused("It has changed since you looked.", remedy="Look at it as it is now.")
    return row
