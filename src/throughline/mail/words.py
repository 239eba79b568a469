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
