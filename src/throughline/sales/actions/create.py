"""Writing down a deal that begins here."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.staying import begin_stays
from throughline.sales.models import Deal

LONGEST = {"name": 255, "owner": 120, "pipeline": 120}  # what the columns hold


@transaction.atomic
def create_deal(
    name: str,
    *,
    owner: str,
    amount: Decimal | None,
    playbook: Playbook,
    by: str,
    at: datetime,
    pipeline: str = "",
) -> Deal:
    """Write down a new deal at the first stage, and return it; an unknown amount stays unknown.

    Units: the amount is in whole units of the organisation's currency.

    Raises:
        Refused: the name is empty, a text is too long, or the amount is negative.
    """
    if not name.strip():
        raise Refused("A deal needs a name.", remedy="Name it after whom it is for and what for.")
    _check_lengths(name=name, owner=owner, pipeline=pipeline)
    if amount is not None and amount < 0:
        raise Refused("The amount is negative.", remedy="Give zero or more, or leave it empty.")
    deal = Deal.objects.create(
        name=name.strip(),
        owner=owner.strip(),
        pipeline=pipeline.strip(),
        stage=playbook.stages[0].code,
        stage_since=at,
        amount=amount,
        currency=playbook.organisation.currency,
        created_at=at,
    )
    begin_stays([deal])
    record("sales.deal.created", deal, by=by, at=at, name=deal.name, owner=deal.owner)
    return deal


def _check_lengths(**texts: str) -> None:
    for field, text in texts.items():
        longest = LONGEST[field]
        if len(text.strip()) > longest:
            raise Refused(
                f"The {field} has {len(text)} characters.", remedy=f"Shorten it to {longest}."
            )
