"""What a mail provider tells by webhook, read by anymail: proved first, then kept as echoes."""

from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest

from throughline.intake.mail_in import take_mail
from throughline.kernel.errors import Refused
from throughline.mail.actions.echoes import Heard, keep_echo
from throughline.mail.letters import digest_of
from throughline.mail.words import EchoKind
from throughline.playbook.model import Playbook

BY = "mail provider"
KINDS: Final = {  # anymail's word for an event: ours; the others tell nothing that we keep
    "autoresponded": EchoKind.AUTOMATIC,
    "bounced": EchoKind.BOUNCE,
    "complained": EchoKind.COMPLAINT,
    "deferred": EchoKind.DELAY,
    "delivered": EchoKind.DELIVERED,
    "failed": EchoKind.BOUNCE,
    "rejected": EchoKind.BOUNCE,
    "unsubscribed": EchoKind.UNSUBSCRIBED,
}
VIEWS: Final = {  # provider: how anymail spells it in the names of its views
    "brevo": "Brevo",
    "mailgun": "Mailgun",
    "mailjet": "Mailjet",
    "postmark": "Postmark",
    "sparkpost": "SparkPost",
}


class NotProved(Refused):
    """Whoever called cannot show that they are the provider."""


def take_mail_events(
    request: HttpRequest, *, inbound: bool, playbook: Playbook, at: datetime
) -> int:
    """Keep what a provider tells of mails that left, or that came in; return how much was new.

    Raises:
        NotProved: the secret or the signature is missing or wrong.
        Refused: no provider is set, or it sends what cannot be read.
    """
    if not settings.MAIL_PROVIDER or not settings.MAIL_HOOK_SECRET:
        raise Refused(
            "No webhooks of mail are expected here.", remedy="Set THROUGHLINE_MAIL_HOOK_SECRET."
        )
    events = _events(request, "Inbound" if inbound else "Tracking")
    return sum(_keep(event, playbook=playbook, at=at) for event in events)


def _keep(event: Any, *, playbook: Playbook, at: datetime) -> bool:
    """Keep what one event tells, and return whether it is new."""
    if (message := getattr(event, "message", None)) is not None:
        content = message.as_bytes()
        return take_mail(content, name="the mail", playbook=playbook, by=BY, at=at).is_new
    heard = _heard(event)
    return heard is not None and keep_echo(heard, by=BY, at=at)[1]


def _events(request: HttpRequest, kind: str) -> Iterable[Any]:
    provider = settings.MAIL_PROVIDER
    module = import_module(f"anymail.webhooks.{provider}")
    view = getattr(module, f"{VIEWS[provider]}{kind}WebhookView")()
    view.setup(request)
    try:
        view.run_validators(request)
    except AnymailWebhookValidationFailure as error:
        raise NotProved(str(error), remedy="Check THROUGHLINE_MAIL_HOOK_SECRET.") from error
    try:
        return list(view.parse_events(request))
    except (AnymailError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(
            f"{provider} sent what cannot be read: {type(error).__name__}.",
            remedy="Check which of its webhooks calls this address.",
        ) from error


def _heard(event: Any) -> Heard | None:
    kind = KINDS.get(event.event_type)
    if kind is None:
        return None
    own = (event.metadata or {}).get("message", "")
    said = event.mta_response or event.description or event.reject_reason or ""
    # An event without an id of its own is known by what it tells.
    facts = (own or event.message_id, kind, event.recipient, event.event_id or event.timestamp)
    return Heard(
        key=f"{settings.MAIL_PROVIDER}:{digest_of(':'.join(str(one or '') for one in facts))}",
        kind=kind,
        answers=tuple(str(one) for one in (own, event.message_id) if one),
        address=event.recipient or "",
        said=" ".join(str(said).split()),
    )
