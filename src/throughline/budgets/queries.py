"""Which accounts must be watched and are not, and what waits for somebody."""

from datetime import date, datetime

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet

from throughline.budgets.models import Alert, Arming, Crossing, Received
from throughline.budgets.words import AlertState, ReceivedState
from throughline.delivery.payers import EVENTUALLY, payers_by_cluster
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import NotThere


class NoSuchAlert(NotThere):
    """No alert goes by that number."""

    def __init__(self, pk: int) -> None:
        super().__init__(f"There is no alert {pk}.", remedy="See `throughline alert list`.")


def paid_clusters(*, on: date = EVENTUALLY) -> QuerySet[Cluster]:
    """Return the clusters whose bill we pay on a day and whose account is known.

    What an agreement says of who pays beats the file (F12).
    """
    agreed = payers_by_cluster(on=on)
    told = {key for key, rows in agreed.items() if any(one.payer == Payer.US for one in rows)}
    ours = Q(pk__in=told) | (Q(paid_by=Payer.US) & ~Q(pk__in=list(agreed)))
    return Cluster.objects.filter(ours, account__isnull=False)


def unarmed_clusters(*, on: date = EVENTUALLY) -> QuerySet[Cluster]:
    """Return the clusters whose bill we pay on a day and for which nothing says that an alert is armed.

    Armed is what a receipt, a check or a
    Terraform file says. Source: design §7: an account we pay for that is not armed is a finding.
    """
    armed = Arming.objects.filter(account=OuterRef("account"), is_armed=True)
    return (
        paid_clusters(on=on)
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


def find_alert(pk: int) -> Alert:
    """Return one alert, as `alerts` returns them.

    Raises:
        NoSuchAlert: there is none of that number.
    """
    found = alerts().filter(pk=pk).first()
    if found is None:
        raise NoSuchAlert(pk)
    return found


def waiting_alerts() -> QuerySet[Alert]:
    """Return the alerts that nobody has decided about."""
    return alerts().exclude(state=AlertState.DECIDED)


def unseen_alerts() -> QuerySet[Alert]:
    """Return the alerts that nobody has even seen."""
    return alerts().filter(state=AlertState.OPEN)


def unreadable_words() -> QuerySet[Received]:
    """Return what came in and cannot be read: for a person."""
    return Received.objects.filter(state=ReceivedState.UNREADABLE).order_by("kept_at", "pk")


def unread_words(*, before: datetime) -> QuerySet[Received]:
    """Return what came in before an instant and still lies there unread."""
    return Received.objects.filter(state=ReceivedState.KEPT, kept_at__lt=before)


def last_words() -> dict[str, datetime]:
    """Return when something came in last, by the way it came."""
    rows = Received.objects.values_list("source").annotate(newest=Max("kept_at"))
    return dict(rows.order_by())
