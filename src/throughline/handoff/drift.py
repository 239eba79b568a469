"""Drift: what a handoff made true and is not true any more, and what a person decides about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from throughline.delivery.actions.agreeing import agree_deliverable
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.models import Deliverable, Engagement
from throughline.handoff.ignoring import ignored_of
from throughline.handoff.models import IgnoredDrift, Outcome
from throughline.handoff.passes import Terms, apply_handoff
from throughline.handoff.sides import GONE, Ours, Side, deliverable_of, restored_with, sides_of
from throughline.handoff.wanted import Doing, digest_of
from throughline.handoff.words import OutcomeState
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat
from throughline.playbook.model import Playbook

MINDS: Final = ["BD", "PS", "Admin"]
LONGEST: Final = timedelta(days=366)
SYNCED, DRIFTED, IGNORED, UNSEEN = "synced", "drifted", "ignored", "unknown"


class NoSuchOutcome(Refused):
    """Nothing goes by that key."""


@dataclass(frozen=True, slots=True)
class DriftLine:
    """One outcome that was made true once, with both sides."""

    outcome: Outcome
    standing: str  # "synced", "drifted", "ignored"; "unknown": the last look at it failed
    sides: tuple[Side, ...]
    ignored: IgnoredDrift | None = None

    @property
    def differing(self) -> tuple[Side, ...]:
        """The fields in which the two sides differ."""
        return tuple(side for side in self.sides if side.differs)

    @property
    def can_adopt(self) -> bool:
        """Whether what is there can become what is wanted, in every field that differs."""
        return bool(self.differing) and all(side.ours for side in self.differing)

    @property
    def stamp(self) -> str:
        """What was seen, so that nobody decides about something else than they saw."""
        return stamp_of(self.outcome)


def stamp_of(outcome: Outcome) -> str:
    """Return what names the two sides of an outcome as they are now."""
    return digest_of([outcome.wanted, outcome.seen])[:16]


def made_outcomes() -> QuerySet[Outcome]:
    """Return the outcomes that were true once: the only ones that can drift."""
    return Outcome.objects.filter(receipt__isnull=False).order_by("pk")


def drifted_outcomes() -> QuerySet[Outcome]:
    """Return what differs in all handoffs, the latest seen first; what may differ is left out."""
    return (
        made_outcomes()
        .filter(state=OutcomeState.DRIFTED)
        .select_related("engagement__deal__community")
        .order_by("-seen_at", "pk")
    )


def drift_of(engagement: Engagement, *, on: date) -> tuple[DriftLine, ...]:
    """Return every outcome that was made, with both sides as last seen; two queries."""
    ignored = ignored_of(engagement, on=on)
    return tuple(
        _line(row, ignored.get(row.key)) for row in made_outcomes().filter(engagement=engagement)
    )


def _line(row: Outcome, ignored: IgnoredDrift | None) -> DriftLine:
    if row.seen == row.wanted:
        standing = SYNCED if row.state == OutcomeState.CONVERGED else UNSEEN
        return DriftLine(row, standing, sides_of(row))
    return DriftLine(row, IGNORED if ignored else DRIFTED, sides_of(row), ignored)


def drifted(lines: tuple[DriftLine, ...]) -> tuple[DriftLine, ...]:
    """Return what differs and nobody lets be."""
    return tuple(line for line in lines if line.standing == DRIFTED)


def find_outcome(key: str) -> Outcome:
    """Return the outcome with a key.

    Raises:
        NoSuchOutcome: there is none.
    """
    found = Outcome.objects.select_related("engagement__deal").filter(key=key.strip()).first()
    if found is None:
        raise NoSuchOutcome(
            f"There is no outcome {key!r}.", remedy="See `throughline handoff drift`."
        )
    return found


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
    row = _differing(key, stamp)
    require_hat(doing.by, any_of=MINDS, to="restore what others changed")
    with transaction.atomic():
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
    """Return an outcome that differs, as the person saw it.

    Raises:
        Refused: it does not differ, or differs otherwise by now.
    """
    row = find_outcome(key)
    if row.receipt is None or row.seen == row.wanted:
        raise Refused("Both sides say the same.", remedy="Nothing is left to do.")
    if stamp and stamp != stamp_of(row):
        raise Refused("It has changed since you looked.", remedy="Look at it as it is now.")
    return row


def drift_shape(line: DriftLine) -> dict[str, Any]:
    """Return an outcome with both sides as JSON."""
    ignored = line.ignored
    return {
        "outcome": line.outcome.key,
        "engagement": line.outcome.engagement_id,
        "system": line.outcome.system,
        "summary": line.outcome.summary,
        "standing": line.standing,
        "seen_at": line.outcome.seen_at,
        "can_adopt": line.can_adopt,
        "fields": [
            {"field": side.field, "wanted": side.wanted, "seen": side.seen,
             "can_adopt": bool(side.ours), "why_not": side.why_not or None}
            for side in line.differing
        ],
        "ignored": None
        if ignored is None
        else {"by": ignored.by, "why": ignored.why, "until_on": ignored.until_on},
    }  # fmt: skip
