"""Which cloud accounts must have a budget alert, and do not."""

from django.db.models import QuerySet

from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer


def unarmed_clusters() -> QuerySet[Cluster]:
    """Return the clusters whose bill we pay and for which nothing says that an alert is armed.

    Source: design §7: an account we pay for that is not armed is a finding.
    """
    return (
        Cluster.objects.filter(paid_by=Payer.US, account__isnull=False)
        .exclude(budget_alert=True)
        .select_related("account")
        .order_by("name")
    )
