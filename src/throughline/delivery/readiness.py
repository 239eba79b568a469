"""Whether work on a phase can begin: its table, filled from where each thing is kept.

Nobody types "ready": it follows from the fields, and what is missing is named.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughline.communities.queries import roles_by_subject
from throughline.delivery.models import BegunProject, Engagement, ProjectFact
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.playbook.model import Playbook
from throughline.playbook.parts import ProjectTemplate
from throughline.playbook.words import PEOPLE_PREFIX, PROJECT_PREFIX
from throughline.sales.models import AgreementPayer


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """One line of a phase's table, with what is known; "" is nothing."""

    field: str
    text: str
    value: str

    @property
    def is_own(self) -> bool:
        """Whether it is written down for the project alone, and read nowhere else."""
        return self.field.startswith(PROJECT_PREFIX)


@dataclass(frozen=True, slots=True)
class ReadyTable:
    """What work on one deliverable of a project must know before it begins."""

    project: str
    code: str
    title: str
    lines: tuple[ReadyLine, ...]

    @property
    def missing(self) -> tuple[ReadyLine, ...]:
        """What nobody knows yet."""
        return tuple(line for line in self.lines if not line.value)

    @property
    def is_ready(self) -> bool:
        """Whether work on it can begin."""
        return not self.missing


def ready_tables(engagement: Engagement, *, playbook: Playbook, on: date) -> tuple[ReadyTable, ...]:
    """Return the table of every phase that has one, as it stands on a day; six queries.

    The engagement comes from `queries.engagements`.
    """
    known = _known(engagement, on)
    written = {
        (one.project, one.field): one.value
        for one in ProjectFact.objects.filter(engagement=engagement)
    }
    return tuple(
        ReadyTable(
            code,
            part.code,
            part.title,
            tuple(
                ReadyLine(
                    line.field,
                    line.text,
                    written.get((code, line.field), "") or known.get(line.field, ""),
                )
                for line in part.ready
            ),
        )
        for code, project in projects_of(engagement, playbook)
        for part in project.deliverables
        if part.ready
    )


def projects_of(
    engagement: Engagement, playbook: Playbook
) -> Iterator[tuple[str, ProjectTemplate]]:
    """Yield the projects of the playbook that an engagement has, by their code there."""
    deal = engagement.deal
    for project in playbook.template_for(deal.tier, deal.revenue_type).projects:
        yield project.code, project
    by_code = {project.code: project for project in playbook.projects}
    for begun in BegunProject.objects.filter(engagement=engagement).order_by("pk"):
        if begun.template in by_code:
            yield begun.code, by_code[begun.template]


def _known(engagement: Engagement, on: date) -> Mapping[str, str]:
    deal, community = engagement.deal, engagement.deal.community
    clusters = list(
        Cluster.objects.filter(serves__engagement=engagement)
        .select_related("account")
        .prefetch_related("hubs")
        .order_by("name")
    )
    found = {
        "deal.end_on": _words([deal.end_on]),
        "deal.hubspot_id": deal.hubspot_id or "",
        "agreement.payer": _payer(engagement, clusters, on),
        "cluster.name": _words(one.name for one in clusters),
        "cluster.region": _words(one.region for one in clusters),
        "cluster.account": _words(one.account.identifier for one in clusters if one.account),
        "hub.domain": _words(hub.domain for one in clusters for hub in one.hubs.all()),
    }
    if community is not None:
        found |= {
            f"community.{name}": str(getattr(community, name) or "")
            for name in (
                "community_id", "cloud", "region", "data_location", "github_org", "website",
                "logo_url",
            )
        }  # fmt: skip
        found["community.repositories"] = _words(community.repositories)
    roles: dict[str, list[str]] = {}
    for one in roles_by_subject([deal.subject], on=on).get(deal.subject, ()):
        roles.setdefault(one.role, []).append(one.contact.full_name)
    return found | {f"{PEOPLE_PREFIX}{role}": _words(names) for role, names in roles.items()}


def _payer(engagement: Engagement, clusters: Iterable[Cluster], on: date) -> str:
    """Return who pays for the cloud: the agreement's word, else what the clusters' files say."""
    agreed = AgreementPayer.objects.filter(
        agreement__deal=engagement.deal_id, from_on__lte=on
    ).exclude(to_on__lte=on)
    said = [Payer(one.payer) for one in agreed] or [Payer(one.paid_by) for one in clusters]
    return _words(payer.label for payer in said if payer != Payer.UNKNOWN)


def _words(values: Iterable[Any]) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values if value))


def ready_shape(table: ReadyTable) -> dict[str, Any]:
    """Return a table as JSON."""
    return {
        "project": table.project,
        "deliverable": table.code,
        "title": table.title,
        "ready": table.is_ready,
        "missing": [line.field for line in table.missing],
        "fields": [
            {"field": line.field, "text": line.text, "value": line.value or None}
            for line in table.lines
        ],
    }
