"""Joint work: one project that several deals pay for, and who carries how much."""

from django.db import models
from django.db.models import Q

from throughline.sales.models import Deal


class JointWork(models.Model):
    """One project that several engagements pay for; its deliverables exist once."""

    project = models.OneToOneField(
        "delivery.Project", on_delete=models.PROTECT, related_name="joint"
    )
    title = models.CharField(max_length=250)
    begun_in = models.ForeignKey(  # where its deliverables were planned; another may carry it now
        "delivery.Engagement", on_delete=models.PROTECT, related_name="joint_begun"
    )
    begun_as = models.CharField(max_length=60)  # the project's code there
    threshold = models.PositiveSmallIntegerField()  # so many must have signed before it starts
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # null: not agreed yet
    currency = models.CharField(max_length=3, blank=True)  # of the price
    opened_by = models.CharField(max_length=160)
    opened_at = models.DateTimeField()
    started_by = models.CharField(max_length=160, blank=True)
    started_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gte=1), name="joint_threshold_positive"),
            models.CheckConstraint(
                condition=Q(price__isnull=True, currency="") | (Q(price__gte=0) & ~Q(currency="")),
                name="joint_price_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class JointShare(models.Model):
    """What one deal carries of a joint work: so many parts of the sum of all parts."""

    work = models.ForeignKey(JointWork, on_delete=models.CASCADE, related_name="shares")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="joint_shares")
    parts = models.DecimalField(max_digits=8, decimal_places=2)
    joined_by = models.CharField(max_length=160)
    joined_at = models.DateTimeField()
    left_by = models.CharField(max_length=160, blank=True)
    left_at = models.DateTimeField(null=True)
    left_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work", "deal"], name="joint_share_once"),
            models.CheckConstraint(condition=Q(parts__gt=0), name="joint_parts_positive"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, left_by="", left_why="")
                | (Q(left_at__isnull=False) & ~Q(left_by="") & ~Q(left_why="")),
                name="joint_left_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal} in {self.work}"
