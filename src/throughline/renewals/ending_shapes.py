"""What was decided, what runs without agreement and what is taken down, as JSON."""

from typing import Any

from throughline.renewals.courses import Following
from throughline.renewals.lapse import Running
from throughline.renewals.models import Course, LapseToken
from throughline.renewals.offboarding import CheckList
from throughline.renewals.repoint import Patch
from throughline.sales.shapes import iso


def course_shape(course: Course, following: Following | None = None) -> dict[str, Any]:
    """Return what was decided about an engagement's end, and how the next term follows."""
    return {
        "engagement": course.engagement_id,
        "course": course.kind,
        "end_on": iso(course.end_on),
        "why": course.why or None,
        "successor": course.successor.reference if course.successor else None,
        "awaited": course.awaited or None if course.successor is None else None,
        "amendment": course.amendment.title if course.amendment else None,
        "hubs_that_end": course.hubs_that_end,
        "by": course.by,
        "at": iso(course.at),
        "following": None if following is None else following_shape(following),
    }


def following_shape(following: Following) -> dict[str, Any]:
    """Return how a successor's term follows; null is not known."""
    return {
        "deal": following.deal.reference,
        "start_on": iso(following.deal.start_on),
        "end_on": iso(following.deal.end_on),
        "executed": following.is_executed,
        "executed_on": iso(following.executed_on),
        "gap_days": following.gap_days,
        "overlap_days": following.overlap_days,
    }


def running_shape(one: Running) -> dict[str, Any]:
    """Return something that runs without an agreement in force."""
    return {
        "subject": one.subject,
        "state": one.kind.value,
        "deal": one.deal.reference if one.deal else None,
        "name": one.name,
        "hubs": list(one.hubs),
        "since_on": iso(one.since_on),
        "days": one.days,
        "kept_until_on": iso(one.kept_until_on),
        "decide_on": iso(one.decide_on),
        "must_be_decided": one.must_be_decided,
        "decommission_on": iso(one.plan.planned_on) if one.plan else None,
        "tokens": [token_shape(token) for token in one.tokens],
        "ball": one.ball,
        "remedy": one.remedy,
    }


def token_shape(token: LapseToken) -> dict[str, Any]:
    """Return a leave to run on without an agreement."""
    return {
        "subject": token.subject,
        "from_on": iso(token.from_on),
        "until_on": iso(token.until_on),
        "why": token.why,
        "by": token.by,
    }


def check_list_shape(one: CheckList) -> dict[str, Any]:
    """Return the check list of an offboarding. The final cost is not in it: it is money."""
    return {
        "deal": one.deal.reference,
        "end_on": iso(one.deal.end_on),
        "hubs": one.offboarding.hubs,
        "clusters": one.offboarding.clusters,
        "final_users": one.offboarding.final_users,
        "keep_until_on": iso(one.keep_until_on),
        "others": [other.number for other in one.others],
        "over": one.is_over,
        "steps": [
            {
                "code": line.code.value,
                "title": line.label,
                "done": line.is_done,
                "how": line.how,
                "by": line.by or None,
                "ball": line.ball or None,
                "waits_for": line.waits_for or None,
            }
            for line in one.lines
        ],
    }


def patch_shape(patch: Patch) -> dict[str, Any]:
    """Return a patch for the infrastructure repository."""
    return {
        "old": patch.old,
        "new": patch.new,
        "files": list(patch.files),
        "missing": list(patch.missing),
        "patch": patch.text,
    }
