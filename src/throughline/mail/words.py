"""What can become of a mail."""

from django.db.models import TextChoices


class MessageState(TextChoices):
    """Where a mail stands. `unsure`: the server's answer was lost; a person looks."""

    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNSURE = "unsure", "Unsure"
    WITHDRAWN = "withdrawn", "Withdrawn"
