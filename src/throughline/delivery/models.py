"""Engagements and what they are made of."""

from django.db import models
from django.db.models import Q

from throughline.delivery.joint_models import JointShare, JointWork
from throughline.delivery.meeting_models import Decision, Meeting, ServiceMonth
from throughline.delivery.verification_models import (
    ActivitySpan,
    ChampionQuestion,
    EvidenceLook,
    UserDay,
    Verdict,
)
from throughline.delivery.words import (
    DeliverableState,
    EvidenceKind,
    EvidenceState,
    Health,
    Origin,
    ScopeVerb,
)
from throughline.documents.models import Document
from throughline.infrastructure.models import Cluster
from throughline.sales.models import Agreement, Deal

__all__ = [
    "ActivitySpan", "BegunProject", "ChampionQuestion", "Clause", "Decision", "Deliverable",
    "DoneTick", "Engagement", "EngagementCluster", "Evidence", "EvidenceLook", "HandoffReturn",
    "JointShare", "JointWork", "Meeting", "Need", "Project", "ProjectFact", "ScopeChange",
    "Service", "ServiceMonth", "SpentHours", "UserDay", "Verdict",
]  # fmt: skip


class Engagement(models.Model):
    """The overall scope of work under one deal.

    Its key is the deal's: one number names both, and a second engagement cannot exist.
    """

    deal = models.OneToOneField(
        Deal, primary_key=True, on_delete=models.PROTECT, related_name="engagement"
    )
    origin = models.CharField(max_length=20, choices=Origin.choices)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=160)
    health = models.CharField(max_length=20, choices=Health.choices, default=Health.ON_TRACK)
    health_why = models.CharField(max_length=250, blank=True)
    health_at = models.DateTimeField(null=True)  # null: nobody has said anything yet
    accepted_by = models.CharField(max_length=160, blank=True)  # of PS, by name
    accepted_at = models.DateTimeField(null=True)
    is_ending = models.BooleanField(default=False)  # the renewal's outcome is "end"
    successor = models.ForeignKey(
        Deal, null=True, on_delete=models.SET_NULL, related_name="predecessors"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by="")
                | (Q(accepted_at__isnull=False) & ~Q(accepted_by="")),
                name="engagement_accepted_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"Engagement {self.pk}"

    @property
    def number(self) -> int:
        """The engagement's number, which is its deal's."""
        return int(self.pk)


class HandoffReturn(models.Model):
    """PS does not accept the handoff: which line is wrong, why, and what BD answered."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="returns")
    line = models.CharField(max_length=240)  # "ledger:deal.tier", "plan:KEY", "note:5"
    line_text = models.TextField()  # the line as it read then
    why = models.TextField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=160, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by="", answer="")
                | (Q(answered_at__isnull=False) & ~Q(answered_by="") & ~Q(answer="")),
                name="return_answered_by_someone",
            ),
        ]
        indexes = [
            models.Index(
                fields=["engagement"], condition=Q(answered_at__isnull=True), name="return_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement}: {self.line} returned by {self.by}"


class Project(models.Model):
    """A stream of work in an engagement, made of deliverables."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="projects")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=40)
    lead = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "code"], name="project_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.engagement})"


class Deliverable(models.Model):
    """One discrete promise."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deliverables")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=250)
    owner = models.CharField(max_length=160, blank=True)  # of PS: who sees to it
    promise = models.CharField(max_length=250, blank=True)  # clause or SoW item; "": serves none
    definition_of_done = models.JSONField(default=list)
    wanted_evidence = models.JSONField(default=list)  # kinds that can show it is done
    due_on = models.DateField(null=True)
    # Set by a person after the handoff: field, what it is now, and instead of what. It holds for as
    # long as deal, statement and template still say what it replaced.
    agreed = models.JSONField(default=dict)
    low_h = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    high_h = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    state = models.CharField(
        max_length=20, choices=DeliverableState.choices, default=DeliverableState.PLANNED
    )
    done_by = models.CharField(max_length=160, blank=True)
    done_at = models.DateTimeField(null=True)
    verdict_by = models.CharField(max_length=160, blank=True)
    verdict_at = models.DateTimeField(null=True)
    verdict_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="deliverable_once"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by="")
                | (Q(done_at__isnull=False) & ~Q(done_by="")),
                name="deliverable_done_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliverableState.VERIFIED)
                | (Q(verdict_at__isnull=False) & ~Q(verdict_by="") & Q(done_at__isnull=False)),
                name="deliverable_verified_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class Service(models.Model):
    """Ongoing work without a done-date."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="services")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=250)
    rhythm = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "code"], name="service_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.engagement})"


class Evidence(models.Model):
    """A dated look for a fact that shows a deliverable is done."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=40, choices=EvidenceKind.choices)
    state = models.CharField(max_length=20, choices=EvidenceState.choices)
    text = models.TextField()
    link = models.CharField(max_length=500, blank=True)
    document = models.ForeignKey(  # a file that a person brought
        Document, null=True, on_delete=models.PROTECT, related_name="evidence"
    )
    at = models.DateTimeField()
    by = models.CharField(max_length=160)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"


class EngagementCluster(models.Model):
    """A cluster that serves an engagement; one may serve several."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="on_clusters")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="serves")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "cluster"], name="cluster_serves_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cluster} for {self.engagement}"


class DoneTick(models.Model):
    """Somebody says that one point of a definition of done holds.

    It is kept by the point's words: when those change, nobody has said it of the new ones.
    """

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="ticks")
    point = models.TextField()
    point_sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "point_sha256"], name="point_once"),
        ]

    def __str__(self) -> str:
        return f"{self.point} ({self.by})"


class Need(models.Model):
    """A deliverable cannot be done before another one is."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="needs")
    needed = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="needed_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "needed"], name="need_once"),
            models.CheckConstraint(
                condition=~Q(deliverable=models.F("needed")), name="need_not_of_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} needs {self.needed}"


class SpentHours(models.Model):
    """Hours that somebody worked on a deliverable; negative ones take back what was too much."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="spent")
    hours = models.DecimalField(max_digits=7, decimal_places=2)
    on = models.DateField()
    note = models.CharField(max_length=250, blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.hours} h by {self.by} on {self.on}"


class BegunProject(models.Model):
    """A project of the playbook that somebody began beside those of the engagement's template."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="begun")
    template = models.CharField(max_length=60)  # the project's code in the playbook
    code = models.CharField(max_length=60)  # of this one: "event", "event-2"
    title = models.CharField(max_length=250)
    about_on = models.DateField()  # the event's first day, the day of waking up or shutting down
    why = models.TextField(blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "code"], name="begun_project_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.engagement})"


class ProjectFact(models.Model):
    """What a phase must know before it can begin, and no other room keeps."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="facts")
    project = models.CharField(max_length=60)  # code; it may not stand yet
    field = models.CharField(max_length=60)  # as the playbook names it: "project.gpus"
    value = models.CharField(max_length=500)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "project", "field"], name="project_fact_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"


class Clause(models.Model):
    """A promise that the agreement's text makes beside the statement of work."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="clauses")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="clauses")
    name = models.CharField(max_length=80)  # "§ 4.2"
    text = models.TextField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "name"], name="clause_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


class ScopeChange(models.Model):
    """What an amendment changed of the deliverables; or work that was added and nobody promised."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="scope")
    amendment = models.ForeignKey(
        Agreement, null=True, on_delete=models.PROTECT, related_name="scope_changes"
    )
    verb = models.CharField(max_length=20, choices=ScopeVerb.choices)
    project = models.CharField(max_length=60)
    code = models.CharField(max_length=60)
    fields = models.JSONField(default=dict)  # what the deliverable is since, as a plan spells it
    before = models.JSONField(default=dict)
    why = models.TextField(blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amendment__isnull=False) | Q(verb=ScopeVerb.ADDED),
                name="scope_changed_by_an_amendment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.code}"
