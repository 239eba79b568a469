"""Writing down that somebody looked for an engagement's evidence."""

from datetime import datetime
from typing import Any

from throughline.delivery.models import EvidenceLook
from throughline.delivery.value import Value
from throughline.playbook.model import Verifying


def keep_look(
    number: int, *, value: Value | None = None, rules: Verifying | None = None, at: datetime
) -> None:
    """Remember when an engagement's evidence was looked for last: its next turn is a day later.

    `value` is what its use said, by the playbook's rules; a look that failed keeps what was said.
    """
    said = {} if value is None or rules is None else _said(value, rules)
    EvidenceLook.objects.update_or_create(engagement_id=number, defaults={"at": at} | said)


def _said(value: Value, rules: Verifying) -> dict[str, Any]:
    last = value.last
    return {
        "first_value_on": value.first_on,
        "people": last.people if last else None,
        "people_to": last.to_on if last else None,
        "is_lost": value.is_lost(rules),
        "unknown_because": value.unknown_because,
    }
