"""What people decided about a handoff: fields nobody had a place for, drift that may stay."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from throughline.delivery.models import Engagement
from throughline.handoff.words import FieldVerdict


class FieldDecision(models.Model):
    """What becomes of a field of one deal for which the playbook has no rule."""

    engagement = models.ForeignKey(
        Engagement, on_delete=models.CASCADE, related_name="field_decisions"
    )
    field = models.CharField(max_length=200)  # as the ledger names it: "deal.extra.gpu_type"
    verdict = models.CharField(max_length=20, choices=FieldVerdict.choices)
    why = models.CharField(max_length=250)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "field"], name="field_decided_once"),
            models.CheckConstraint(condition=~Q(why=""), name="field_decided_because"),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.engagement}: {self.verdict}"


class IgnoredDrift(models.Model):
    """A person lets one outcome differ until a day (included), for a reason.

    It holds for the difference that they saw: another one is drift again.
    """

    outcome = models.ForeignKey("handoff.Outcome", on_delete=models.CASCADE, related_name="ignored")
    seen = models.JSONField(null=True)  # what was there; null: nothing was
    why = models.CharField(max_length=250)
    until_on = models.DateField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    ended_by = models.CharField(max_length=160, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="drift_ignored_because"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="ignoring_ended_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} may differ until {self.until_on}"

    def holds(self, seen: dict[str, Any] | None, *, on: date) -> bool:
        """Return whether it covers what is seen on a day, its last day included."""
        return self.ended_at is None and self.until_on >= on and self.seen == seen


class LastLook(models.Model):
    """When everything that an engagement's handoff made was last looked at."""

    engagement = models.OneToOneField(
        Engagement, primary_key=True, on_delete=models.CASCADE, related_name="last_look"
    )
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="look_oldest")]

    def __str__(self) -> str:
        return f"{self.engagement} looked at {self.at}"
