"""Both sides of outcomes as the drift page shows them."""

from collections.abc import Iterable
from typing import Any

from throughline.handoff.drift import DRIFTED, IGNORED, SYNCED, UNSEEN, DriftLine
from throughline.handoff.private import text_for, value_for
from throughline.handoff.sides import Side
from throughline.web.handoff.forms import IgnoreForm
from throughline.web.handoff.shown import address_of
from throughline.web.sales.forms import StepForm

PILLS = {  # standing: the status of the design system, and its word
    SYNCED: ("converged", "Synced"),
    DRIFTED: ("drifted", "Drifted"),
    IGNORED: ("linked", "Ignored"),
    UNSEEN: ("unknown", "Could not look"),
}


def shown_drift(
    lines: Iterable[DriftLine], tried: StepForm | None = None, pk: int = 0, *, sees_money: bool
) -> dict[str, Any]:
    """Return the lines in groups: what differs, what may, what could not be seen, what is alike."""
    groups: dict[str, list[dict[str, Any]]] = {name: [] for name in PILLS}
    looks = []
    for line in lines:
        looks.append(line.outcome.seen_at)
        groups[line.standing].append(
            _shown(line, tried if line.outcome.pk == pk else None, sees_money)
        )
    return {
        "differing": groups[DRIFTED],
        "ignored": groups[IGNORED],
        "unseen": groups[UNSEEN],
        "synced": groups[SYNCED],
        "looked_at": min(filter(None, looks), default=None),
    }


def _shown(line: DriftLine, tried: StepForm | None, sees_money: bool) -> dict[str, Any]:  # noqa: FBT001 -- one of ours
    row = line.outcome

    def read(side: Side, value: Any) -> str:
        return in_words(value_for(row.key, side.field, value, sees_money=sees_money))

    status, word = PILLS[line.standing]
    return {
        "row": row,
        "url": address_of(row),
        "remedy": text_for(row.key, row.remedy, sees_money=sees_money),
        "status": status,
        "word": word,
        "is_gone": row.seen is None,
        "sides": [
            {
                "field": side.field.replace("_", " "),
                "wanted": read(side, side.wanted),
                "seen": read(side, side.seen),
            }
            for side in line.differing
        ],
        "can_adopt": line.can_adopt,
        "why_not": list(dict.fromkeys(side.why_not for side in line.differing if side.why_not)),
        "ignored": line.ignored,
        "stamp": line.stamp,
        "tried": tried,
        "ignore_form": tried
        if isinstance(tried, IgnoreForm)
        else IgnoreForm(auto_id=f"id_{row.pk}_%s"),
    }


def in_words(value: Any) -> str:
    """Return a value as people read it; nothing is said as such."""
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(in_words(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(
            f"{name.replace('_', ' ')}: {in_words(one)}" for name, one in value.items()
        )
    return str(value)
