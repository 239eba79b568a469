"""What is still open about a deal, given to the deal that it became (E1, E17)."""

from datetime import datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal, DealNote, SponsorWork


@transaction.atomic
def carry_over_open(deal_id: int, *, into: int, by: str, at: datetime) -> Deal:
    """Give a deal's notes and open Sponsor work to another deal, and return that one.

    Sponsor work of a kind that the other has already stays under the old deal, on the same desk:
    both agreements have to be signed and invoiced. Agreements, offers and reviews stay as they are.
    """
    found = {one: locked_deal(one) for one in sorted((deal_id, into))}
    old, whole = found[deal_id], found[into]
    notes = DealNote.objects.filter(deal=old).update(deal=whole)
    has = set(whole.sponsor_work.values_list("kind", flat=True))
    open_work = SponsorWork.objects.filter(deal=old, done_at=None).exclude(kind__in=has)
    moved = list(open_work.values_list("kind", flat=True))
    open_work.update(deal=whole)
    record(
        "sales.deal.carried_over", whole, by=by, at=at, joined=old.pk, notes=notes, work=moved
    )  # fmt: skip
    return whole
