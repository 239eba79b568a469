"""Whether the GitHub issues of deliverables are closed as completed."""

from collections.abc import Callable
from datetime import datetime

from throughline.connectors.github.answers import Issue
from throughline.connectors.github.client import GitHub
from throughline.delivery.models import Engagement, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.handoff.outside.github import issue_numbers
from throughline.intake.evidence.looks import Look, keep, wanting
from throughline.kernel.errors import Permanent, Transient

ConnectGitHub = Callable[[], GitHub | None]

NOT_CONNECTED = "GitHub is not connected: an administrator sets THROUGHLINE_GITHUB_REPOSITORY."


def collect_issues(
    engagement: Engagement, *, connect: ConnectGitHub, by: str, at: datetime
) -> list[Evidence]:
    """Look whether the issues of an engagement's deliverables are closed, and keep what is new.

    Where GitHub is not connected, nobody can look: that says nothing about the work.
    """
    found = wanting(engagement, EvidenceKind.ISSUE_CLOSED)
    if not found:
        return []
    github = connect()
    if github is None:
        unseen = [Look(EvidenceState.UNAVAILABLE, NOT_CONNECTED)]
        return keep(found, EvidenceKind.ISSUE_CLOSED, unseen, by=by, at=at)
    numbers = issue_numbers(engagement)
    with github:
        looks = {
            one.pk: _look_at_issue(numbers.get((one.project.code, one.code)), github)
            for one in found
        }
    return [
        kept
        for one in found
        for kept in keep([one], EvidenceKind.ISSUE_CLOSED, [looks[one.pk]], by=by, at=at)
    ]


def _look_at_issue(number: int | None, github: GitHub) -> Look:
    """Return whether an issue is closed as completed; what was given up is not done."""
    if number is None:
        return Look(EvidenceState.ABSENT, "It has no issue yet: apply the handoff.")
    name = f"{github.repository}#{number}"
    try:
        issue = github.issue(number)
    except (Transient, Permanent) as error:
        return Look(EvidenceState.UNAVAILABLE, f"{name} could not be looked at: {error}")
    return _look_of(name, issue)


def _look_of(name: str, issue: Issue) -> Look:
    who = ", ".join(one.login for one in issue.assignees)
    if issue.state == "open":
        text = f"{name} is open, with {who}." if who else f"{name} is open, with nobody."
        return Look(EvidenceState.ABSENT, text, issue.html_url)
    if issue.state_reason in {"not_planned", "duplicate"}:
        reason = issue.state_reason.replace("_", " ")
        text = f"{name} is closed as {reason}: nothing says that it was done."
        return Look(EvidenceState.ABSENT, text, issue.html_url)
    on = f" on {issue.closed_at:%-d %B %Y}" if issue.closed_at else ""
    return Look(EvidenceState.FOUND, f"{name} was closed as completed{on}.", issue.html_url)
