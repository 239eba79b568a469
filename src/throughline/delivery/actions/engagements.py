"""Opening engagements and keeping what they run on."""

from datetime import datetime

from django.db import transaction

from throughline.communities.actions import use_id
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.words import Health, Origin
from throughline.infrastructure.models import Cluster
from throughline.journal.actions import entry, record, record_all
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.order import place_order
from throughline.sales.models import Deal, DealAlias

BATCH = 500


@transaction.atomic
def open_engagement(
    deal_id: int, *, playbook: Playbook, by: str, at: datetime
) -> tuple[Engagement, bool]:
    """Place the order for a deal, open its engagement, and return it with whether it is new.

    Everything below the engagement is planned and applied by the handoff.

    Raises:
        Refused: the deal may not be ordered yet.
    """
    order = place_order(deal_id, playbook=playbook, by=by, at=at)
    engagement, created = Engagement.objects.get_or_create(
        deal=order.deal,
        defaults={"origin": Origin.ORDERED, "opened_at": at, "opened_by": by},
    )
    if created:
        record("delivery.engagement.opened", engagement, by=by, at=at, origin=Origin.ORDERED)
        if order.deal.community_id is not None:
            use_id(order.deal.community_id, by=by, at=at)
        link_clusters(by=by, at=at)
    return engagement, created


@transaction.atomic
def open_imported(*, playbook: Playbook, by: str, at: datetime) -> list[Engagement]:
    """Open an engagement for every won deal that came in without one, and return those."""
    won = [stage.code for stage in playbook.stages if stage.kind == "won"]
    deals = Deal.objects.filter(stage__in=won, engagement=None).order_by("pk")
    opened = [
        Engagement(deal=deal, origin=Origin.IMPORTED, opened_at=at, opened_by=by) for deal in deals
    ]
    Engagement.objects.bulk_create(opened, batch_size=BATCH)
    record_all(
        entry("delivery.engagement.opened", one, by=by, at=at, origin=Origin.IMPORTED)
        for one in opened
    )
    if opened:
        link_clusters(by=by, at=at)
    return opened


@transaction.atomic
def link_clusters(*, by: str, at: datetime) -> int:
    """Make the links between clusters and engagements what the clusters' deal ids say.

    Returns how many links changed. One deal may have several clusters (F6).
    """
    named = Deal.objects.filter(engagement__isnull=False, hubspot_id__isnull=False)
    numbers: dict[str | None, int] = dict(named.values_list("hubspot_id", "pk"))
    # The old number of a merged deal is still on its buried row: where it went on counts.
    merged = DealAlias.objects.filter(deal__engagement__isnull=False)
    numbers.update(merged.values_list("old_id", "deal"))
    wanted = {
        (numbers[deal_id], cluster)
        for cluster, deal_id in Cluster.objects.values_list("pk", "deal_id")
        if deal_id in numbers
    }
    standing = {
        (link.engagement_id, link.cluster_id): link for link in EngagementCluster.objects.all()
    }
    gone = [link for key, link in standing.items() if key not in wanted]
    fresh = [
        EngagementCluster(engagement_id=number, cluster_id=cluster, since=at)
        for number, cluster in sorted(wanted - set(standing))
    ]
    record_all(entry("delivery.cluster.unlinked", one, by=by, at=at) for one in gone)
    EngagementCluster.objects.filter(pk__in=[one.pk for one in gone]).delete()
    EngagementCluster.objects.bulk_create(fresh, batch_size=BATCH)
    record_all(
        entry("delivery.cluster.linked", one, by=by, at=at, cluster=one.cluster_id) for one in fresh
    )
    return len(gone) + len(fresh)


def locked_engagement(number: int) -> Engagement:
    """Return the engagement, locked until the transaction ends."""
    return Engagement.objects.select_for_update(of=("self",)).get(pk=number)


@transaction.atomic
def report_health(number: int, health: Health, *, why: str, by: str, at: datetime) -> Engagement:
    """Say how an engagement goes, and why.

    Raises:
        Refused: "at risk" or "off track" without a reason.
    """
    if health != Health.ON_TRACK and not why.strip():
        raise Refused("Why is it not on track?", remedy="Say it in one sentence.")
    engagement = locked_engagement(number)
    before = engagement.health
    engagement.health, engagement.health_why, engagement.health_at = health, why.strip(), at
    engagement.save(update_fields=["health", "health_why", "health_at"])
    record("delivery.engagement.reported", engagement, by=by, at=at, before=before, after=health)
    return engagement


@transaction.atomic
def decide_to_end(number: int, *, by: str, at: datetime) -> Engagement:
    """Decide that an engagement ends and is not renewed: its people get the last two notices."""
    engagement = locked_engagement(number)
    if not engagement.is_ending:
        engagement.is_ending = True
        engagement.save(update_fields=["is_ending"])
        record("delivery.engagement.ending", engagement, by=by, at=at)
    return engagement


@transaction.atomic
def take_back_end(number: int, *, by: str, at: datetime) -> Engagement:
    """Take back that an engagement ends: it is renewed or goes on after all."""
    engagement = locked_engagement(number)
    if engagement.is_ending:
        engagement.is_ending = False
        engagement.save(update_fields=["is_ending"])
        record("delivery.engagement.going_on", engagement, by=by, at=at)
    return engagement


@transaction.atomic
def name_successor(number: int, successor: Deal, *, by: str, at: datetime) -> Engagement:
    """Name the deal that renews an engagement.

    Raises:
        Refused: a deal cannot succeed itself.
    """
    if successor.pk == number:
        raise Refused("A deal cannot renew itself.", remedy="Name the renewal's own deal.")
    engagement = locked_engagement(number)
    engagement.successor = successor
    engagement.save(update_fields=["successor"])
    record("delivery.engagement.succeeded", engagement, by=by, at=at, successor=successor.pk)
    return engagement
