"""What happened to a deal and to all that hangs on it, as the journal has it."""

from typing import Any

from django.db.models import QuerySet

from throughline.capacity.models import CapacityAnswer
from throughline.communities.models import RoleAssignment
from throughline.delivery.models import Deliverable, Project
from throughline.journal.models import Entry
from throughline.journal.queries import about_all
from throughline.sales.models import Deal, StatementOfWork


def history_of(deal: Deal) -> QuerySet[Entry]:
    """Return what happened to a deal, its community, people, answers and engagement, latest first."""
    return about_all([
        ("sales.deal", [deal.pk]),
        ("delivery.engagement", [deal.pk]),
        ("communities.community", [deal.community_id] if deal.community_id else []),
        ("sales.statementofwork", _keys(StatementOfWork.objects.filter(deal=deal))),
        ("capacity.capacityanswer", _keys(CapacityAnswer.objects.filter(subject=deal.subject))),
        ("communities.roleassignment", _keys(RoleAssignment.objects.filter(subject=deal.subject))),
        ("delivery.project", _keys(Project.objects.filter(engagement=deal.pk))),
        ("delivery.deliverable", _keys(Deliverable.objects.filter(project__engagement=deal.pk))),
    ])  # fmt: skip


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))
