"""Engagements and deliverables as JSON: the command line and the REST API say the same."""

from typing import Any

from throughline.delivery.checklists import checklist_shape
from throughline.delivery.models import (
    ChampionQuestion,
    Deliverable,
    Engagement,
    EngagementCluster,
    Evidence,
    HandoffReturn,
)
from throughline.delivery.value import Value
from throughline.delivery.words import DeliverableState
from throughline.playbook.model import Verifying
from throughline.sales.shapes import iso


def engagement_shape(engagement: Engagement) -> dict[str, Any]:
    """Return an engagement as JSON; it comes from `queries.engagements`."""
    deal = engagement.deal
    return {
        "engagement": engagement.number,
        "deal": deal.reference,
        "name": deal.name,
        "community": deal.community.short_name if deal.community else None,
        "community_id": deal.community.community_id if deal.community else None,
        "origin": engagement.origin,
        "opened_at": iso(engagement.opened_at),
        "opened_by": engagement.opened_by,
        "health": engagement.health,
        "health_why": engagement.health_why or None,
        "health_at": iso(engagement.health_at),  # null: nobody has said anything yet
        "accepted_by": engagement.accepted_by or None,
        "accepted_at": iso(engagement.accepted_at),
        "start_on": iso(deal.start_on),
        "end_on": iso(deal.end_on),
        "is_ending": engagement.is_ending,
    }


def engagement_in_full_shape(engagement: Engagement) -> dict[str, Any]:
    """Return an engagement with all its parts; it comes from `queries.engagement_in_full`."""
    return engagement_shape(engagement) | {
        "projects": [
            {
                "code": project.code,
                "title": project.title,
                "kind": project.kind,
                "lead": project.lead or None,
                "deliverables": [deliverable_shape(one) for one in project.deliverables.all()],
            }
            for project in engagement.projects.all()
        ],
        "services": [
            {"code": one.code, "title": one.title, "rhythm": one.rhythm}
            for one in engagement.services.all()
        ],
        "clusters": [_cluster_shape(link) for link in engagement.on_clusters.all()],
    }


def deliverable_shape(deliverable: Deliverable) -> dict[str, Any]:
    """Return a deliverable with its evidence, as it was found, and BD's verdict.

    It comes with `project` selected, `evidence` prefetched, and from `with_checklists`.
    """
    return checklist_shape(deliverable) | {
        "number": deliverable.pk,
        "engagement": deliverable.project.engagement_id,
        "project": deliverable.project.code,
        "code": deliverable.code,
        "title": deliverable.title,
        "promise": deliverable.promise or None,  # null: it serves none
        "definition_of_done": deliverable.definition_of_done,
        "wanted_evidence": deliverable.wanted_evidence,
        "due_on": iso(deliverable.due_on),
        "low_h": None if deliverable.low_h is None else float(deliverable.low_h),
        "high_h": None if deliverable.high_h is None else float(deliverable.high_h),
        "state": deliverable.state,
        "done_by": deliverable.done_by or None,
        "done_at": iso(deliverable.done_at),
        "verdict": _verdict(deliverable),
        "evidence": [
            evidence_shape(one)
            for one in sorted(deliverable.evidence.all(), key=lambda one: (one.at, one.pk))
        ],
    }


def evidence_shape(evidence: Evidence) -> dict[str, Any]:
    """Return what one look for evidence found."""
    return {
        "kind": evidence.kind,
        "state": evidence.state,
        "text": evidence.text,
        "link": evidence.link or None,
        "file": _file_shape(evidence),
        "at": iso(evidence.at),
        "by": evidence.by,
    }


def _file_shape(evidence: Evidence) -> dict[str, Any] | None:
    document = evidence.document
    if document is None:
        return None
    return {"name": document.name, "sha256": document.sha256, "bytes": document.size}


def _verdict(deliverable: Deliverable) -> dict[str, Any] | None:
    """Return the verdict that holds: none while the work waits for one, again or for the first."""
    if deliverable.state not in {DeliverableState.VERIFIED, DeliverableState.RETURNED}:
        return None
    return {
        "verdict": deliverable.state,
        "by": deliverable.verdict_by,
        "at": iso(deliverable.verdict_at),
        "why": deliverable.verdict_why or None,
    }


def _cluster_shape(link: EngagementCluster) -> dict[str, Any]:
    cluster = link.cluster
    return {
        "name": cluster.name,
        "provider": cluster.provider,
        "account": cluster.account.identifier if cluster.account else None,
        "region": cluster.region or None,
        "paid_by": cluster.paid_by,
        "deal_id": cluster.deal_id or None,
        "budget_alert": cluster.budget_alert,
        "hubs": [
            {"name": hub.name, "domain": hub.domain or None}
            for hub in sorted(cluster.hubs.all(), key=lambda hub: hub.name)
        ],
    }


def return_shape(one: HandoffReturn) -> dict[str, Any]:
    """Return a line that PS returned, and what BD answered."""
    return {
        "return": one.pk,
        "engagement": one.engagement_id,
        "line": one.line,
        "line_text": one.line_text,
        "why": one.why,
        "by": one.by,
        "at": iso(one.at),
        "answer": one.answer or None,
        "answered_by": one.answered_by or None,
        "answered_at": iso(one.answered_at),
    }


def question_shape(asked: ChampionQuestion) -> dict[str, Any]:
    """Return what somebody of the community was asked, and what they said."""
    return {
        "question": asked.pk,
        "deliverable": asked.deliverable_id,
        "name": asked.name,
        "text": asked.text or None,
        "asked_by": asked.asked_by,
        "asked_at": iso(asked.asked_at),
        "reminders": asked.round,
        "answer": asked.answer,
        "answer_text": asked.answer_text or None,
        "answered_at": iso(asked.answered_at),
    }


def value_shape(value: Value, rules: Verifying) -> dict[str, Any]:
    """Return what the use of an engagement's hubs says."""
    last = value.last
    return {
        "hubs": list(value.hubs),
        "sources": list(value.sources),
        "ordered_on": iso(value.ordered_on),
        "first_value_on": iso(value.first_on),
        "time_to_first_value_days": value.days,
        "representative_on": iso(value.representative_on),
        "people": last.people if last else None,
        "people_to": iso(last.to_on) if last else None,
        "is_known": last.is_known if last else False,
        "is_lost": value.is_lost(rules),
        "unknown_because": value.unknown_because or None,
    }
