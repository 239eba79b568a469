"""What HubSpot's stages stand for, told to the handoff, which writes them."""

from throughline.handoff.outside.hubspot_stages import READER, STAGES, StageThere
from throughline.intake.models import HubSpotStage


@STAGES.register(READER)
def stages_as_read() -> list[StageThere]:
    """Return the stages that HubSpot had when it was last read, in its order; one query."""
    return [
        StageThere(row.stage_id, row.pipeline_id, row.label, row.code)
        for row in HubSpotStage.objects.filter(gone_at=None)
    ]
