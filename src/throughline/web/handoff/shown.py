"""A plan, a ledger and receipts as the page shows them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib import messages

from throughline.handoff.actions.applying import Applied
from throughline.handoff.actions.deciding import rule_for
from throughline.handoff.approvals import MAKES, differences_of
from throughline.handoff.ledger import Ledger, LedgerLine
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.plans import HandoffPlan
from throughline.handoff.private import fields_for, text_for
from throughline.handoff.queries import fields_as_text
from throughline.handoff.wanted import Change
from throughline.handoff.words import OutcomeState, PlanState, Verb
from throughline.web.handoff.forms import FieldForm
from throughline.web.sales.forms import StepForm

WORDS: Final = {"to_be_sent": "To be sent"}
SYSTEMS: Final = {
    "github": "GitHub",
    "airtable": "Airtable",
    "hubspot": "HubSpot",
    "sheets": "Google Sheets",
}
MONEY_FIELDS: Final = ("amount", "mrr", "arr", "ceiling", "price", "deal.extra.")
KINDS: Final = {  # how a key begins: what to call one and many
    "delivery.project": ("project", "projects"),
    "delivery.deliverable": ("deliverable", "deliverables"),
    "delivery.service": ("service", "services"),
    "capacity.bookings": ("set of bookings", "sets of bookings"),
    "github.label": ("GitHub label", "GitHub labels"),
    "github.issue": ("GitHub issue", "GitHub issues"),
    "github.reopened": ("issue that is open again", "issues that are open again"),
    "github.sub-issue": ("link between GitHub issues", "links between GitHub issues"),
    "github.card": ("card on the board", "cards on the board"),
    "github.card-fields": ("card's fields", "cards' fields"),
    "airtable.engagement": ("Airtable engagement", "Airtable engagements"),
    "airtable.project": ("Airtable project", "Airtable projects"),
    "airtable.deliverable": ("Airtable deliverable", "Airtable deliverables"),
    "hubspot.stage": ("HubSpot stage", "HubSpot stages"),
    "hubspot.deal": ("HubSpot deal", "HubSpot deals"),
    "hubspot.community": ("HubSpot community", "HubSpot communities"),
    "hubspot.community-link": ("HubSpot association", "HubSpot associations"),
    "workbook.columns": ("billing column group", "billing column groups"),
    "workbook.month": ("month of billing cells", "months of billing cells"),
    "sheets.columns": ("column group in Google Sheets", "column groups in Google Sheets"),
    "sheets.month": ("month of cells in Google Sheets", "months of cells in Google Sheets"),
    "renewals.ladder": ("renewal ladder", "renewal ladders"),
    "mail.welcome": ("welcome mail", "welcome mails"),
    "mail.accepted": ("acceptance mail", "acceptance mails"),
}


def shown_plan(plan: HandoffPlan, *, sees_money: bool) -> dict[str, Any]:
    """Return the plan's lines in groups: what would be made, what waits, what is there already."""
    return {
        "is_empty": not plan.changes,
        "summary": _summary(plan),
        "changes": [_line(one, sees_money=sees_money) for one in plan.changes],
        "waiting": [
            _line(one, sees_money=sees_money)
            | {"remedy": text_for(one.outcome, one.remedy, sees_money=sees_money)}
            for one in plan.waiting
        ],
        "kept": [_line(one, sees_money=sees_money) for one in plan.lines if one.verb == Verb.KEEP],
    }


def _line(change: Change, *, sees_money: bool) -> dict[str, Any]:
    was = fields_for(change.outcome, change.before, sees_money=sees_money)
    before = fields_as_text(was) if change.verb == Verb.UPDATE and was else ""
    return {
        "verb": change.verb.value,
        "system": change.system,
        "summary": change.summary,
        "content": text_for(change.outcome, change.preview, sees_money=sees_money),
        "before": before,
    }


def shown_stored(stored: Plan, plan: HandoffPlan) -> dict[str, Any]:
    """Return a stored plan with what would be done otherwise by now."""
    return {
        "plan": stored,
        "is_approved": stored.state == PlanState.APPROVED,
        "lines": sum(line["verb"] in MAKES for line in stored.lines),
        "differences": differences_of(stored, plan.lines),
    }


def shown_stale(stored: Plan | None) -> dict[str, Any] | None:
    """Return an approved plan that was found stale, with why; None where the newest is none."""
    if stored is None or stored.state != PlanState.STALE or not stored.decided_by:
        return None
    return {"plan": stored, "differences": stored.differences}


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


def shown_ledger(
    ledger: Ledger, *, sees_money: bool, tried: StepForm | None = None
) -> dict[str, Any]:
    """Return where every field went; values that are money only to those who see money."""
    groups = [
        {
            "disposition": standing,
            "word": WORDS.get(standing, ""),
            "lines": [
                _field(line, sees_money=sees_money, place=place, tried=tried)
                for place, line in enumerate(ledger.lines)
                if line.standing == standing
            ],
        }
        for standing in ("missing", "to_be_sent", "sent", "linked", "not_needed")
    ]
    settled = len(ledger.lines) - len(ledger.missing)
    return {"groups": groups, "total": len(ledger.lines), "settled": settled,
            "missing": len(ledger.missing)}  # fmt: skip


def _field(
    line: LedgerLine, *, sees_money: bool, place: int, tried: StepForm | None
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "field": line.field,
        "value": line.value if sees_money or not _is_money(line.field) else "hidden",
        "to": line.to,
        "why": line.why,
        "by": line.by,
    }
    if line.disposition == "missing":
        is_tried = isinstance(tried, FieldForm) and tried.data.get("field") == line.field
        initial = {"field": line.field}
        form = tried if is_tried else FieldForm(initial=initial, auto_id=f"id_field_{place}_%s")
        shown |= {"form": form, "rule": rule_for(line.field)}
    return shown


def _is_money(field: str) -> bool:
    return any(word in field for word in MONEY_FIELDS)


def address_of(row: Outcome) -> str:
    """Return where what a receipt proves can be opened; "" where nothing can."""
    receipt = row.receipt or {}
    return str(receipt.get("address") or receipt.get("url") or "")


def shown_receipts(rows: Iterable[Outcome], *, sees_money: bool) -> list[dict[str, Any]]:
    """Return what was done: the proof where there is one, else what is known."""
    return [
        {
            "system": row.system,
            "summary": row.summary,
            "state": row.state,
            "external_id": (row.receipt or {}).get("id", ""),
            "url": address_of(row),
            "at": row.receipt_at,
            "message": text_for(row.key, row.remedy, sees_money=sees_money),
        }
        for row in rows
    ]


def how_it_went(applied: Applied, at: datetime) -> tuple[int, str]:
    """Return level and text of the message after an apply; `at` is when it was done."""
    level, text = _how_rows_went(applied.rows, at)
    if not applied.left_to:
        return level, text
    others = ", ".join(SYSTEMS.get(name, name) for name in applied.left_to)
    made = f"{text} " if applied.rows else ""
    return (
        level,
        f"{made}Approved by name: a worker goes on with {others}; its lines say how it goes.",
    )


def _how_rows_went(rows: Sequence[Outcome], at: datetime) -> tuple[int, str]:
    states = Counter(row.state for row in rows)
    made = sum(row.state == OutcomeState.CONVERGED and row.receipt_at == at for row in rows)
    troubled = states[OutcomeState.FAILED] + states[OutcomeState.UNKNOWN]
    waiting = states[OutcomeState.WAITING]
    parts = [f"{made} made true" if made else "No changes"]
    if waiting:
        parts.append(f"{waiting} {'waits' if waiting == 1 else 'wait'} for a person")
    if troubled:
        parts.append(f"{troubled} failed or are unknown: see the receipts")
    return (messages.ERROR if troubled else messages.SUCCESS), "; ".join(parts) + "."
