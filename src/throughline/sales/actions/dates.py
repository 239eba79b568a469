"""The term of a deal: which dates count."""

from datetime import date

from throughline.kernel.errors import Refused
from throughline.sales.models import Deal

TERM_FIELDS = ["contract_start_on", "contract_end_on", "start_on", "end_on"]


def settle_term(deal: Deal, *, signed_end: date | None) -> None:
    """Set the dates that count: a contract date where there is one, else the target date.

    The end that the executed agreement, or its last executed amendment, names comes before both.

    Source: shared input's README; requirements F7, E28.

    Raises:
        Refused: the end would lie before the start.
    """
    start = deal.contract_start_on or deal.target_start_on
    end = signed_end or deal.contract_end_on or deal.target_end_on
    check_order(start, end)
    deal.start_on, deal.end_on = start, end


def check_order(start: date | None, end: date | None) -> None:
    """Pass if the days are in order.

    Raises:
        Refused: the end lies before the start.
    """
    if start and end and end < start:
        raise Refused(f"The end {end} is before the start {start}.", remedy="Correct one of them.")
