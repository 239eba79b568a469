"""The outbox."""

from django.db import models

from throughline.documents.models import Document
from throughline.mail.words import MailKind, MessageState


class Message(models.Model):
    """One mail. Its key says what it is for, so that the same purpose is mailed once."""

    key = models.CharField(max_length=200, unique=True)  # "notice:12:2026-06-30:60"
    message_id = models.CharField(max_length=250, unique=True)  # from the key: a repeat is harmless
    to = models.JSONField(default=list)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)  # only where it is not made of the text
    about = models.CharField(max_length=80)  # "engagement:12"
    kind = models.CharField(max_length=20, choices=MailKind.choices, default=MailKind.DUTY)
    user = models.PositiveBigIntegerField(null=True)  # whose preferences it follows
    state = models.CharField(
        max_length=20, choices=MessageState.choices, default=MessageState.QUEUED
    )
    queued_at = models.DateTimeField()
    queued_by = models.CharField(max_length=160)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    lost = models.PositiveSmallIntegerField(default=0)  # how often the answer to a try was lost
    provider_id = models.CharField(max_length=250, blank=True)  # what a provider calls it
    next_at = models.DateTimeField(null=True)  # when to try (again); null: nothing left to do
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="mail_due")]

    def __str__(self) -> str:
        return f"{self.subject} to {', '.join(self.to)} ({self.key})"


class Attachment(models.Model):
    """A kept document that goes along with a mail."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)  # as the recipient sees it

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
