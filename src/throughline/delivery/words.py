"""States of engagements, deliverables and evidence."""

from django.db.models import TextChoices


class Health(TextChoices):
    """How an engagement goes."""

    ON_TRACK = "on_track", "On track"
    AT_RISK = "at_risk", "At risk"
    OFF_TRACK = "off_track", "Off track"


class Origin(TextChoices):
    """How an engagement came about."""

    ORDERED = "ordered", "Ordered"
    IMPORTED = "imported", "Imported, already won"


class DeliverableState(TextChoices):
    """Where a deliverable stands between the promise and BD's verdict."""

    PLANNED = "planned", "Planned"
    DONE = "done", "Done, to be verified"
    RETURNED = "returned", "Not yet, returned by BD"
    VERIFIED = "verified", "Verified"
    DROPPED = "dropped", "Taken out by an amendment"


class ScopeVerb(TextChoices):
    """What a change of scope does to a deliverable."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    DROPPED = "dropped", "Taken out"


class EvidenceKind(TextChoices):
    """What shows that a deliverable is done."""

    MANUAL = "manual", "Said by a person"
    ISSUE_CLOSED = "issue.closed", "GitHub issue closed"
    HUB_ANSWERS = "hub.answers", "Hub answers"
    USERS_ACTIVE = "users.active", "Five people use it"
    BUDGET_ARMED = "budget.armed", "Budget alert armed"
    BILLING_COLUMN = "billing.column", "Billing columns present"
    REPRESENTATIVE_SEEN = "representative.seen", "A representative has logged in"
    LADDER_PLANNED = "ladder.planned", "Renewal notices planned"
    CHAMPION = "champion", "The champion's word"


class EvidenceState(TextChoices):
    """What a look for evidence found. Unavailable is not absent."""

    FOUND = "found", "Found"
    ABSENT = "absent", "Not found"
    UNAVAILABLE = "unavailable", "Could not look"


class ChampionAnswer(TextChoices):
    """What somebody of the community says of a deliverable. Silence is none of the answers."""

    NOT_ASKED = "not_asked", "Not asked"
    WAITING = "waiting", "Asked, no answer yet"
    SILENT = "silent", "Asked, and never answered"
    YES = "yes", "This is what we needed"
    NOT_YET = "not_yet", "Not yet"
