"""What stands behind a verdict: what a champion was asked, what the evidence said, who used a hub."""

from django.db import models
from django.db.models import Q

from throughline.delivery.words import ChampionAnswer, DeliverableState


class Verdict(models.Model):
    """One verdict of BD with what it rested on; later looks and later verdicts change none."""

    deliverable = models.ForeignKey(
        "delivery.Deliverable", on_delete=models.CASCADE, related_name="verdicts"
    )
    state = models.CharField(max_length=20, choices=DeliverableState.choices)
    why = models.TextField(blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    champion = models.CharField(max_length=20, choices=ChampionAnswer.choices)
    evidence = models.JSONField(default=dict)  # by wanted kind: what its newest look said, "" none

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.deliverable_id}: {self.state} by {self.by}"


class ChampionQuestion(models.Model):
    """BD asked somebody of the community whether a deliverable is what they needed.

    The address of the link is made of its number and `round`, and is written down nowhere but in
    the letter; each reminder is a new round, and closes the link before.
    """

    deliverable = models.ForeignKey(
        "delivery.Deliverable", on_delete=models.CASCADE, related_name="questions"
    )
    name = models.CharField(max_length=160)
    email = models.EmailField()
    text = models.TextField(blank=True)  # what BD wants to know beside the promise itself
    asked_by = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    round = models.PositiveSmallIntegerField(default=0)
    link_id = models.BigIntegerField(null=True)  # of people's signed links
    remind_at = models.DateTimeField(null=True)  # null: nothing is left to be sent
    answer = models.CharField(max_length=20, choices=ChampionAnswer.choices)
    answer_text = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # judged without an answer, or asked again

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["deliverable"],
                condition=Q(answered_at__isnull=True, closed_at__isnull=True),
                name="champion_asked_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["remind_at"], name="champion_to_remind")]

    def __str__(self) -> str:
        return f"{self.name} about {self.deliverable_id}: {self.get_answer_display()}"


class EvidenceLook(models.Model):
    """When an engagement's evidence was looked for last, and what its use said then."""

    engagement = models.OneToOneField(
        "delivery.Engagement", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField()
    first_value_on = models.DateField(null=True)  # null: it was of no value by then
    people = models.PositiveIntegerField(null=True)  # in the newest window
    people_to = models.DateField(null=True)
    is_lost = models.BooleanField(default=False)
    unknown_because = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Engagement {self.pk}, {self.at}"


class UserDay(models.Model):
    """Somebody used a hub on a day. Who it was is a fingerprint that nobody can turn back."""

    hub = models.ForeignKey(
        "infrastructure.Hub", on_delete=models.CASCADE, related_name="user_days"
    )
    on = models.DateField()
    fingerprint = models.CharField(max_length=64)
    is_staff = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hub", "on", "fingerprint"], name="user_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.hub} on {self.on}"


class ActivitySpan(models.Model):
    """Days of which a source has told who used a hub: a day outside is unknown, and not empty."""

    hub = models.ForeignKey(
        "infrastructure.Hub", on_delete=models.CASCADE, related_name="activity_spans"
    )
    source = models.CharField(max_length=250)  # "Prometheus", "activity.csv"
    from_on = models.DateField()
    to_on = models.DateField()  # included
    at = models.DateTimeField()
    by = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hub", "source", "from_on"], name="activity_span_once"),
            models.CheckConstraint(
                condition=Q(to_on__gte=models.F("from_on")), name="activity_span_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub}, {self.from_on} to {self.to_on}: {self.source}"
