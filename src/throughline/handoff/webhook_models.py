"""Who is told of what happens by a webhook, and each telling as a row until it has arrived."""

from django.db import models
from django.db.models import Q

from throughline.handoff.words import DeliveryState


class Subscription(models.Model):
    """One address that is told of acts of the journal."""

    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    acts = models.JSONField(default=list)  # beginnings, such as "sales.deal"; none: every act
    sealed_secret = models.TextField()  # signing needs it, so it is kept, sealed with our key
    sealed_before = models.TextField(blank=True)  # the one before, good for a while
    before_until = models.DateTimeField(null=True)
    after_entry = models.BigIntegerField(default=0)  # what happened before is not told
    made_by = models.CharField(max_length=160)
    made_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)  # for good; the log of what was told stays

    def __str__(self) -> str:
        return f"{self.name} ({self.url})"


class Delivery(models.Model):
    """One act to be told to one address, with the same id at every attempt."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="deliveries"
    )
    message_id = models.CharField(max_length=60, unique=True)  # receivers know repeats by it
    entry = models.BigIntegerField()  # of the journal; 0: a test
    body = models.TextField()  # the bytes that are signed, the same at every attempt
    state = models.CharField(
        max_length=20, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    made_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # when to try (again)
    status = models.PositiveSmallIntegerField(null=True)  # what the last attempt was answered
    error = models.TextField(blank=True)
    arrived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "entry"], condition=~Q(entry=0), name="webhook_told_once"
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.ARRIVED, arrived_at__isnull=False)
                | (~Q(state=DeliveryState.ARRIVED) & Q(arrived_at__isnull=True)),
                name="webhook_arrived_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="webhook_due")]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.subscription}: {self.state}"


class Reading(models.Model):
    """How far the journal has been read for webhooks: one row.

    On PostgreSQL an entry may become visible after one with a higher number. So what is young is
    read again each time; `webhook_told_once` keeps it from being told again.
    """

    upto = models.BigIntegerField(default=0)  # everything up to here was told
    next_upto = models.BigIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # when `next_upto` was the newest

    def __str__(self) -> str:
        return f"read up to {self.upto}"
