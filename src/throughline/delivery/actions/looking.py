"""Writing down that somebody looked for an engagement's evidence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from throughline.delivery.models import EvidenceLook


def keep_look(number: int, *, said: Mapping[str, Any] | None = None, at: datetime) -> None:
    """Remember when an engagement's evidence was looked for last: its next turn is a day later.

    `said` is what its use said then (`value.said_by`); a look that failed keeps what was said.
    """
    told = {"at": at, **(said or {})}
    EvidenceLook.objects.update_or_create(engagement_id=number, defaults=told)
