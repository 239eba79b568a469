"""The sweep: what happened becomes rows, and rows that are due are sent."""

import logging
from datetime import datetime

from throughline.handoff.actions_webhooks.sending import send_due_webhooks
from throughline.handoff.actions_webhooks.telling import tell_what_happened
from throughline.handoff.models import Subscription
from throughline.kernel.stopping import Stop, never
from throughline.playbook.current import current

log = logging.getLogger(__name__)


def tell_others(*, at: datetime, stop: Stop = never) -> list[int]:
    """Tell subscribers what happened; returns which tellings were tried. Nobody else waits for it.

    Without a subscriber this is one look.
    """
    if not Subscription.objects.filter(ended_at=None).exists():
        return []
    try:
        tell_what_happened(at=at)
        return send_due_webhooks(playbook=current(), at=at, stop=stop)
    except Exception:
        log.exception("webhooks met an error; the rest goes on")
        return []
