"""What we wrote in HubSpot ourselves, remembered as if it had been read there."""

from datetime import datetime

from django.db import transaction

from throughline.handoff.outside.hubspot_stages import READER, TOLD
from throughline.intake.models import StageWritten
from throughline.sales.actions.told_elsewhere import keep_told_stage
from throughline.sales.models import Deal


@TOLD.register(READER)
@transaction.atomic
def keep_written(hubspot_id: str, stage: str, at: datetime) -> None:
    """Take our own write for read; what a reading fetched before it is out of date."""
    deal = Deal.objects.filter(hubspot_id=hubspot_id).first()
    if deal is None:
        return  # merged meanwhile: whoever follows the merge reads it anew
    keep_told_stage(deal.pk, stage)
    StageWritten.objects.update_or_create(hubspot_id=hubspot_id, defaults={"at": at})
