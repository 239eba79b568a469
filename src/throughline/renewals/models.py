"""Notices that went out or were passed over. What is still to come is computed, not stored."""

from django.db import models

from throughline.delivery.models import Engagement
from throughline.mail.models import Message
from throughline.renewals.calendar_models import CalendarEvent
from throughline.renewals.course_models import ClusterText, Course
from throughline.renewals.ending_models import (
    DataQuestion,
    Decommission,
    LapseDecision,
    LapseToken,
    Offboarding,
    OffboardingStep,
)
from throughline.renewals.words import NoticeState

__all__ = [
    "CalendarEvent", "ClusterText", "Correction", "Course", "DataQuestion", "Decommission",
    "LapseDecision", "LapseToken", "Notice", "Offboarding", "OffboardingStep",
]  # fmt: skip


class Notice(models.Model):
    """One step of the ladder of one end date; the key makes a second one impossible."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="notices")
    end_on = models.DateField()  # the end date it was sent for
    step = models.CharField(max_length=20)  # a code of the playbook, or "half-term"
    due_on = models.DateField()
    state = models.CharField(max_length=20, choices=NoticeState.choices)
    at = models.DateTimeField()
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "end_on", "step"], name="notice_exactly_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} for {self.engagement} ending {self.end_on}: {self.state}"


class Correction(models.Model):
    """A mail that took back what an earlier one said about the end date."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="corrections")
    was_on = models.DateField()  # the end date that people were told
    now_on = models.DateField()  # the end date they are told now
    at = models.DateTimeField()
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.engagement}: ends {self.now_on}, not {self.was_on}"
