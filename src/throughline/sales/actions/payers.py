"""Who pays which cluster's cloud bill under an agreement, and from when."""

from datetime import date, datetime

from django.db import transaction

from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.facts import Writing
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Agreement, AgreementPayer
from throughline.sales.queries import chain_of, is_executed


@transaction.atomic
def set_payer(
    deal_id: int,
    cluster_name: str,
    payer: Payer,
    *,
    from_on: date,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> Agreement:
    """Write down who pays a cluster from a day on, and return the document that says so.

    Until the agreement is executed it can be written down freely. Afterwards a cluster that nobody
    has spoken of yet can be added; for any other the change waits in an amendment until that is
    executed.

    Raises:
        Refused: no such cluster or agreement, or who pays is settled and no amendment is open.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    cluster = known_cluster(cluster_name)
    chain = chain_of(writing.deal.agreements.prefetch_related("signatories"))
    if not chain:
        raise Refused(
            "There is no agreement.", remedy="Name the document that governs the deal first."
        )
    if payer == Payer.UNKNOWN:
        raise Refused(
            "“Unknown” is no payer.", remedy="Write “us” or “community”, or leave it out."
        )
    known = AgreementPayer.objects.filter(agreement__in=chain, cluster=cluster).exists()
    last = chain[-1]
    if last.amends_id is not None and not is_executed(last):
        _plan_payer(last, cluster, payer, from_on=from_on, writing=writing)
    elif is_executed(chain[0]) and known:
        raise Refused(
            f"Who pays {cluster.name} is a term of {chain[0]}, which is executed.",
            remedy="Record an amendment first, then say who pays from when.",
        )
    else:
        put_payer(last, cluster, payer, from_on=from_on, writing=writing)
    return last


def known_cluster(name: str) -> Cluster:
    """Return the cluster with a name.

    Raises:
        Refused: there is none.
    """
    found = Cluster.objects.filter(name=name.strip()).first()
    if found is None:
        raise Refused(
            f"There is no cluster {name!r}.",
            remedy="Import the cluster files first, or correct the name.",
        )
    return found


def _plan_payer(
    amendment: Agreement, cluster: Cluster, payer: Payer, *, from_on: date, writing: Writing
) -> None:
    others = [one for one in amendment.payer_changes if one["cluster"] != cluster.name]
    change = {"cluster": cluster.name, "payer": payer.value, "from_on": from_on.isoformat()}
    amendment.payer_changes = [*others, change]
    amendment.version += 1
    amendment.save(update_fields=["payer_changes", "version"])
    record(
        "sales.payer.planned", writing.deal, by=writing.by, at=writing.at, cluster=cluster.name,
        payer=payer, from_on=from_on, document=str(amendment),
    )  # fmt: skip


def put_payer(
    agreement: Agreement, cluster: Cluster, payer: Payer, *, from_on: date, writing: Writing
) -> AgreementPayer:
    """Store who pays from a day on: the period before ends there, what was to come later is gone.

    The day on which a period ends is the first on which it no longer holds.
    """
    of_deal = AgreementPayer.objects.filter(agreement__deal=writing.deal, cluster=cluster)
    before = of_deal.filter(from_on__lt=from_on).order_by("from_on").last()
    of_deal.filter(from_on__gte=from_on).delete()
    if before is not None and (before.to_on is None or before.to_on > from_on):
        before.to_on = from_on
        before.save(update_fields=["to_on"])
    made = AgreementPayer.objects.create(
        agreement=agreement, cluster=cluster, payer=payer, from_on=from_on
    )
    record(
        "sales.payer.set", writing.deal, by=writing.by, at=writing.at, cluster=cluster.name,
        payer=payer, before=before.payer if before else "", from_on=from_on,
        document=str(agreement),
    )  # fmt: skip
    return made
