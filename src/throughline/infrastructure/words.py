"""Who pays a cloud bill."""

from django.db.models import TextChoices


class Payer(TextChoices):
    """Whose money a cluster's cloud bill is paid with."""

    US = "us", "We pay"
    COMMUNITY = "community", "Community pays"
    UNKNOWN = "unknown", "Unknown"
