"""What HubSpot's stages stand for, told to the handoff, which writes them; and what it wrote."""

from datetime import datetime

from django.db import transaction

from throughline.handoff.outside.hubspot_stages import READER, STAGES, TOLD, StageThere
from throughline.intake.models import HubSpotStage, StageWritten
from throughline.sales.actions.told_elsewhere import keep_told_stage
from throughline.sales.models import Deal


@STAGES.register(READER)
def stages_as_read() -> list[StageThere]:
    """Return the stages that HubSpot had when it was last read, in its order; one query."""
    return [
        StageThere(row.stage_id, row.pipeline_id, row.label, row.code)
        for row in HubSpotStage.objects.filter(gone_at=None)
    ]


@TOLD.register(READER)
@transaction.atomic
def keep_written(hubspot_id: str, stage: str, at: datetime) -> None:
    """Take our own write for read; what a reading fetched before it is out of date."""
    deal = Deal.objects.filter(hubspot_id=hubspot_id).first()
    if deal is None:
        return  # merged meanwhile: whoever follows the merge reads it anew
    keep_told_stage(deal.pk, stage)
    StageWritten.objects.update_or_create(hubspot_id=hubspot_id, defaults={"at": at})
