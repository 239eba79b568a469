"""Notices that went out or were passed over. What is still to come is computed, not stored."""

from django.db import models

from throughline.delivery.models import Engagement
from throughline.mail.models import Message
from throughline.renewals.words import NoticeState


class Notice(models.Model):
    """One step of the ladder of one end date; the key makes a second one impossible."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="notices")
    end_on = models.DateField()  # the end date it was sent for
    step = models.CharField(max_length=20)  # a code of the playbook, or "half-term"
    due_on = models.DateField()
    state = models.CharField(max_length=20, choices=NoticeState.choices)
    at = models.DateTimeField()
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    correction = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "end_on", "step"], name="notice_exactly_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} for {self.engagement} ending {self.end_on}: {self.state}"
