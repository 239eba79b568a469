"""Outcomes as rows: what must be true, what was seen, and the proof."""

from django.db import models
from django.db.models import Q

from throughline.delivery.models import Engagement
from throughline.handoff.words import OutcomeState


class Pass(models.Model):
    """The lease on one engagement's outcomes: one worker at a time, by compare-and-set."""

    engagement = models.OneToOneField(
        Engagement, primary_key=True, on_delete=models.CASCADE, related_name="handoff_pass"
    )
    leased_by = models.CharField(max_length=120, blank=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(leased_until__isnull=True, leased_by="")
                | (Q(leased_until__isnull=False) & ~Q(leased_by="")),
                name="lease_has_a_holder",
            ),
        ]

    def __str__(self) -> str:
        return f"Pass over {self.engagement}, {self.leased_by or 'free'}"


class Outcome(models.Model):
    """One thing that must be true in one system."""

    key = models.CharField(max_length=200, unique=True)  # "delivery.project:12:new-hub"
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="outcomes")
    system = models.CharField(max_length=40)
    summary = models.CharField(max_length=300)
    wanted = models.JSONField()
    seen = models.JSONField(null=True)
    state = models.CharField(
        max_length=20, choices=OutcomeState.choices, default=OutcomeState.WANTED
    )
    remedy = models.TextField(blank=True)  # what a person can do, where one is needed
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # when to look again; null: when something changes
    intent_at = models.DateTimeField(null=True)  # written before the act, cleared with the result
    receipt = models.JSONField(null=True)  # id, address, when seen
    receipt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=OutcomeState.CONVERGED) | Q(receipt__isnull=False),
                name="converged_has_a_receipt",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="outcome_due")]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"
