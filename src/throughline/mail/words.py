"""What can become of a mail, and what it is for."""

from django.db.models import TextChoices


class MessageState(TextChoices):
    """Where a mail stands. `unsure`: it was handed over whole, and the server's answer was lost."""

    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNSURE = "unsure", "Unsure"
    WITHDRAWN = "withdrawn", "Withdrawn"


class MailKind(TextChoices):
    """Why a mail is sent. A duty is never held back; the others follow a person's preferences."""

    DUTY = "duty", "Duty"
    NOTIFICATION = "notification", "Notification"
    DIGEST = "digest", "Digest"


class EchoKind(TextChoices):
    """What came back for a mail."""

    BOUNCE = "bounce", "Came back"
    DELAY = "delay", "Delayed"
    COMPLAINT = "complaint", "Called spam"
    REPLY = "reply", "Answered"
    AUTOMATIC = "automatic", "Automatic reply"
    DELIVERED = "delivered", "Delivered"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"


FOR_A_PERSON = (EchoKind.BOUNCE, EchoKind.COMPLAINT, EchoKind.REPLY)


class Channel(TextChoices):
    """How a person wants to be told."""

    INSTANT = "instant", "At once"
    DIGEST = "digest", "In the digest"
    NONE = "none", "Not by mail"
