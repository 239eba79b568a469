"""How old what we hold of a deal is: when its source was last read."""

from datetime import datetime

from django.db.models import Max

from throughline.intake.models import HubSpotDeal, HubSpotReading, ReadingKind
from throughline.journal.models import Entry
from throughline.sales.models import Deal

TAKEN_IN = ("sales.deal.taken_in", "sales.deal.changed_elsewhere")


def last_read(deal: Deal) -> datetime | None:
    """Return when a deal was last read from its source; None where it is our own.

    A reading of everything, or of all that has changed, tells of each deal that HubSpot has, also
    of one that stayed the same. Of a file only what it changed is known.
    """
    if not deal.hubspot_id:
        return None
    whole = HubSpotReading.objects.filter(
        kind__in=(ReadingKind.ALL, ReadingKind.CHANGES), finished_at__isnull=False, trouble=""
    )
    known = HubSpotDeal.objects.filter(hubspot_id=deal.hubspot_id).first()
    read_at = whole.aggregate(latest=Max("started_at"))["latest"] if known else None
    if known is not None:
        return max(known.seen_at, read_at) if read_at else known.seen_at
    told = Entry.objects.about(deal).filter(act__in=TAKEN_IN).order_by("-at").first()
    return told.at if told else None
