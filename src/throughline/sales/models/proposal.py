"""What a deal needs on its way: the verbal yes, Sponsor work."""

from django.db import models
from django.db.models import Q

from throughline.sales.models.deal import Deal
from throughline.sales.words import WorkKind


class VerbalClose(models.Model):
    """Who said yes, when, and to which version of the offer."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="verbal_closes")
    said_by = models.CharField(max_length=160)
    said_on = models.DateField()
    version = models.CharField(max_length=120)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.deal}: yes by {self.said_by} on {self.said_on}"


class SponsorWork(models.Model):
    """A work order on the Sponsor's desk."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="sponsor_work")
    kind = models.CharField(max_length=20, choices=WorkKind.choices)
    question = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=160)
    taken_at = models.DateTimeField(null=True)  # by whom of the Sponsor it is being done
    taken_by = models.CharField(max_length=160, blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=160, blank=True)
    receipt = models.CharField(max_length=250, blank=True)  # SAGE number, the answer in words

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal", "kind"], name="sponsor_asked_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by="")
                | (Q(done_at__isnull=False) & ~Q(done_by="")),
                name="sponsor_work_done_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by="")
                | (Q(taken_at__isnull=False) & ~Q(taken_by="")),
                name="sponsor_work_taken_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.get_kind_display()}"
