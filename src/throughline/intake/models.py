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


class HubSpotReading(models.Model):
    """One reading of HubSpot's deals: all of them, or what has changed since an instant."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)  # None: everything
    after = models.CharField(max_length=60, blank=True)  # where to go on after an interruption
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        what = f"changes since {self.since:%Y-%m-%d %H:%M}" if self.since else "everything"
        return f"HubSpot at {self.started_at:%Y-%m-%d %H:%M}: {what}, {self.taken} deals"


class HubSpotDeal(models.Model):
    """A deal that HubSpot had, and the reading that last saw it."""

    hubspot_id = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField()
    seen_in = models.ForeignKey(HubSpotReading, on_delete=models.CASCADE, related_name="deals")

    def __str__(self) -> str:
        return f"{self.hubspot_id}, seen {self.seen_at:%Y-%m-%d %H:%M}"
