"""The team, PS's answers, and hours asked for, kept and booked.

Subjects are plain text ("deal:123"): nothing above is known.
"""

from django.db import models
from django.db.models import Q

from throughline.capacity.words import AnswerWord, GivenHow, HoldKind


class CapacityAnswer(models.Model):
    """PS's dated, expiring answer for one deal; the newest counts."""

    subject = models.CharField(max_length=80, db_index=True)  # "deal:123"
    answer = models.CharField(max_length=20, choices=AnswerWord.choices)
    start_on = models.DateField(null=True)  # of "yes, from"
    only_if = models.JSONField(default=list)
    assumptions = models.JSONField(default=list)
    basis = models.JSONField(default=dict)  # estimate, dates and team it was given for
    note = models.TextField(blank=True)
    proposed = models.JSONField(default=dict)  # what the computation said then; {} where it did not
    affects = models.JSONField(default=list)  # deals that fitted before and do not now
    how = models.CharField(max_length=20, choices=GivenHow.choices, default=GivenHow.BY_HAND)
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
    title = models.CharField(max_length=250, blank=True)  # of what they are kept for
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


class Colleague(models.Model):
    """Somebody of our own team, as supply."""

    name = models.CharField(max_length=160, unique=True)
    roles = models.JSONField(default=list)  # team roles of the playbook, by code
    weekly_hours = models.DecimalField(max_digits=5, decimal_places=2)
    billable_share = models.DecimalField(max_digits=5, decimal_places=4)  # 0 to 1
    from_on = models.DateField(null=True)  # first day; null: has always been there
    to_on = models.DateField(null=True)  # last day, included; null: stays
    country = models.CharField(max_length=10, blank=True)  # "DE", "US-CA": public holidays

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekly_hours__gte=0, weekly_hours__lte=168), name="week_has_168_hours"
            ),
            models.CheckConstraint(
                condition=Q(billable_share__gte=0, billable_share__lte=1), name="share_is_a_part"
            ),
            models.CheckConstraint(
                condition=Q(from_on__isnull=True)
                | Q(to_on__isnull=True)
                | Q(to_on__gte=models.F("from_on")),
                name="colleague_leaves_after_joining",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TimeOff(models.Model):
    """Days on which somebody of the team does not work."""

    colleague = models.ForeignKey(Colleague, on_delete=models.CASCADE, related_name="time_off")
    from_on = models.DateField()
    to_on = models.DateField()  # last day
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="time_off_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.colleague}: off {self.from_on} to {self.to_on}"


class Demand(models.Model):
    """Hours that an open deal asks for, as a range; anybody with one of the roles may do them."""

    subject = models.CharField(max_length=80, db_index=True)
    code = models.CharField(max_length=60)  # "1.2": second item of the first deliverable
    title = models.CharField(max_length=250)
    roles = models.JSONField(default=list)
    assigned_role = models.CharField(max_length=40, blank=True)  # a person's choice among them
    low_h = models.DecimalField(max_digits=8, decimal_places=2)
    high_h = models.DecimalField(max_digits=8, decimal_places=2)
    from_on = models.DateField()
    due_on = models.DateField(null=True)  # last day; null: nobody has said

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "code"], name="demand_once"),
            models.CheckConstraint(
                condition=Q(low_h__gte=0, high_h__gte=models.F("low_h")), name="demand_in_order"
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=models.F("from_on")),
                name="demand_due_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.low_h}–{self.high_h} h for {self.subject}: {self.title}"


class Booking(models.Model):
    """Hours of the team that a running engagement will use, by anybody with one of the roles."""

    subject = models.CharField(max_length=80, db_index=True)
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=250)
    roles = models.JSONField(default=list)
    hours = models.DecimalField(max_digits=8, decimal_places=2)
    from_on = models.DateField()
    to_on = models.DateField()  # last day

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "code"], name="booking_once"),
            models.CheckConstraint(condition=Q(hours__gt=0), name="booking_has_hours"),
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="booking_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hours} h for {self.subject}: {self.title}"


class StandingLoad(models.Model):
    """Hours a week of a role that something running takes: a hub, a tier's service."""

    subject = models.CharField(max_length=80, db_index=True)  # "deal:123", "cluster:maap"
    role = models.CharField(max_length=40)
    hours_per_week = models.DecimalField(max_digits=6, decimal_places=2)
    from_on = models.DateField(null=True)  # null: has run since ever
    to_on = models.DateField(null=True)  # last day; null: no end is known
    why = models.CharField(max_length=120)  # "3 hubs", "Premier"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours_per_week__gt=0), name="load_has_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.hours_per_week} h a week of {self.role} for {self.subject} ({self.why})"
