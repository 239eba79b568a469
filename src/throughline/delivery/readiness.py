"""Whether work on a phase can begin: its table, filled from where each thing is kept.

Nobody types "ready": it follows from the fields, and what is missing is named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from throughline.communities.models import RoleAssignment
from throughline.communities.queries import roles_by_subject
from throughline.delivery.models import Engagement
from throughline.delivery.payers import agreed_payers
from throughline.delivery.planned import in_order
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


@dataclass(frozen=True, slots=True)
class Around:
    """What was read already of an engagement: who holds its roles, and who pays for the cloud."""

    held: Sequence[RoleAssignment]
    payers: Sequence[AgreementPayer]  # what agreements say on the day


def around_of(engagement: Engagement, on: date) -> Around:
    """Return roles and payers of an engagement on a day; six queries."""
    subject = engagement.deal.subject
    held = roles_by_subject([subject], on=on).get(subject, [])
    return Around(held, list(agreed_payers([engagement.pk], on=on).values()))


def ready_tables(
    engagement: Engagement, *, playbook: Playbook, on: date, around: Around | None = None
) -> tuple[ReadyTable, ...]:
    """Return the table of every phase that has one, as it stands on a day; a constant number of queries.

    The engagement comes from `queries.engagements`, or with all of it from `engagement_in_full`.
    """
    known = _known(engagement, around or around_of(engagement, on))
    written = {(one.project, one.field): one.value for one in engagement.facts.all()}
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
    for begun in in_order(engagement.begun.all()):
        if begun.template in by_code:
            yield begun.code, by_code[begun.template]


def _clusters(engagement: Engagement) -> list[Cluster]:
    """Return an engagement's clusters by name; what was read ahead is not read again."""
    with_account = Cluster.objects.select_related("account")
    lookups = (Prefetch("on_clusters__cluster", with_account), "on_clusters__cluster__hubs")
    prefetch_related_objects([engagement], *lookups)
    links = engagement.on_clusters.all()
    return sorted((link.cluster for link in links), key=lambda one: one.name)


def _known(engagement: Engagement, around: Around) -> Mapping[str, str]:
    deal, community = engagement.deal, engagement.deal.community
    clusters = _clusters(engagement)
    found = {
        "deal.end_on": _words([deal.end_on]),
        "deal.hubspot_id": deal.hubspot_id or "",
        "agreement.payer": _payer(around.payers, clusters),
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
    for one in around.held:
        roles.setdefault(one.role, []).append(one.contact.full_name)
    return found | {f"{PEOPLE_PREFIX}{role}": _words(names) for role, names in roles.items()}


def _payer(agreed: Iterable[AgreementPayer], clusters: Iterable[Cluster]) -> str:
    """Return who pays for the cloud: the agreement's word, else what the clusters' files say."""
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
