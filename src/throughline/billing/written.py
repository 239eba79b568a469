"""What people write about splits and corrections, read."""

from decimal import Decimal, InvalidOperation

from throughline.billing.told import SplitTo
from throughline.delivery.queries import find_engagement
from throughline.kernel.errors import Refused
from throughline.sales.actions.payers import known_cluster

OURS = "ours"
MOST_DIGITS = 15


def part_in(text: str) -> SplitTo:
    """Return the part of a split that a text such as "42@maple=0.6" or "ours=1" names.

    Raises:
        Refused: nothing goes by its names, or several clusters could be meant.
    """
    place, _equals, number = text.strip().partition("=")
    reference, _at, cluster = place.partition("@")
    weight = amount_in(number) if number else None
    if reference.strip().casefold() == OURS:
        return SplitTo(None, known_cluster(cluster) if cluster else None, weight)
    engagement = find_engagement(reference)
    if cluster:
        return SplitTo(engagement, known_cluster(cluster), weight)
    served = [one.cluster for one in engagement.on_clusters.select_related("cluster")]
    if len(served) != 1:
        raise Refused(
            f"Engagement {reference} has {len(served)} clusters.",
            remedy=f"Name the one that is meant: {reference}@CLUSTER=NUMBER.",
        )
    return SplitTo(engagement, served[0], weight)


def amount_in(text: str) -> Decimal:
    """Return the number that somebody wrote.

    Raises:
        Refused: it is none.
    """
    try:
        found = Decimal(text if text.isascii() and "_" not in text else "NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS:
        raise Refused(
            f"{text!r} is no number.", remedy="Write digits with a point, such as -12.50."
        )
    return found
