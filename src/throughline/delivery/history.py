"""What happened to a deal and to all that hangs on it, as the journal has it."""

from typing import Any

from django.db.models import Model, Q, QuerySet

from throughline.capacity.models import CapacityAnswer
from throughline.communities.models import Community, RoleAssignment
from throughline.delivery.models import Deliverable, Engagement, Project
from throughline.journal.models import Entry
from throughline.sales.models import Deal, StatementOfWork


def history_of(deal: Deal, *, limit: int) -> list[Entry]:
    """Return the newest entries about a deal, its community, people, answers and engagement."""
    about = _about(Deal, [deal.pk]) | _about(Engagement, [deal.pk])
    about |= _about(Community, [deal.community_id] if deal.community_id else [])
    about |= _about(StatementOfWork, _keys(StatementOfWork.objects.filter(deal=deal)))
    about |= _about(CapacityAnswer, _keys(CapacityAnswer.objects.filter(subject=deal.subject)))
    about |= _about(RoleAssignment, _keys(RoleAssignment.objects.filter(subject=deal.subject)))
    about |= _about(Project, _keys(Project.objects.filter(engagement=deal.pk)))
    about |= _about(Deliverable, _keys(Deliverable.objects.filter(project__engagement=deal.pk)))
    return list(Entry.objects.filter(about).order_by("-at", "-pk")[:limit])


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _about(model: type[Model], keys: list[int]) -> Q:
    label = model._meta.label_lower
    return Q(subject_type=label, subject_id__in=[str(key) for key in keys])
