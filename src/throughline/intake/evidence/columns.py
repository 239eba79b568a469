"""Whether the workbook has the columns that billing needs."""

from datetime import datetime
from zipfile import BadZipFile

from openpyxl.utils.exceptions import InvalidFileException

from throughline.billing.workbook import group_name, read_groups
from throughline.delivery.models import Engagement, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.intake.evidence.looks import Look, clusters_of, keep, nowhere, wanting
from throughline.kernel.errors import Refused

UNREADABLE = (Refused, OSError, BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError)


def collect_columns(engagement: Engagement, *, by: str, at: datetime) -> list[Evidence]:
    """Look for the billing columns of an engagement's clusters, and keep what is new."""
    found = wanting(engagement, EvidenceKind.BILLING_COLUMN)
    if not found:
        return []
    looks = _looks_at_columns(engagement)
    return keep(found, EvidenceKind.BILLING_COLUMN, looks, by=by, at=at)


def _looks_at_columns(engagement: Engagement) -> list[Look]:
    try:
        groups = read_groups()
    except UNREADABLE as error:
        text = f"The workbook cannot be read ({error}): repair it or put it away, and look again."
        return [Look(EvidenceState.UNAVAILABLE, text)]
    looks = []
    for cluster in clusters_of(engagement):
        group = groups.get(group_name(engagement.number, cluster.pk))
        if group is None or not any(group.columns):
            text = f"The workbook has no columns for {cluster}: apply the handoff."
            looks.append(Look(EvidenceState.ABSENT, text))
        else:
            text = f"The workbook has the columns {', '.join(group.columns)} for {cluster}."
            looks.append(Look(EvidenceState.FOUND, text))
    return looks or [nowhere()]
