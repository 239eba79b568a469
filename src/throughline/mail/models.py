"""The outbox."""

from django.db import models

from throughline.mail.words import MessageState


class Message(models.Model):
    """One mail. Its key says what it is for, so that the same purpose is mailed once."""

    key = models.CharField(max_length=200, unique=True)  # "notice:12:2026-06-30:60"
    message_id = models.CharField(max_length=250, unique=True)  # from the key: a repeat is harmless
    to = models.JSONField(default=list)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    about = models.CharField(max_length=80)  # "engagement:12"
    state = models.CharField(
        max_length=20, choices=MessageState.choices, default=MessageState.QUEUED
    )
    queued_at = models.DateTimeField()
    queued_by = models.CharField(max_length=160)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # when to try (again); null: nothing left to do
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="mail_due")]

    def __str__(self) -> str:
        return f"{self.subject} to {', '.join(self.to)} ({self.key})"
