"""The four answers to "can we deliver this?"."""

from django.db.models import TextChoices


class AnswerWord(TextChoices):
    """What PS answers."""

    YES = "yes", "Yes"
    YES_FROM = "yes_from", "Yes, from"
    ONLY_IF = "only_if", "Only if"
    NO = "no", "No"


class HoldKind(TextChoices):
    """How firmly hours are kept."""

    SOFT = "soft", "Soft"
    FIRM = "firm", "Firm"
