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


class Sureness(TextChoices):
    """How sure we are of a fact."""

    SAID = "said", "Somebody said so"
    CONFIRMED = "confirmed", "Confirmed"
    ASSUMED = "assumed", "Assumed"


class IdStanding(TextChoices):
    """What stands between an id and a community; only the first leaves it free."""

    FREE = "free", "Free"
    FORM = "form", "Not one lowercase word"
    LENGTH = "length", "Too long"
    WORD = "word", "A reserved word"
    TAKEN = "taken", "Taken"
    RESERVED = "reserved", "Reserved"
    ALIAS = "alias", "An older id"
    FREED = "freed", "Given up not long ago"
    CLUSTER = "cluster", "A cluster's name"
    HUB = "hub", "A hub's name"
    ACCOUNT = "account", "A cloud account's name"
