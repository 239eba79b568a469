"""Outcomes, passes and plans as rows: what must be true, what was approved, and the proof."""

from django.db import models
from django.db.models import Q

from throughline.delivery.models import Engagement
from throughline.handoff.decided import FieldDecision, IgnoredDrift, LastLook
from throughline.handoff.webhook_models import Delivery, Reading, Subscription
from throughline.handoff.words import OutcomeState, PlanState

__all__ = [
    "Bucket",
    "Closure",
    "Delivery",
    "FieldDecision",
    "IgnoredDrift",
    "LastLook",
    "Outcome",
    "Pass",
    "Plan",
    "Reading",
    "Subscription",
]


class Plan(models.Model):
    """What a handoff would make, line by line, as somebody read and approved it."""

    engagement = models.ForeignKey(
        Engagement, on_delete=models.CASCADE, related_name="handoff_plans"
    )
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)  # SHA-256 over the lines
    lines = models.JSONField()  # one for each outcome, with what a person reads of it
    state = models.CharField(max_length=20, choices=PlanState.choices, default=PlanState.PROPOSED)
    decided_by = models.CharField(max_length=120, blank=True)  # or "policy: …" of the playbook
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of a rejection
    applied_at = models.DateTimeField(null=True)
    differences = models.JSONField(default=list)  # why it is stale, line by line

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="")
                | (Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="plan_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "engagement"], name="plan_state")]

    def __str__(self) -> str:
        return f"Plan {self.pk} of {self.engagement}: {self.state}"


class Pass(models.Model):
    """The lease on one engagement's outcomes: one worker at a time, by compare-and-set."""

    engagement = models.OneToOneField(
        Engagement, primary_key=True, on_delete=models.CASCADE, related_name="handoff_pass"
    )
    leased_by = models.CharField(max_length=120, blank=True)
    leased_until = models.DateTimeField(null=True)
    turn = models.PositiveIntegerField(default=0)  # one more each time the lease changes hands
    asked_by = models.CharField(max_length=120, blank=True)  # approved everything, not yet in rows
    due_at = models.DateTimeField(null=True)  # a worker is to look at everything, from then on
    last_at = models.DateTimeField(null=True)
    last_calls = models.JSONField(default=dict)  # requests to each outside system, in the last pass

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
    audience = models.CharField(max_length=20, default="staff")  # who can read it
    summary = models.CharField(max_length=300)
    wanted = models.JSONField()
    approved = models.CharField(max_length=64, blank=True)  # digest of what may still be made
    seen = models.JSONField(null=True)
    seen_at = models.DateTimeField(null=True)  # when it was last looked at
    state = models.CharField(
        max_length=20, choices=OutcomeState.choices, default=OutcomeState.WANTED
    )
    remedy = models.TextField(blank=True)  # what a person can do, where one is needed
    attempts = models.PositiveIntegerField(default=0)  # intents ever written
    rounds = models.PositiveIntegerField(default=0)  # in a row that did not make it true
    doubts = models.PositiveIntegerField(default=0)  # in a row whose answer was lost
    next_at = models.DateTimeField(null=True)  # when to look again; null: when something changes
    intent_at = models.DateTimeField(null=True)  # written before the act, cleared with the result
    settles_at = models.DateTimeField(null=True)  # until then a look may not show the last act
    replaced = models.JSONField(null=True)  # what was there before the last act: a late look's view
    receipt = models.JSONField(null=True)  # id, address, when seen
    receipt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=OutcomeState.CONVERGED) | Q(receipt__isnull=False),
                name="converged_has_a_receipt",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="outcome_due"),
            models.Index(fields=["intent_at"], name="outcome_intended"),
            # Nearly all rows have converged: who looks for the others says so, and reads no others.
            models.Index(
                fields=["state"],
                condition=~Q(state=OutcomeState.CONVERGED),
                name="outcome_not_converged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"


class Bucket(models.Model):
    """The calls that one limit of one system still allows, shared by all workers."""

    limit = models.CharField(max_length=80, primary_key=True)  # "github/60"
    tokens = models.FloatField()  # below zero: more calls were made than were taken
    filled_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.limit}: {self.tokens:.1f}"


class Closure(models.Model):
    """A system that asked everybody to wait."""

    system = models.CharField(max_length=40, primary_key=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.system}, closed until {self.until}"
