"""Which accounts must be watched and are not, and what waits for somebody."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from throughline.budgets.models import Alert, Arming, Crossing, Received
from throughline.budgets.words import AlertState, ReceivedState
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


def alerts() -> QuerySet[Alert]:
    """Return alerts with whose they are and all that was told, what waits and is newest first."""
    return (
        Alert.objects.select_related("account", "engagement__deal__community")
        .prefetch_related(Prefetch("crossings", Crossing.objects.order_by("-last_at", "-pk")))
        .order_by("-last_at", "-pk")
    )


def waiting_alerts() -> QuerySet[Alert]:
    """Return the alerts that nobody has decided about."""
    return alerts().exclude(state=AlertState.DECIDED)


def unseen_alerts() -> QuerySet[Alert]:
    """Return the alerts that nobody has even seen."""
    return alerts().filter(state=AlertState.OPEN)


def unreadable_words() -> QuerySet[Received]:
    """Return what came in and cannot be read: for a person."""
    return Received.objects.filter(state=ReceivedState.UNREADABLE).order_by("kept_at", "pk")
