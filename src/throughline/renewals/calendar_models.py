"""What was told to calendars: each event has one name for good, and counts its changes."""

from django.db import models

from throughline.delivery.models import Engagement


class CalendarEvent(models.Model):
    """One day of an engagement as calendars were told of it last."""

    engagement = models.ForeignKey(
        Engagement, on_delete=models.CASCADE, related_name="calendar_events"
    )
    code = models.CharField(max_length=40)  # "end", a step of the ladder, "lapse", "decommission"
    on = models.DateField()
    summary = models.CharField(max_length=300)
    sequence = models.PositiveIntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "code"], name="calendar_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.summary} on {self.on}"
