"""States of a community's id and of the questions it was asked."""

from django.db.models import TextChoices


class IdState(TextChoices):
    """How firmly a community_id is held."""

    NONE = "none", "Not chosen"
    RESERVED = "reserved", "Reserved"
    USED = "used", "In use"


class AliasKind(TextChoices):
    """Why an older id still counts."""

    LEGACY = "legacy", "Older than the rule"
    RENAMED = "renamed", "Renamed"
    MERGED = "merged", "Merged"


class AnswerState(TextChoices):
    """What became of a context question."""

    ASKED = "asked", "Asked, not answered"
    ANSWERED = "answered", "Answered"
