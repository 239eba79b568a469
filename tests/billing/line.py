"""Engagements with their clusters, as billing finds them."""

from datetime import date

from tests.factories import BD, NOON, make_cluster, make_engagement
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.models import Engagement
from throughline.playbook.loader import shipped
from throughline.sales.actions.payers import set_payer

BEGIN = date(2026, 4, 1)


def make_served(name="maple", *, account="012345678901", paid_by="us", **fields):
    """Return an engagement from April 2026 to March 2027 and the cluster that serves it.

    `paid_by` is what the cluster's file says.
    """
    number = fields.pop("hubspot_id", f"9{abs(hash(name)) % 10**6}")
    engagement = make_engagement(name=f"{name} hub", hubspot_id=number, **fields)
    cluster = make_cluster(name, account=account, paid_by=paid_by, deal_id=number)
    link_clusters(by="test", at=NOON)
    return Engagement.objects.get(pk=engagement.pk), cluster


def agree_payer(engagement, cluster, payer, *, from_on=BEGIN):
    return set_payer(
        engagement.pk, cluster.name, payer, from_on=from_on, playbook=shipped(), by=BD, at=NOON
    )
