"""How budgets are armed, what alerts say, and what becomes of them."""

from django.db.models import TextChoices


class Way(TextChoices):
    """Who looks at what an account costs, and tells of it."""

    AWS = "aws", "AWS Budgets"
    TERRAFORM = "terraform", "Terraform"
    COMPUTED = "computed", "Throughline"


class Source(TextChoices):
    """How an alert came in."""

    SNS = "sns", "SNS"
    MAIL = "mail", "E-mail"
    PUBSUB = "pubsub", "Google Pub/Sub"
    AZURE = "azure", "Azure action group"
    COMPUTED = "computed", "Throughline"


TOLD_IN_MONEY = frozenset({Source.SNS, Source.MAIL})  # AWS tells a threshold as an amount


class Spend(TextChoices):
    """Whether it is spent, or will be."""

    ACTUAL = "actual", "Spent"
    FORECAST = "forecast", "Forecast"


class ReceivedState(TextChoices):
    """What became of something that came in."""

    KEPT = "kept", "To be read"
    READ = "read", "Read"
    NOTHING = "nothing", "Says nothing new"
    UNREADABLE = "unreadable", "Cannot be read"
    SETTLED = "settled", "Settled by a person"


class AlertState(TextChoices):
    """Where an alert stands. Nothing closes by itself."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    DECIDED = "decided", "Decided"


class Decision(TextChoices):
    """What is done about it."""

    EXPECTED = "expected", "Expected"
    REDUCE = "reduce", "Reduce"
    ABSORB = "absorb", "Absorb"
