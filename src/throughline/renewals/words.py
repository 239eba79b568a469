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


class CourseKind(TextChoices):
    """What becomes of an engagement at its end."""

    RENEW = "renew", "Renew"
    EXTEND = "extend", "Extend"
    AMEND = "amend", "Amend"
    END = "end", "End"


class RunsKind(TextChoices):
    """Why something that runs has no agreement behind it on a day."""

    LAPSED = "lapsed", "Lapsed, still running"
    GAP = "gap", "Between two agreements"
    EARLY = "early_start", "Early start, running"
    EARLY_OVER = "early_start_over", "Early start over, running"
    LOST = "lost", "Lost, and a hub runs"
    NO_AGREEMENT = "no_agreement", "Hub without agreement"


class LapseVerdict(TextChoices):
    """What the BD lead decides about a hub that runs without agreement."""

    KEEP = "keep", "Keep it running"
    DECOMMISSION = "decommission", "Take it down"


class DataAnswer(TextChoices):
    """What somebody of the community says of its data. Silence is none of the answers."""

    WAITING = "waiting", "Asked, no answer yet"
    SAVED = "saved", "Our data are safe, or may be deleted"
    NOT_YET = "not_yet", "Not yet, we need help or time"


class StepCode(TextChoices):
    """One line of the check list of an offboarding."""

    TOLD = "told", "The representatives were told"
    DATA = "data", "The data are migrated, or may be deleted"
    NUMBERS = "numbers", "Final cost and active users are recorded"
    HUBS = "hubs", "The hub is deleted"
    CLUSTERS = "clusters", "The cluster is deleted, or stays for others"
    ACCOUNT = "account", "The cloud account is closed, or stays with its owner"
    KEPT = "kept", "What is kept is written down, and until when"
    COSTS = "costs", "Costs after the end are booked as non-recoverable"
