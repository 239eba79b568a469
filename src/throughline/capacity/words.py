"""The four answers to "can we deliver this?", and what hours are kept for."""

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


class GivenHow(TextChoices):
    """How a person's answer stands to the one that was computed."""

    CONFIRMED = "confirmed", "Confirmed"
    COUNTERED = "countered", "Counter-offer"
    REFUSED = "refused", "Refused"
    BY_HAND = "by_hand", "Given without a computation"
