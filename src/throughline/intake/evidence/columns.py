"""Whether the workbook, or the spreadsheet where there is one, has the columns that billing needs."""

from collections.abc import Sequence
from datetime import datetime
from zipfile import BadZipFile

from django.conf import settings
from openpyxl.utils.exceptions import InvalidFileException

from throughline.billing.columns import ColumnGroup, group_name
from throughline.billing.workbook import read_groups
from throughline.delivery.models import Engagement, Evidence
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.handoff.outside.sheets import groups_in_sheets
from throughline.handoff.wanted import WaitsForPerson
from throughline.intake.evidence.looks import Look, clusters_of, keep, nowhere, wanting
from throughline.kernel.errors import Refused, Transient

UNREADABLE = (Refused, OSError, BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError)


def collect_columns(engagement: Engagement, *, by: str, at: datetime) -> list[Evidence]:
    """Look for the billing columns of an engagement's clusters, and keep what is new."""
    found = wanting(engagement, EvidenceKind.BILLING_COLUMN)
    if not found:
        return []
    looks = _looks_at_columns(engagement)
    return keep(found, EvidenceKind.BILLING_COLUMN, looks, by=by, at=at)


def _looks_at_columns(engagement: Engagement) -> list[Look]:
    home = "The spreadsheet" if settings.SHEETS_SPREADSHEET else "The workbook"
    clusters = {
        group_name(engagement.number, cluster.pk): cluster for cluster in clusters_of(engagement)
    }
    try:
        groups = _groups(list(clusters))
    except UNREADABLE as error:
        text = f"{home} cannot be read ({error}): repair it or put it away, and look again."
        return [Look(EvidenceState.UNAVAILABLE, text)]
    except (WaitsForPerson, Transient) as error:
        return [Look(EvidenceState.UNAVAILABLE, f"{home} cannot be read: {error}")]
    looks = []
    for name, cluster in clusters.items():
        group = groups.get(name)
        headings = [heading for heading in group.columns if heading] if group else []
        if headings:
            text = f"{home} has the columns {', '.join(headings)} for {cluster}."
            looks.append(Look(EvidenceState.FOUND, text))
        else:
            text = f"{home} has no columns for {cluster}: apply the handoff."
            looks.append(Look(EvidenceState.ABSENT, text))
    return looks or [nowhere()]


def _groups(names: Sequence[str]) -> dict[str, ColumnGroup]:
    """Return the groups of columns from whichever is their home."""
    if not settings.SHEETS_SPREADSHEET:
        return read_groups()
    return groups_in_sheets([ColumnGroup(name, "", "", ()) for name in names])
