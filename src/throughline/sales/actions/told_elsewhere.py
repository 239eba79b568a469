"""What another system was told of a deal: from then on that is what it said last."""

from django.db import transaction

from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal


@transaction.atomic
def keep_told_stage(deal_id: int, stage_name: str) -> Deal:
    """Remember the stage that we have just written elsewhere as the one that was read there.

    Whoever moves the deal there afterwards, be it back to where it stood, is seen to have moved it.
    """
    deal = locked_deal(deal_id)
    deal.stage_elsewhere = stage_name
    deal.source = deal.source | {"stage_name": stage_name}
    deal.save(update_fields=["stage_elsewhere", "source"])
    return deal
