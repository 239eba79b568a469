"""The deal, its order, and what was set aside or passed by on its way."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from throughline.communities.models import Community
from throughline.sales.words import ExceptionState


class Deal(models.Model):
    """One transaction with a contact or company, moving through stages."""

    hubspot_id = models.CharField(  # noqa: DJ001 -- null keeps "unique" from comparing blanks
        max_length=40, null=True, unique=True
    )
    name = models.CharField(max_length=255)
    owner = models.CharField(max_length=120, blank=True)  # who of BD has it
    buyer = models.CharField(max_length=250, blank=True)  # the legal party; not the community
    community = models.ForeignKey(
        Community, null=True, on_delete=models.PROTECT, related_name="deals"
    )
    pipeline = models.CharField(max_length=120, blank=True)
    stage = models.CharField(max_length=40, blank=True, db_index=True)  # "" is unmapped
    stage_elsewhere = models.CharField(max_length=120, blank=True)  # as the source words it
    stage_since = models.DateTimeField()
    revenue_type = models.CharField(max_length=60, blank=True)
    tier = models.CharField(max_length=40, blank=True)
    tier_none_because = models.CharField(max_length=250, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    amount_collected = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    mrr = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    arr = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    projected_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    probability = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    close_on = models.DateField(null=True)
    contract_start_on = models.DateField(null=True)
    contract_end_on = models.DateField(null=True)
    target_start_on = models.DateField(null=True)
    target_end_on = models.DateField(null=True)
    start_on = models.DateField(null=True)  # the term in force: agreement, contract, target
    end_on = models.DateField(null=True, db_index=True)  # last day, included
    deliverable_dates = models.JSONField(default=dict)  # SoW deliverable's title: ISO due date
    legal_needed_because = models.CharField(max_length=250, blank=True)
    lost_reason = models.CharField(max_length=250, blank=True)
    source = models.JSONField(default=dict)  # the cells last read elsewhere, to see what changed
    extra = models.JSONField(default=dict)  # cells nobody has a place for yet
    reopened_at = models.DateTimeField(null=True)  # taken back out of a won stage, and open since
    deleted_at = models.DateTimeField(null=True)  # gone elsewhere; what hangs on it stays (E3)
    deleted_by = models.CharField(max_length=160, blank=True)
    merged_into = models.ForeignKey(  # it goes on as that one: no tombstone of its own (E1)
        "self", null=True, on_delete=models.PROTECT, related_name="merged"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, deleted_by="")
                | (Q(deleted_at__isnull=False) & ~Q(deleted_by="")),
                name="deal_deleted_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True)
                | (Q(deleted_at__isnull=False) & ~Q(merged_into=F("pk"))),
                name="deal_merged_is_gone",
            ),
            models.CheckConstraint(
                condition=Q(start_on__isnull=True)
                | Q(end_on__isnull=True)
                | Q(end_on__gte=F("start_on")),
                name="deal_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="deal_amount_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "-stage_since", "-id"], name="deal_board"),
            models.Index(fields=["tier"], name="deal_tier"),
            models.Index(  # all that the sums of the pipeline and of months read, without the rows
                fields=[
                    "stage",
                    "currency",
                    "deleted_at",
                    "amount",
                    "probability",
                    "start_on",
                    "end_on",
                    "close_on",
                ],
                name="deal_money",
            ),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deal_gone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.reference})"

    @property
    def reference(self) -> str:
        """What people call the deal by: its HubSpot id, else our number."""
        return self.hubspot_id or str(self.pk)

    @property
    def way_back(self) -> str:
        """What to do about a deal that is gone: it goes on as another, or can be restored."""
        if self.merged_into_id is not None:
            return f"It was merged, and goes on as deal {self.merged_into_id}: work on that one."
        return "Restore it first, here and where it was deleted: `throughline deal restore`."

    @property
    def subject(self) -> str:
        """The deal as the floors below name it."""
        return f"deal:{self.pk}"


class DealAlias(models.Model):
    """A number that a deal had in HubSpot before it was merged there; people still name it."""

    old_id = models.CharField(max_length=40, unique=True)
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="aliases")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.old_id} is {self.deal} now"


class Waiver(models.Model):
    """A condition set aside for one deal, by whom, why and until which day (included)."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="waivers")
    code = models.CharField(max_length=60)
    reason = models.TextField()
    until_on = models.DateField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=160, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="")),
                name="waiver_withdrawn_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.code} waived by {self.by} until {self.until_on}"

    def counts(self, on: date) -> bool:
        """Return whether it sets its condition aside on a day, its last day included."""
        return self.withdrawn_at is None and self.until_on >= on


class EarlyStart(models.Model):
    """Leave to order before the agreement is executed. It never opens Closed Won."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="early_starts")
    reason = models.TextField()
    money_limit = models.DecimalField(max_digits=14, decimal_places=2)
    until_on = models.DateField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(money_limit__gt=0), name="early_start_has_a_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: early start until {self.until_on}, at most {self.money_limit}"


class Order(models.Model):
    """BD's request to PS to start delivery. It starts the clock for Time to First Value."""

    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="order")
    at = models.DateTimeField()
    by = models.CharField(max_length=160)
    early_start = models.ForeignKey(EarlyStart, null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"Order for {self.deal}"


class GateException(models.Model):
    """A deal that was moved past an open gate elsewhere; a person explains or reverts it."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="exceptions")
    from_stage = models.CharField(max_length=40, blank=True)
    to_stage = models.CharField(max_length=40)
    conditions = models.JSONField(default=list)  # codes that were open
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=160)
    state = models.CharField(
        max_length=20, choices=ExceptionState.choices, default=ExceptionState.OPEN
    )
    explanation = models.TextField(blank=True)
    closed_by = models.CharField(max_length=160, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ExceptionState.OPEN, closed_at__isnull=True, closed_by="")
                | (~Q(state=ExceptionState.OPEN) & Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="exception_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: moved to {self.to_stage} past {', '.join(self.conditions)}"
