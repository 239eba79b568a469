"""The promise ledger: clause or item, deliverable, issue, due date, evidence, verdict."""

from collections.abc import Mapping
from typing import Any

from throughline.communities.models import Contact
from throughline.delivery.checklists import hours_of, points_of, sum_hours, waits_for
from throughline.delivery.models import Deliverable, Engagement, Project
from throughline.delivery.words import DeliverableState, EvidenceKind, EvidenceState
from throughline.handoff.issues import IssueMade, issues_of
from throughline.web.delivery.forms import HoursForm, OwnerForm, ReplanForm
from throughline.web.delivery.lines import promise_line
from throughline.web.delivery.queue import verdict_forms
from throughline.web.moment import Moment

Issues = Mapping[tuple[str, str], IssueMade]
ISSUE_WORDS = {  # what the newest look says of an issue: status, word
    EvidenceState.FOUND: ("met", "closed as completed"),
    EvidenceState.ABSENT: ("wanted", "not completed"),
    EvidenceState.UNAVAILABLE: ("unavailable", "could not be looked at"),
}


def ledger_of(engagement: Engagement, now: Moment, people: list[Contact]) -> list[dict[str, Any]]:
    """Return the projects of an engagement with a line for each promise.

    `people` of the community can be asked about what is done. The engagement comes from
    `engagement_in_full`; one query more.
    """
    issues = issues_of(engagement)
    return [_project(one, issues, now, people) for one in engagement.projects.all()]


def _project(
    project: Project, issues: Issues, now: Moment, people: list[Contact]
) -> dict[str, Any]:
    every = list(project.deliverables.all())
    standing = [one for one in every if one.state != DeliverableState.DROPPED]
    return {
        "project": project,
        "issue": issues.get((project.code, "")),
        "lines": [_judged_line(one, issues, now, people) for one in standing],
        "dropped": [one for one in every if one.state == DeliverableState.DROPPED],
        "hours": sum_hours(standing),
    }


def _judged_line(
    one: Deliverable, issues: Issues, now: Moment, people: list[Contact]
) -> dict[str, Any]:
    forms = verdict_forms(one, people) if one.state == DeliverableState.DONE else {}
    return ledger_line(one, issues, now) | forms


def ledger_line(one: Deliverable, issues: Issues, now: Moment) -> dict[str, Any]:
    """Return a deliverable as the ledger shows it, with forms whose ids stay unique on a page."""
    return promise_line(one, on=now.on) | {
        "issue": issue_shown(one, issues.get((one.project.code, one.code))),
        "points": points_of(one),
        "hours": hours_of(one),
        "spent": plain(hours_of(one).spent_h),
        "waits_for": waits_for(one),
        "owner_form": OwnerForm(auto_id=f"id_{one.pk}_%s", initial={"owner": one.owner}),
        "hours_form": HoursForm(auto_id=f"id_{one.pk}_%s", initial={"on": now.on}),
        "replan_form": ReplanForm(auto_id=f"id_{one.pk}_%s", initial={"due_on": one.due_on}),
    }


def issue_shown(one: Deliverable, made: IssueMade | None) -> dict[str, Any] | None:
    """Return the issue of a deliverable with the state that the newest look read back."""
    if made is None:
        return None
    looks = [e for e in one.evidence.all() if e.kind == EvidenceKind.ISSUE_CLOSED]
    last = max(looks, key=lambda look: (look.at, look.pk), default=None)
    shown: dict[str, Any] = {"number": made.number, "address": made.address}
    if made.number is None:
        return shown | {"status": made.state, "word": "", "text": made.remedy, "at": None}
    if last is None:
        return shown | {"status": "unknown", "word": "not looked at yet", "text": "", "at": None}
    status, word = ISSUE_WORDS[EvidenceState(last.state)]
    return shown | {"status": status, "word": word, "text": last.text, "at": last.at}


def hours_words(projects: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the hours of all projects as a tile; an estimate only where there is one."""
    spent = sum(one["hours"].spent_h for one in projects)
    lows = [one["hours"].low_h for one in projects if one["hours"].low_h is not None]
    highs = [one["hours"].high_h for one in projects if one["hours"].high_h is not None]
    note = f"of {plain(sum(lows))}–{plain(sum(highs))} h estimated" if highs else "no estimate"
    over = bool(highs) and spent > sum(highs)
    return {
        "label": "Hours spent",
        "value": plain(spent),
        "note": note,
        "tone": "bad" if over else "",
    }


def plain(hours: Any) -> str:
    """Return hours without zeros that say nothing."""
    text = f"{hours:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
