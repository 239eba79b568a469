"""What can become of a notice, and where an engagement stands towards its end."""

from django.db.models import TextChoices


class NoticeState(TextChoices):
    """One step of the ladder."""

    PLANNED = "planned", "Planned"
    FLAGGED = "flagged", "Flag raised"
    SENT = "sent", "Sent"
    MISSED = "missed", "Missed, the agreement has ended"
    SKIPPED = "skipped", "Missed, a later one was sent"
    VOID = "void", "Void, the end date moved"
    DROPPED = "dropped", "Dropped, before the start"
    SILENCED = "silenced", "Not needed, renewed"


class TermState(TextChoices):
    """Where an engagement stands on a day."""

    UNKNOWN_END = "unknown_end", "No end date"
    RUNNING = "running", "Running"
    FLAGGED = "flagged", "Ends within 180 days"
    EXPIRING = "expiring", "Expiring"
    RENEWED = "renewed", "Renewed"
    LAPSED = "lapsed", "Lapsed, still running"
    ENDED = "ended", "Ended"
