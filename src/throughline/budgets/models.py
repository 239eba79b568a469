"""Who watches which account, what came in about it, and what people make of that."""

from django.db import models
from django.db.models import Q

from throughline.budgets.words import (
    TOLD_IN_MONEY,
    AlertState,
    Decision,
    ReceivedState,
    Source,
    Spend,
    Way,
)
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount


class Arming(models.Model):
    """An engagement's account is watched in one way, as it was last seen or made."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="armings")
    account = models.ForeignKey(CloudAccount, on_delete=models.PROTECT, related_name="armings")
    way = models.CharField(max_length=20, choices=Way.choices)
    name = models.CharField(max_length=120)  # of the budget; of a computed alert: what it watches
    to = models.CharField(max_length=254, blank=True)  # who is told
    is_armed = models.BooleanField()
    since = models.DateTimeField()  # it has stood so
    receipt = models.CharField(max_length=300, blank=True)
    looked_at = models.DateTimeField(null=True)  # of a computed one: when costs were looked at last

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "account", "way", "name"], name="armed_once_each_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.account} by {self.way}"


class Received(models.Model):
    """Something that came in about costs, whole, as it came."""

    key = models.CharField(max_length=64, unique=True)  # of the content: the same is kept once
    source = models.CharField(max_length=20, choices=Source.choices)
    body = models.TextField()
    kept_at = models.DateTimeField()
    kept_by = models.CharField(max_length=160)
    times = models.PositiveIntegerField(default=1)  # how often the very same came in
    state = models.CharField(
        max_length=20, choices=ReceivedState.choices, default=ReceivedState.KEPT
    )
    why = models.TextField(blank=True)  # it cannot be read, or says nothing new
    read_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=160, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "kept_at"], name="received_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="received_settled_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} of {self.kept_at:%Y-%m-%d %H:%M}"


class Alert(models.Model):
    """One ticket: what was told of one account in one month, and what people do about it.

    A storm of thresholds is one ticket. Something new that is told after the decision opens it
    again; nothing else does, and nothing closes it but a person.
    """

    key = models.CharField(max_length=200, unique=True)  # account or budget, and month
    account = models.ForeignKey(
        CloudAccount, null=True, on_delete=models.PROTECT, related_name="alerts"
    )
    engagement = models.ForeignKey(
        Engagement, null=True, on_delete=models.CASCADE, related_name="alerts"
    )
    about = models.CharField(max_length=200)  # the budget or account, as it was told
    month = models.CharField(max_length=7)  # 2026-03
    state = models.CharField(max_length=20, choices=AlertState.choices, default=AlertState.OPEN)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()  # when something new was told last
    owner = models.CharField(max_length=160, blank=True)
    owned_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=160, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    cause = models.TextField(blank=True)
    decision = models.CharField(max_length=20, choices=Decision.choices, blank=True)
    decision_why = models.TextField(blank=True)
    decided_by = models.CharField(max_length=160, blank=True)
    decided_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)  # the champion
    told_by = models.CharField(max_length=160, blank=True)
    credit_asked_at = models.DateTimeField(null=True)  # of the Sponsor
    credit_asked_by = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "last_at"], name="alert_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by="", decision="")
                | (Q(decided_at__isnull=False) & ~Q(decided_by="") & ~Q(decision="")),
                name="alert_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="")),
                name="alert_acknowledged_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} in {self.month}"


class Crossing(models.Model):
    """One threshold that is passed, or will be, told as often as it was."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="crossings")
    key = models.CharField(max_length=250, unique=True)
    received = models.ForeignKey(
        Received, null=True, on_delete=models.SET_NULL, related_name="crossings"
    )
    source = models.CharField(max_length=20, choices=Source.choices)
    budget = models.CharField(max_length=200)
    spend = models.CharField(max_length=20, choices=Spend.choices)
    threshold = models.CharField(max_length=60)  # "80 %", "> $0.01": as it was told
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    limit = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=3)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["alert", "last_at"], name="crossing_of_alert")]

    def __str__(self) -> str:
        return f"{self.budget}: {self.get_spend_display()} {self.threshold}"

    @property
    def tells_money(self) -> bool:
        """Whether the threshold itself is an amount, and not a share."""
        return self.source in TOLD_IN_MONEY
