"""What runs without agreement, and how something that ran is taken down."""

from django.db import models
from django.db.models import F, Q

from throughline.renewals.words import DataAnswer, LapseVerdict, StepCode
from throughline.sales.models import Deal


class LapseToken(models.Model):
    """Leave to keep something running without an agreement for a while; the agreement stays over.

    The subject is plain: "deal:12", or "cluster:name" where no deal is known.
    """

    subject = models.CharField(max_length=160, db_index=True)
    from_on = models.DateField()
    until_on = models.DateField()  # last day, included
    why = models.TextField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "from_on"], name="lapse_token_once"),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="lapse_token_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} runs on until {self.until_on}: {self.why}"


class LapseDecision(models.Model):
    """What the BD lead decided once it had run for too long; the newest one counts."""

    subject = models.CharField(max_length=160, db_index=True)
    verdict = models.CharField(max_length=20, choices=LapseVerdict.choices)
    until_on = models.DateField(null=True)  # of "keep": last day, included
    why = models.TextField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=LapseVerdict.KEEP, until_on__isnull=False)
                | Q(verdict=LapseVerdict.DECOMMISSION, until_on__isnull=True),
                name="kept_until_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.get_verdict_display().lower()}"


class Decommission(models.Model):
    """A plan to take something down on a day, for people to see. It deletes nothing itself."""

    subject = models.CharField(max_length=160)
    planned_on = models.DateField()
    why = models.TextField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    called_off_by = models.CharField(max_length=160, blank=True)
    called_off_at = models.DateTimeField(null=True)
    called_off_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(called_off_at__isnull=True), name="planned_once"
            ),
            models.CheckConstraint(
                condition=Q(called_off_at__isnull=True, called_off_by="")
                | (Q(called_off_at__isnull=False) & ~Q(called_off_by="")),
                name="called_off_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} is to be taken down on {self.planned_on}"


class Offboarding(models.Model):
    """The end of what a deal ran: a check list, and the numbers that are kept."""

    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="+")
    hubs = models.JSONField(default=list)  # its own, as "cluster/hub"; nobody else's (E30)
    clusters = models.JSONField(default=list)  # those that serve nobody else
    why = models.TextField(blank=True)
    opened_by = models.CharField(max_length=160)
    opened_at = models.DateTimeField()
    final_cost = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    final_currency = models.CharField(max_length=3, blank=True)
    final_users = models.PositiveIntegerField(null=True)  # monthly active users of the last month
    unknown_because = models.CharField(max_length=250, blank=True)  # what of both is not known
    called_off_by = models.CharField(max_length=160, blank=True)
    called_off_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Offboarding of {self.deal}"


class OffboardingStep(models.Model):
    """Somebody says that a line of the check list is done, and how."""

    offboarding = models.ForeignKey(Offboarding, on_delete=models.CASCADE, related_name="steps")
    code = models.CharField(max_length=20, choices=StepCode.choices)
    note = models.TextField(blank=True)
    until_on = models.DateField(null=True)  # of what is kept
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offboarding", "code"], name="offboarding_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} ({self.by})"


class DataQuestion(models.Model):
    """Somebody of the community is asked whether its data are safe; silence is no yes."""

    offboarding = models.ForeignKey(Offboarding, on_delete=models.CASCADE, related_name="asked")
    name = models.CharField(max_length=160)
    email = models.CharField(max_length=254)
    asked_by = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    link_id = models.BigIntegerField(null=True)  # of the signed link
    answer = models.CharField(max_length=20, choices=DataAnswer.choices, default=DataAnswer.WAITING)
    text = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # somebody else was asked instead
    round = models.PositiveSmallIntegerField(default=0)  # 0 is the letter, then the reminders
    remind_at = models.DateTimeField(null=True)  # null: nothing is left to be sent

    class Meta:
        indexes = [models.Index(fields=["remind_at"], name="data_to_remind")]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_answer_display()}"
