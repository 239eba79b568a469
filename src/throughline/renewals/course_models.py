"""What was decided about the end of an engagement, and the files that name its deal."""

from django.db import models
from django.db.models import Q

from throughline.delivery.models import Engagement
from throughline.infrastructure.models import Cluster
from throughline.renewals.words import CourseKind
from throughline.sales.models import Agreement, Deal


class Course(models.Model):
    """What becomes of an engagement at one end date: renew, extend, amend or end."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="courses")
    kind = models.CharField(max_length=20, choices=CourseKind.choices)
    end_on = models.DateField(null=True)  # the last day for which it was decided
    why = models.TextField(blank=True)
    hubs_that_end = models.JSONField(default=list)  # of a renewal in part: "cluster/hub"
    successor = models.ForeignKey(Deal, null=True, on_delete=models.SET_NULL, related_name="+")
    # The successor is to be made in HubSpot: the name by which it is known when it arrives.
    awaited = models.CharField(max_length=255, blank=True)
    amendment = models.ForeignKey(Agreement, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=160, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="")),
                name="course_withdrawn_by_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], condition=~Q(awaited=""), name="course_awaited"),
        ]

    def __str__(self) -> str:
        return f"{self.engagement}: {self.get_kind_display().lower()}"


class ClusterText(models.Model):
    """A cluster's file as it was last imported: what a patch is made of."""

    cluster = models.OneToOneField(Cluster, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=250)  # within the repository, as far as the import tells
    text = models.TextField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.path
