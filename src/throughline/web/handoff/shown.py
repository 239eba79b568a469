"""A plan, a ledger and receipts as the page shows them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.contrib import messages

from throughline.handoff.ledger import Ledger
from throughline.handoff.models import Outcome
from throughline.handoff.plans import HandoffPlan
from throughline.handoff.queries import fields_as_text
from throughline.handoff.wanted import Change
from throughline.handoff.words import OutcomeState, Verb

MONEY_FIELDS: Final = ("amount", "mrr", "arr", "ceiling", "deal.extra.")
KINDS: Final = {  # how a key begins: what to call one and many
    "delivery.project": ("project", "projects"),
    "delivery.deliverable": ("deliverable", "deliverables"),
    "delivery.service": ("service", "services"),
    "workbook.columns": ("billing column group", "billing column groups"),
    "renewals.ladder": ("renewal ladder", "renewal ladders"),
    "mail.welcome": ("welcome mail", "welcome mails"),
    "mail.accepted": ("acceptance mail", "acceptance mails"),
}


def shown_plan(plan: HandoffPlan, contents: Mapping[str, str]) -> dict[str, Any]:
    """Return the plan's lines in groups: what would be made, what waits, what is there already."""
    return {
        "is_empty": not plan.changes,
        "summary": _summary(plan),
        "changes": [_line(one, contents) for one in plan.changes],
        "waiting": [_line(one, contents) | {"remedy": one.remedy} for one in plan.waiting],
        "kept": [_line(one, contents) for one in plan.lines if one.verb == Verb.KEEP],
    }


def _line(change: Change, contents: Mapping[str, str]) -> dict[str, Any]:
    before = fields_as_text(change.before) if change.verb == Verb.UPDATE and change.before else ""
    return {
        "verb": change.verb.value,
        "system": change.system,
        "summary": change.summary,
        "content": contents.get(change.outcome, ""),
        "before": before,
    }


def _summary(plan: HandoffPlan) -> list[tuple[str, str]]:
    """Return the plan in a few words: ("+", "2 projects"), ("~", "1 deliverable")."""
    counts = Counter((one.verb, one.outcome.partition(":")[0]) for one in plan.lines)
    found = []
    for verb in (Verb.CREATE, Verb.UPDATE, Verb.WAIT):
        for (has, kind), count in counts.items():
            if has == verb:
                one, many = KINDS.get(kind, (kind, kind))
                found.append((verb.value, f"{count} {one if count == 1 else many}"))
    return found


def shown_ledger(ledger: Ledger, *, sees_money: bool) -> dict[str, Any]:
    """Return where every field went; values that are money only to those who see money."""
    groups = []
    for disposition in ("missing", "sent", "linked", "not_needed"):
        lines = [
            {
                "field": one.field,
                "value": one.value if sees_money or not _is_money(one.field) else "hidden",
                "to": one.to,
                "why": one.why,
            }
            for one in ledger.lines
            if one.disposition == disposition
        ]
        groups.append({"disposition": disposition, "lines": lines})
    settled = len(ledger.lines) - len(ledger.missing)
    return {"groups": groups, "total": len(ledger.lines), "settled": settled,
            "missing": len(ledger.missing)}  # fmt: skip


def _is_money(field: str) -> bool:
    return any(word in field for word in MONEY_FIELDS)


def shown_receipts(rows: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return what was done: the proof where there is one, else what is known."""
    return [
        {
            "system": row.system,
            "summary": row.summary,
            "state": row.state,
            "external_id": (row.receipt or {}).get("id", ""),
            "url": (row.receipt or {}).get("url", ""),
            "at": row.receipt_at,
            "message": row.remedy,
        }
        for row in rows
    ]


def how_it_went(rows: Sequence[Outcome], changes: int) -> tuple[int, str]:
    """Return level and text of the message after an apply."""
    states = Counter(row.state for row in rows)
    troubled = states[OutcomeState.FAILED] + states[OutcomeState.UNKNOWN]
    waiting = states[OutcomeState.WAITING]
    made = f"{changes} to make, {changes - troubled} made" if changes else "No changes"
    parts = [made]
    if waiting:
        parts.append(f"{waiting} {'waits' if waiting == 1 else 'wait'} for a person")
    if troubled:
        parts.append(f"{troubled} failed or are unknown: see the receipts")
    return (messages.ERROR if troubled else messages.SUCCESS), "; ".join(parts) + "."
