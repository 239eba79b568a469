"""The Sponsor's side of a deal."""

from datetime import datetime

from django.db import transaction

from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat
from throughline.playbook.model import Playbook
from throughline.sales.actions.closing_facts import finish_work
from throughline.sales.actions.facts import Writing
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import SponsorWork
from throughline.sales.words import WorkKind


class NoSuchWork(Refused):
    """Nothing on the Sponsor's desk goes by that number."""


@transaction.atomic
def finish_sponsor_work(
    pk: int, *, receipt: str, playbook: Playbook, by: str, at: datetime
) -> SponsorWork:
    """Have the Sponsor close a work order with its receipt: a SAGE number, an envelope, an answer.

    Raises:
        NoSuchWork: there is no such work order.
        Refused: it is done already, no receipt is given, or the person is not of the Sponsor.
    """
    require_hat(by, any_of=["Sponsor", "Admin"], to="close the Sponsor's work")
    found = SponsorWork.objects.filter(pk=pk).first()
    if found is None:
        raise NoSuchWork(f"There is no work order {pk}.", remedy="Look at the desk again.")
    deal = locked_deal(found.deal_id)
    found.refresh_from_db()  # the deal's lock decides who was first
    if found.done_at is not None:
        raise Refused(f"{found.done_by} has closed this already.", remedy="Nothing is left to do.")
    if not receipt.strip():
        raise Refused(
            "A work order is closed with a receipt.",
            remedy="Write SAGE's number, where the signed document is, or the answer in words.",
        )
    return finish_work(WorkKind(found.kind), receipt.strip(), Writing(deal, playbook, by, at))
