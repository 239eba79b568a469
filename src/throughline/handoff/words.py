"""States of an outcome, and what a plan may do to it."""

from django.db.models import TextChoices


class OutcomeState(TextChoices):
    """Where one thing that must be true stands."""

    WANTED = "wanted", "Wanted"
    CONVERGED = "converged", "Converged"
    DRIFTED = "drifted", "Drifted"
    WAITING = "waiting", "Waits for a person"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Unknown, being looked up"


class Verb(TextChoices):
    """What a plan would do."""

    CREATE = "create", "+"
    UPDATE = "update", "~"
    KEEP = "keep", "="
    WAIT = "wait", "?"
