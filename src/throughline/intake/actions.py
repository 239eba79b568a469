"""Taking files in: read, hand to the rooms that own the words, and say what became of each part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from throughline.communities.actions import name_community
from throughline.delivery.actions.engagements import link_clusters, open_imported
from throughline.delivery.queries import gaps_of
from throughline.infrastructure.actions import ClusterSeen, Kept, keep_clusters, note_alerts
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.intake.cluster_files import ClusterFile, Infrastructure, read_folder
from throughline.intake.cluster_texts import texts_of
from throughline.intake.deal_file import DealRow, read_deals
from throughline.intake.statement_of_work import parse
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.renewals.actions_files import keep_cluster_texts, path_in_repository
from throughline.sales.actions.importing import (
    MOST_NAMED,
    DealElsewhere,
    Taken,
    Watch,
    take_deals,
)
from throughline.sales.actions.statements import check_size, keep_statement
from throughline.sales.models import Deal, StatementOfWork
from throughline.sales.words import UNMAPPED

# Our field: the words the reader of the file uses for it.
FIELDS = {
    "name": "name", "revenue_type": "revenue_type", "pipeline": "pipeline", "owner": "owner",
    "buyer": "buyer", "currency": "currency", "amount": "amount", "mrr": "mrr", "arr": "arr",
    "projected_amount": "projected_amount", "amount_collected": "amount_collected",
    "probability": "probability", "close_on": "close_on",
    "contract_start_on": "contract_start_date", "contract_end_on": "contract_end_date",
    "target_start_on": "target_start_date", "target_end_on": "target_end_date",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know about a deal that went in."""

    code: str
    deal: str | None
    message: str


@dataclass(frozen=True, slots=True)
class DealsTakenIn:
    """What became of an export's rows."""

    created: int
    updated: int
    unchanged: int
    rejected: tuple[tuple[int, str], ...]  # line, reason
    warnings: tuple[Warned, ...]


@transaction.atomic
def import_deals(
    path: Path, *, playbook: Playbook, by: str, at: datetime, watch: Watch = iter
) -> DealsTakenIn:
    """Take in HubSpot's export of deals; won deals get their engagement.

    `watch` passes the deals on one by one, to show progress.

    Raises:
        Refused: the file cannot be read as a table with the columns that are needed.
    """
    file = read_deals(path)
    taken = take_rows(file.rows, playbook=playbook, by=by, at=at, watch=watch)
    lines = {row.hubspot_id: row.line for row in file.rows}
    refused = [(lines[hubspot_id], str(why)) for hubspot_id, why in taken.refused]
    rejected = [(one.row, one.reason) for one in file.rejected]
    return DealsTakenIn(
        len(taken.created),
        len(taken.updated),
        len(taken.unchanged),
        tuple(sorted([*rejected, *refused])),
        tuple(warnings_of(taken, file.unknown_columns, playbook)),
    )


@transaction.atomic
def take_rows(
    rows: Sequence[DealRow], *, playbook: Playbook, by: str, at: datetime, watch: Watch = iter
) -> Taken:
    """Take in deals that were read, from a file or a connection; won ones get their engagement."""
    communities = _communities(rows, by=by, at=at)
    elsewhere = [_elsewhere(row, communities) for row in rows]
    taken = take_deals(elsewhere, playbook=playbook, by=by, at=at, watch=watch)
    open_imported(playbook=playbook, by=by, at=at)
    return taken


def _communities(rows: Sequence[DealRow], *, by: str, at: datetime) -> dict[str, int]:
    """Return the communities that the file names, by short name; new ones are added."""
    named = dict.fromkeys(row.community for row in rows if row.community)
    return {name: name_community(name, by=by, at=at).pk for name in named}


def _elsewhere(row: DealRow, communities: Mapping[str, int]) -> DealElsewhere:
    """Return what the row tells; a column that the file does not have erases nothing."""
    fields = {name: getattr(row, word) for name, word in FIELDS.items() if word in row.told}
    if row.community:  # an empty cell is not known elsewhere: what people wrote here stays
        fields["community_id"] = communities[row.community]
    source = {name: _cell(value) for name, value in fields.items()}
    unplaced = {f"extra.{name}": cell for name, cell in row.unplaced.items()}
    return DealElsewhere(
        row.hubspot_id,
        row.stage_name,
        fields,
        source | {"stage_name": row.stage_name} | unplaced,
        row.unplaced,
    )


def _cell(value: Any) -> str:
    """Return a value in one spelling, so that 17500.0 and 17500.00 are no change."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def warnings_of(taken: Taken, unknown_columns: Sequence[str], playbook: Playbook) -> list[Warned]:
    """Return what a person should know about deals that went in."""
    deals = [*taken.created, *taken.updated, *taken.unchanged]
    found = [
        Warned("column_unknown", None, f"Nobody has a place for the column {name!r}; it is kept.")
        for name in unknown_columns
    ]
    found += [
        Warned(
            "stage_unmapped",
            deal.reference,
            f"The stage {deal.stage_elsewhere!r} of {deal.name} is in no playbook stage.",
        )
        for deal in deals
        if deal.stage == UNMAPPED
    ]
    found += [
        Warned(
            "gate_bypassed",
            one.deal.reference,
            f"{one.deal.name} was moved to {playbook.stage(one.to_stage).name} elsewhere past"
            f" {', '.join(one.conditions)}: explain or revert it.",
        )
        for one in taken.bypassed
    ]
    return found + _gaps(deals)


def _gaps(deals: Sequence[Deal]) -> list[Warned]:
    numbers = {deal.pk for deal in deals}
    opened = Deal.objects.filter(engagement__origin="imported")
    if len(numbers) <= MOST_NAMED:
        opened = opened.filter(pk__in=numbers)
    imported = [
        deal for deal in opened.prefetch_related("agreements").order_by("pk") if deal.pk in numbers
    ]
    return [Warned(gap.code, deal.reference, gap.message) for deal, gap in gaps_of(imported)]


@transaction.atomic
def import_infrastructure(
    folders: Sequence[Path], *, by: str, at: datetime
) -> tuple[Infrastructure, Kept]:
    """Take in cluster files and Terraform variables, and link clusters to engagements.

    Raises:
        Refused: a folder cannot be read, or has neither.
    """
    found = read_folder(folders)
    # Cluster files say nothing about alerts: read alone, they leave what alert files said before.
    armed = {} if found.alerts else dict(Cluster.objects.values_list("name", "budget_alert"))
    seen = [_seen(one, armed_before=armed.get(one.name)) for one in found.clusters]
    kept = keep_clusters(seen, by=by, at=at)
    with_file = {one.name for one in found.clusters}
    later = {name: armed for name, armed in found.alerts if name not in with_file}
    note_alerts(later, by=by, at=at)
    link_clusters(by=by, at=at)
    texts = texts_of(found.clusters, folders)
    keep_cluster_texts(
        {name: (path_in_repository(name, file), text) for name, (file, text) in texts.items()},
        at=at,
    )
    return found, kept


def _seen(file: ClusterFile, *, armed_before: bool | None) -> ClusterSeen:
    return ClusterSeen(
        name=file.name,
        provider=file.provider,
        account=file.account,
        region=file.region or "",
        paid_by=Payer(file.paid_by),
        deal_id=file.deal_id or "",
        budget_alert=armed_before if file.budget_alert is None else file.budget_alert,
        hubs={hub.name: (hub.display_name or "", hub.domain or "") for hub in file.hubs},
    )


def import_statement(
    path: Path, *, deal: Deal | None, by: str, at: datetime
) -> tuple[StatementOfWork, bool]:
    """Take in a statement of work, for a deal or for none yet; the same file changes nothing.

    Raises:
        Refused: the file cannot be read, or is no statement of work.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise Refused(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8.", remedy="Save it as UTF-8 and try again.") from error
    check_size(content, name=path.name)
    return keep_statement(content, parse(text).as_json(), name=path.name, deal=deal, by=by, at=at)
