"""The billing columns that an engagement's clusters need, and the cells of their months.

The same wherever they have their home: in the workbook here, or in Google Sheets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from throughline.billing.columns import (
    CODES,
    PAID_BY_US,
    ColumnGroup,
    Shown,
    columns_for,
    group_name,
    shown_cells,
)
from throughline.billing.queries import cells, months_with_costs
from throughline.delivery.models import Engagement
from throughline.delivery.payers import EVENTUALLY, agreed_payers
from throughline.handoff.models import Outcome
from throughline.handoff.wanted import Seen
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.kernel.months import month_text
from throughline.kernel.tables import as_text
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

NAMES = dict(zip(CODES, PAID_BY_US, strict=True))  # of columns, as differences name them


@dataclass(frozen=True, slots=True)
class MonthWanted:
    """The cells of one group for one month.

    A cell of which the ledger knows nothing is not among them, unless it was ours before: what a
    person writes where we have nothing to say is theirs.
    """

    group: ColumnGroup
    month: date
    cells: Mapping[str, Shown]
    is_known: bool  # it was written once: what differs since then is somebody's doing


@dataclass(frozen=True, slots=True)
class Billing:
    """What an engagement needs of billing."""

    groups: tuple[ColumnGroup, ...] = ()
    months: tuple[MonthWanted, ...] = field(default_factory=tuple)


def columns_key(system: str, number: int, cluster: str) -> str:
    """Return the key of a group's columns."""
    return f"{system}.columns:{number}:{cluster}"


def month_key(system: str, number: int, cluster: str, month: date) -> str:
    """Return the key of a group's month."""
    return f"{system}.month:{number}:{cluster}:{month_text(month)}"


def wanted_seen(wanted: MonthWanted) -> Seen:
    """Return a month's cells as differences show them: by the names of the columns."""
    return {NAMES[code]: value for code, value in wanted.cells.items()}


def seen_cells(wanted: MonthWanted, there: Mapping[str, Shown] | None) -> Seen | None:
    """Return what stands in the cells that we own, in the same form; None where nothing does."""
    if there is None or all(there.get(code) is None for code in wanted.cells):
        return (
            None
            if any(value is not None for value in wanted.cells.values())
            else {NAMES[code]: None for code in wanted.cells}
        )
    return {NAMES[code]: there.get(code) for code in wanted.cells}


def taken_by_others(wanted: MonthWanted, there: Mapping[str, Shown] | None) -> str:
    """Say what a person wrote where we never did, and what to do; "" where there is nothing."""
    if wanted.is_known or there is None:
        return ""
    strange = [
        f"{NAMES[code]} {there[code]} where the ledger has {value}"
        for code, value in wanted.cells.items()
        if there.get(code) not in {None, value}
    ]
    if not strange:
        return ""
    return (
        f"Somebody has written for {month_text(wanted.month)}: {'; '.join(strange)}. Empty these"
        " cells, or correct the ledger, then apply again."
    )


def billing_of(
    engagement: Engagement, facts: DealFacts, playbook: Playbook, *, system: str
) -> Billing:
    """Return the column groups of an engagement's clusters; none without a cluster."""
    clusters = list(Cluster.objects.filter(serves__engagement=engagement).order_by("name"))
    if not clusters:
        return Billing()
    groups = {one.pk: _group(engagement, facts, one) for one in clusters}
    agreed = agreed_payers([engagement.pk], on=EVENTUALLY)
    # Who pays is contract information: the agreement's word goes before the file's (F12).
    words = {one: agreed.get((engagement.pk, one.pk)) for one in clusters}
    payers = {one.pk: Payer(word.payer if word else one.paid_by) for one, word in words.items()}
    named = {
        key: ColumnGroup(one.name, one.engagement, one.cluster, columns_for(payers[key]))
        for key, one in groups.items()
    }
    return Billing(
        tuple(named.values()), tuple(_months(engagement, named, playbook, system=system))
    )


def _group(engagement: Engagement, facts: DealFacts, cluster: Cluster) -> ColumnGroup:
    return ColumnGroup(
        group_name(engagement.number, cluster.pk),
        as_text(f"{engagement.number} {facts.deal.name}"),
        cluster.name,
        (),
    )


def _months(
    engagement: Engagement, groups: Mapping[int, ColumnGroup], playbook: Playbook, *, system: str
) -> Iterator[MonthWanted]:
    rows = Outcome.objects.filter(
        engagement=engagement, key__startswith=f"{system}.month:", receipt__isnull=False
    )
    written: dict[str, Seen] = {key: seen or {} for key, seen in rows.values_list("key", "seen")}
    found = cells(months_with_costs(), playbook=playbook, within=[engagement.number])
    for (number, cluster, month), cell in sorted(found.items(), key=lambda one: one[0][1:]):
        if number != engagement.number or cluster not in groups:
            continue
        group = groups[cluster]
        before = written.get(month_key(system, number, group.cluster, month))
        values = {
            code: value
            for code, value in shown_cells(cell).items()
            if value is not None or (before or {}).get(NAMES[code]) is not None
        }
        if values:
            yield MonthWanted(group, month, values, before is not None)
