"""What is remembered of outside systems between two looks."""

from django.db import models


class HubSpotStage(models.Model):
    """A stage of deals in HubSpot, known by its internal id, and what it stands for here.

    Labels may be changed there at any time, and two pipelines may have the same; ids stay.
    """

    stage_id = models.CharField(max_length=120, unique=True)
    label = models.CharField(max_length=120)
    pipeline_id = models.CharField(max_length=120)
    pipeline_label = models.CharField(max_length=120)
    place = models.PositiveIntegerField()  # in the order of HubSpot's pipelines
    code = models.CharField(max_length=40, blank=True)  # our stage; "" is unmapped
    chosen_by = models.CharField(max_length=160, blank=True)  # "" where the label decided
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return f"{self.pipeline_label}: {self.label} ({self.stage_id})"


class ReadingKind(models.TextChoices):
    """How much a reading looks at."""

    ALL = "all", "everything"
    CHANGES = "changes", "what has changed"
    HINTS = "hints", "what webhooks named"


class HubSpotReading(models.Model):
    """One reading of HubSpot's deals, done or begun; a failed one says what hindered it."""

    kind = models.CharField(max_length=10, choices=ReadingKind.choices)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    after = models.CharField(max_length=60, blank=True)  # where to go on after an interruption
    taken = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        what = self.get_kind_display()
        return f"HubSpot at {self.started_at:%Y-%m-%d %H:%M}: {what}, {self.taken} deals"


class HubSpotDeal(models.Model):
    """A deal that HubSpot had, and the reading that last saw it."""

    hubspot_id = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField()
    seen_in = models.ForeignKey(HubSpotReading, on_delete=models.CASCADE, related_name="deals")

    def __str__(self) -> str:
        return f"{self.hubspot_id}, seen {self.seen_at:%Y-%m-%d %H:%M}"


class HubSpotHint(models.Model):
    """What a webhook said: look at that deal. Nothing else of the event is believed."""

    key = models.CharField(max_length=250, unique=True)  # the same event may come several times
    deal_id = models.CharField(max_length=40)  # HubSpot's
    happened_at = models.DateTimeField()
    kept_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["kept_at"], condition=models.Q(read_at=None), name="hubspot_hint_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} at {self.happened_at:%Y-%m-%d %H:%M:%S}"
