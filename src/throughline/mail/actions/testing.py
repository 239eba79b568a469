"""A mail that only shows whether mail works."""

from datetime import datetime

from throughline.kernel.errors import Refused
from throughline.mail.actions.queueing import queue_message
from throughline.mail.actions.sending import send_message
from throughline.mail.letters import digest_of, draft_of
from throughline.mail.models import Message
from throughline.playbook.model import Playbook


def send_test(address: str, *, playbook: Playbook, by: str, at: datetime) -> Message:
    """Send a mail to an address at once, and return what became of it.

    Raises:
        Refused: it is no address.
    """
    wanted = address.strip()
    if "@" not in wanted.strip("@") or len(wanted.split()) != 1:
        raise Refused(f"{address!r} is no mail address.", remedy="Write it as name@example.org.")
    facts = {"by": by, "organisation": playbook.organisation.name}
    key = f"test:{digest_of(wanted)}:{at.isoformat()}"
    draft = draft_of(playbook.mail("mail_tested"), facts, key=key, to=(wanted,), about="test")
    message, _new = queue_message(draft, by=by, at=at)
    return send_message(message.pk, at=at) or message
