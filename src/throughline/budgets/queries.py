"""Which cloud accounts must have a budget alert, and do not."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from throughline.budgets.models import Arming
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.sales.models import AgreementPayer


def unarmed_clusters() -> QuerySet[Cluster]:
    """Return the clusters whose bill we pay and for which nothing says that an alert is armed.

    What an agreement says of who pays beats the file (F12). Armed is what a receipt, a check or a
    Terraform file says. Source: design §7: an account we pay for that is not armed is a finding.
    """
    standing = AgreementPayer.objects.filter(cluster=OuterRef("pk"), to_on__isnull=True)
    armed = Arming.objects.filter(account=OuterRef("account"), is_armed=True)
    ours = Q(Exists(standing.filter(payer=Payer.US))) | (Q(paid_by=Payer.US) & ~Q(Exists(standing)))
    return (
        Cluster.objects.filter(ours, account__isnull=False)
        .exclude(budget_alert=True)
        .exclude(Exists(armed))
        .select_related("account")
        .order_by("name")
    )
