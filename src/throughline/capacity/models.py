"""PS's answers, and the hours kept for deals. Subjects are plain text: nothing above is known."""

from django.db import models
from django.db.models import Q

from throughline.capacity.words import AnswerWord, HoldKind


class CapacityAnswer(models.Model):
    """PS's dated, expiring answer for one deal; the newest counts."""

    subject = models.CharField(max_length=80, db_index=True)  # "deal:123"
    answer = models.CharField(max_length=20, choices=AnswerWord.choices)
    start_on = models.DateField(null=True)  # of "yes, from"
    only_if = models.JSONField(default=list)
    assumptions = models.JSONField(default=list)
    basis = models.JSONField(default=dict)  # estimate and dates it was given for
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    expires_on = models.DateField()  # last day on which it counts

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(answer=AnswerWord.YES_FROM) | Q(start_on__isnull=False),
                name="yes_from_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.answer} by {self.by}"


class Hold(models.Model):
    """Hours of a role in a period, kept for a deal."""

    subject = models.CharField(max_length=80, db_index=True)
    role = models.CharField(max_length=40)
    hours = models.DecimalField(max_digits=8, decimal_places=2)
    from_on = models.DateField()
    to_on = models.DateField()  # last day
    kind = models.CharField(max_length=10, choices=HoldKind.choices)
    expires_on = models.DateField(null=True)  # soft holds expire; firm ones do not

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours__gt=0), name="hold_has_hours"),
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="hold_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(kind=HoldKind.FIRM) | Q(expires_on__isnull=False),
                name="soft_hold_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hours} h of {self.role} for {self.subject} ({self.kind})"
