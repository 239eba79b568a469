"""Writing down that somebody looked for an engagement's evidence."""

from datetime import datetime

from throughline.delivery.models import EvidenceLook


def keep_look(number: int, *, at: datetime) -> None:
    """Remember when an engagement's evidence was looked for last: its next turn is a day later."""
    EvidenceLook.objects.update_or_create(engagement_id=number, defaults={"at": at})
