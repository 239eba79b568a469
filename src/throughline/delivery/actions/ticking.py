"""Points of a definition of done, said to hold by somebody."""

from collections.abc import Iterable
from datetime import datetime

from throughline.delivery.checklists import digest
from throughline.delivery.models import Deliverable, DoneTick
from throughline.journal.actions import record


def put_ticks(deliverable: Deliverable, points: Iterable[str], *, by: str, at: datetime) -> None:
    """Write down that points hold: one row and one entry of the journal for each."""
    for text in dict.fromkeys(points):
        DoneTick.objects.create(
            deliverable=deliverable, point=text, point_sha256=digest(text), by=by, at=at
        )
        record("delivery.point.ticked", deliverable, by=by, at=at, point=text)
