"""States of an outcome and of a plan, and what a plan may do to an outcome."""

from typing import Final

from django.db.models import TextChoices

TRIED_AGAIN: Final = "It will be tried again."  # ends what is said of a call that failed for now


class OutcomeState(TextChoices):
    """Where one thing that must be true stands."""

    WANTED = "wanted", "Wanted"
    CONVERGED = "converged", "Converged"
    DRIFTED = "drifted", "Drifted"
    WAITING = "waiting", "Waits for a person"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Unknown, being looked up"


class PlanState(TextChoices):
    """Where a stored plan stands."""

    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    APPLIED = "applied", "Applied"
    STALE = "stale", "Stale"
    REJECTED = "rejected", "Rejected"


class Verb(TextChoices):
    """What a plan would do."""

    CREATE = "create", "+"
    UPDATE = "update", "~"
    KEEP = "keep", "="
    WAIT = "wait", "?"
    LATER = "later", "…"


class FieldVerdict(TextChoices):
    """What a person decides about a field that nobody had a place for."""

    LINKED = "linked", "Linked"
    NOT_NEEDED = "not_needed", "Not needed"


class DeliveryState(TextChoices):
    """Where the telling of an act stands."""

    WAITING = "waiting", "Waiting"
    ARRIVED = "arrived", "Arrived"
    GIVEN_UP = "given_up", "Given up"
