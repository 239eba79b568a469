"""The billing columns of an engagement, one group for each of its clusters."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughline.billing.workbook import (
    ColumnGroup,
    columns_for,
    group_name,
    put_group,
    read_groups,
)
from throughline.delivery.models import Engagement
from throughline.handoff.wanted import Doing, Seen, Wanted
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.sales.models import AgreementPayer
from throughline.sales.queries import DealFacts


@dataclass(frozen=True, slots=True)
class BillingColumns:
    """The workbook has the columns of one engagement on one cluster."""

    number: int
    group: ColumnGroup
    system: str = "workbook"
    audience: str = "sponsor"

    @property
    def key(self) -> str:
        return f"workbook.columns:{self.number}:{self.group.cluster}"

    @property
    def summary(self) -> str:
        return f"{len(self.group.columns)} billing columns for {self.group.cluster}: " + ", ".join(
            self.group.columns
        )

    @property
    def wanted(self) -> Seen:
        return {"engagement": self.group.engagement, "columns": list(self.group.columns)}

    def observe(self) -> Seen | None:
        found = read_groups().get(self.group.name)
        if found is None:
            return None
        return {"engagement": found.engagement, "columns": list(found.columns)}

    def act(self, _doing: Doing) -> Seen:
        put_group(self.group)
        return {"id": self.group.name}

    def waits_for(self) -> str:
        return ""


def columns_of(engagement: Engagement, facts: DealFacts) -> Iterator[Wanted]:
    """Yield the column groups of an engagement's clusters; none without a cluster."""
    agreed = {
        payer.cluster_id: Payer(payer.payer)
        for payer in AgreementPayer.objects.filter(agreement__deal=facts.deal, to_on__isnull=True)
    }
    for cluster in Cluster.objects.filter(serves__engagement=engagement).order_by("name"):
        # Who pays is contract information: the agreement's word goes before the file's (F12).
        payer = agreed.get(cluster.pk, Payer(cluster.paid_by))
        yield BillingColumns(
            engagement.number,
            ColumnGroup(
                group_name(engagement.number, cluster.pk),
                f"{engagement.number} {facts.deal.name}",
                cluster.name,
                columns_for(payer),
            ),
        )
