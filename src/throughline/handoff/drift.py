"""Drift: what a handoff made true and is not true any more."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from throughline.delivery.models import Engagement
from throughline.handoff.ignoring import ignored_of
from throughline.handoff.models import IgnoredDrift, Outcome
from throughline.handoff.private import value_for
from throughline.handoff.queries import not_converged
from throughline.handoff.sides import Side, sides_of
from throughline.handoff.wanted import digest_of
from throughline.handoff.words import OutcomeState
from throughline.kernel.errors import NotThere

MADE = Q(receipt__isnull=False)
SYNCED, DRIFTED, IGNORED, UNSEEN = "synced", "drifted", "ignored", "unknown"


class NoSuchOutcome(NotThere):
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
    """Return what names the two sides of an outcome as they are now, and what was decided."""
    return digest_of([outcome.wanted, outcome.seen, outcome.state, outcome.remedy])[:16]


def made_outcomes() -> QuerySet[Outcome]:
    """Return the outcomes that were true once: the only ones that can drift."""
    return Outcome.objects.filter(MADE).order_by("pk")


def drifted_outcomes() -> QuerySet[Outcome]:
    """Return what differs in all handoffs, the latest seen first; what may differ is left out."""
    return (
        not_converged()
        .filter(MADE, state=OutcomeState.DRIFTED)
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


def drift_shape(line: DriftLine, *, with_money: bool) -> dict[str, Any]:
    """Return an outcome with both sides as JSON; without amounts to those who may not see them."""
    key = line.outcome.key

    def read(side: Side, value: Any) -> Any:
        return value_for(key, side.field, value, sees_money=with_money)

    ignored = line.ignored
    return {
        "outcome": key,
        "engagement": line.outcome.engagement_id,
        "system": line.outcome.system,
        "summary": line.outcome.summary,
        "standing": line.standing,
        "seen_at": line.outcome.seen_at,
        "can_adopt": line.can_adopt,
        "fields": [
            {"field": side.field, "wanted": read(side, side.wanted),
             "seen": read(side, side.seen),
             "can_adopt": bool(side.ours), "why_not": side.why_not or None}
            for side in line.differing
        ],
        "ignored": None
        if ignored is None
        else {"by": ignored.by, "why": ignored.why, "until_on": ignored.until_on},
    }  # fmt: skip
