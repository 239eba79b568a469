"""What people say of engagements regularly: of a service each month, of all of them each week."""

from django.db import models
from django.db.models import Q


class ServiceMonth(models.Model):
    """Somebody says whether a service was given in a month."""

    service = models.ForeignKey("delivery.Service", on_delete=models.CASCADE, related_name="months")
    month = models.DateField()  # its first day
    is_given = models.BooleanField()
    note = models.CharField(max_length=250, blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "month"], name="service_month_once"),
            models.CheckConstraint(
                condition=Q(is_given=True) | ~Q(note=""), name="service_not_given_and_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} in {self.month:%Y-%m}: {'given' if self.is_given else 'not'}"


class Meeting(models.Model):
    """One Engagement Review. When it is closed its minutes stay as they were then."""

    held_on = models.DateField(unique=True)
    opened_by = models.CharField(max_length=160)
    opened_at = models.DateTimeField()
    closed_by = models.CharField(max_length=160, blank=True)
    closed_at = models.DateTimeField(null=True)
    minutes = models.TextField(blank=True)  # Markdown

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="meeting_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"Engagement Review of {self.held_on}"


class Decision(models.Model):
    """What a meeting decided, of one engagement or of all; typed once, and kept until settled."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="decisions")
    engagement = models.ForeignKey(
        "delivery.Engagement", null=True, on_delete=models.CASCADE, related_name="decisions"
    )
    text = models.TextField()
    owner = models.CharField(max_length=160, blank=True)
    due_on = models.DateField(null=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    settled_by = models.CharField(max_length=160, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="decision_settled_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.text
