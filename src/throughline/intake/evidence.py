"""Looking for facts that show a deliverable is done: in hubs, the workbook, cluster files, GitHub.

A look that cannot be made is *unavailable*: that is not the same as *absent*.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zipfile import BadZipFile

from django.conf import settings
from django.db import transaction
from openpyxl.utils.exceptions import InvalidFileException

from throughline.billing.workbook import group_name, read_groups
from throughline.connectors.github.answers import Issue
from throughline.connectors.github.client import GitHub
from throughline.connectors.http import NotSendable
from throughline.connectors.hub.client import JupyterHub, connect
from throughline.delivery.actions.deliverables import add_evidence
from throughline.delivery.models import Deliverable, Engagement, Evidence
from throughline.delivery.queries import deliverables_of
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.handoff.outside.github import client_from_settings, issue_numbers
from throughline.infrastructure.models import Cluster, Hub
from throughline.kernel.errors import Permanent, Refused, Transient

Connect = Callable[[str], JupyterHub]
ConnectGitHub = Callable[[], GitHub | None]

NOT_ASKED = "not asked: THROUGHLINE_HUB_CHECKS is off"
NO_CLUSTER = (
    "No cluster serves this engagement: name its deal in the cluster's file, and import it."
)
UNREADABLE = (Refused, OSError, BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found."""

    state: EvidenceState
    text: str
    link: str = ""


def hub_connections() -> Connect | None:
    """Return how hubs are asked; None where the settings say that they are not."""
    return connect if settings.HUB_CHECKS else None


def collect_evidence(
    engagement: Engagement,
    *,
    connect: Connect | None,
    by: str,
    at: datetime,
    connect_github: ConnectGitHub = client_from_settings,
) -> list[Evidence]:
    """Look for all evidence that can be had without a person, and return what is new.

    `connect` opens a hub by its domain; with None no hub is asked, and the evidence says so.
    `connect_github` opens the repository of the issues; None where GitHub is not connected.
    """
    return [
        *collect_issues(engagement, connect=connect_github, by=by, at=at),
        *collect_hub_answers(engagement, connect=connect, by=by, at=at),
        *collect_columns(engagement, by=by, at=at),
        *collect_alerts(engagement, by=by, at=at),
    ]


def collect_hub_answers(
    engagement: Engagement, *, connect: Connect | None, by: str, at: datetime
) -> list[Evidence]:
    """Ask each hub of an engagement's clusters who it is, once, and keep what is new.

    The hubs are asked before anything is locked or written: a slow hub holds nobody up.
    """
    wanting = _wanting(engagement, EvidenceKind.HUB_ANSWERS)
    if not wanting:
        return []
    looks = _looks_at_hubs(engagement, connect)
    return _keep(wanting, EvidenceKind.HUB_ANSWERS, looks, by=by, at=at)


def collect_columns(engagement: Engagement, *, by: str, at: datetime) -> list[Evidence]:
    """Look for the billing columns of an engagement's clusters, and keep what is new."""
    wanting = _wanting(engagement, EvidenceKind.BILLING_COLUMN)
    if not wanting:
        return []
    looks = _looks_at_columns(engagement)
    return _keep(wanting, EvidenceKind.BILLING_COLUMN, looks, by=by, at=at)


def collect_alerts(engagement: Engagement, *, by: str, at: datetime) -> list[Evidence]:
    """Look whether the budget alerts of an engagement's clusters are armed; keep what is new."""
    wanting = _wanting(engagement, EvidenceKind.BUDGET_ARMED)
    if not wanting:
        return []
    looks = [_look_at_alert(cluster) for cluster in _clusters(engagement)] or [_nowhere()]
    return _keep(wanting, EvidenceKind.BUDGET_ARMED, looks, by=by, at=at)


def collect_issues(
    engagement: Engagement, *, connect: ConnectGitHub, by: str, at: datetime
) -> list[Evidence]:
    """Look whether the issues of an engagement's deliverables are closed, and keep what is new.

    Where GitHub is not connected there is nothing to look at, and nothing is kept.
    """
    wanting = _wanting(engagement, EvidenceKind.ISSUE_CLOSED)
    github = connect() if wanting else None
    if github is None:
        return []
    numbers = issue_numbers(engagement)
    with github:
        looks = {
            one.pk: _look_at_issue(numbers.get((one.project.code, one.code)), github)
            for one in wanting
        }
    return [
        kept
        for one in wanting
        for kept in _keep_new(one, EvidenceKind.ISSUE_CLOSED, [looks[one.pk]], by=by, at=at)
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


def _wanting(engagement: Engagement, kind: EvidenceKind) -> list[Deliverable]:
    return [one for one in deliverables_of(engagement) if kind in one.wanted_evidence]


def _clusters(engagement: Engagement) -> list[Cluster]:
    found = Cluster.objects.filter(serves__engagement=engagement).select_related("account")
    return list(found.prefetch_related("hubs").order_by("name"))


def _nowhere() -> Look:
    return Look(EvidenceState.UNAVAILABLE, NO_CLUSTER)


def _looks_at_hubs(engagement: Engagement, connect: Connect | None) -> list[Look]:
    if connect is None:
        return [Look(EvidenceState.UNAVAILABLE, NOT_ASKED)]
    clusters = _clusters(engagement)
    if not clusters:
        return [_nowhere()]
    looks = [
        _look_at_hub(hub, connect)
        for cluster in clusters
        for hub in sorted(cluster.hubs.all(), key=lambda hub: hub.name)
    ]
    names = " and ".join(cluster.name for cluster in clusters)
    return looks or [
        Look(EvidenceState.UNAVAILABLE, f"No hub is known on {names}: import its cluster file.")
    ]


def _look_at_hub(hub: Hub, connect: Connect) -> Look:
    """Return what a hub answers: time can mend what is unavailable, only people what is absent."""
    if not hub.domain:
        return Look(
            EvidenceState.UNAVAILABLE, f"{hub} has no address: add its domain to its cluster file."
        )
    link = f"https://{hub.domain}"
    try:
        with connect(hub.domain) as session:
            version = session.version().version
    except (Transient, NotSendable) as error:
        text = f"{hub.domain} could not be asked: {error}"
        return Look(EvidenceState.UNAVAILABLE, text, link)
    except Permanent as error:
        text = f"{hub.domain} answers, but not as a JupyterHub: {error}"
        return Look(EvidenceState.ABSENT, text, link)
    return Look(EvidenceState.FOUND, f"{hub.domain} answers as JupyterHub {version}.", link)


def _looks_at_columns(engagement: Engagement) -> list[Look]:
    try:
        groups = read_groups()
    except UNREADABLE as error:
        text = f"The workbook cannot be read ({error}): repair it or put it away, and look again."
        return [Look(EvidenceState.UNAVAILABLE, text)]
    looks = []
    for cluster in _clusters(engagement):
        group = groups.get(group_name(engagement.number, cluster.pk))
        if group is None or not any(group.columns):
            text = f"The workbook has no columns for {cluster}: apply the handoff."
            looks.append(Look(EvidenceState.ABSENT, text))
        else:
            text = f"The workbook has the columns {', '.join(group.columns)} for {cluster}."
            looks.append(Look(EvidenceState.FOUND, text))
    return looks or [_nowhere()]


def _look_at_alert(cluster: Cluster) -> Look:
    account = cluster.account or "an unknown account"
    match cluster.budget_alert:
        case True:
            text = f"The budget alert of {cluster} ({account}) is armed."
            return Look(EvidenceState.FOUND, text)
        case False:
            text = f"The budget alert of {cluster} ({account}) is switched off: switch it on."
            return Look(EvidenceState.ABSENT, text)
        case _:
            text = (
                f"Nothing says whether the budget alert of {cluster} ({account}) is armed: "
                "import its Terraform variables."
            )
            return Look(EvidenceState.UNAVAILABLE, text)


def _keep(
    deliverables: Iterable[Deliverable],
    kind: EvidenceKind,
    looks: Sequence[Look],
    *,
    by: str,
    at: datetime,
) -> list[Evidence]:
    return [
        kept
        for deliverable in deliverables
        for kept in _keep_new(deliverable, kind, looks, by=by, at=at)
    ]


@transaction.atomic
def _keep_new(
    deliverable: Deliverable, kind: EvidenceKind, looks: Sequence[Look], *, by: str, at: datetime
) -> list[Evidence]:
    """Write what was found, unless the newest evidence of the kind says the same.

    The rows of one look share their instant; together they are what the look said.
    """
    locked = Deliverable.objects.select_for_update().get(pk=deliverable.pk)
    newest = list(locked.evidence.filter(kind=kind).order_by("-at", "-pk"))
    said = {(one.state, one.text, one.link) for one in newest if one.at == newest[0].at}
    if said == {(one.state, one.text, one.link) for one in looks}:
        return []
    return [
        add_evidence(locked, kind, text=one.text, link=one.link, state=one.state, by=by, at=at)
        for one in looks
    ]
