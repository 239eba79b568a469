"""How long a deal stood in a stage: the journal's moves, folded so that they can be counted."""

from django.db import models
from django.db.models import F, Q

from throughline.sales.models.deal import Deal


class Stay(models.Model):
    """One time that a deal stood in one stage, from the move that brought it to the next one."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="stays")
    stage = models.CharField(max_length=40, blank=True)  # "" is unmapped
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)  # null: it stands there
    days = models.PositiveIntegerField(null=True)  # whole ones, of 24 hours; null while it lasts
    next_stage = models.CharField(max_length=40, blank=True)  # where it went
    again_at = models.DateTimeField(null=True)  # when it entered the same stage the next time

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=Q(to_at__isnull=True), name="stay_one_lasts"
            ),
            models.CheckConstraint(
                condition=Q(to_at__isnull=True, days__isnull=True, next_stage="")
                | Q(to_at__gte=F("from_at"), days__isnull=False),
                name="stay_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["from_at", "stage", "next_stage", "days", "again_at", "deal"],
                name="stay_entered",
            ),
            models.Index(fields=["deal", "stage"], name="stay_of_deal"),
        ]

    def __str__(self) -> str:
        return f"{self.deal} in {self.stage or 'no stage'} from {self.from_at:%Y-%m-%d}"
