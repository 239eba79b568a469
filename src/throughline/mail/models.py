"""The outbox."""

from django.db import models

from throughline.documents.models import Document
from throughline.mail.words import Channel, EchoKind, MailKind, MessageState


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

    @property
    def is_confidential(self) -> bool:
        """Whether it opens a door for one person: others who read the outbox see no text."""
        return self.key.startswith("people.password:")


class Attachment(models.Model):
    """A kept document that goes along with a mail."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey(  # null: it named a person who was erased, and is removed
        Document, null=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=255)  # as the recipient sees it
    alt = models.TextField(blank=True)  # of a picture that stands in the mail: what it shows

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def content_id(self) -> str:
        """What the HTML of a mail calls a picture by."""
        return f"{self.document.sha256[:32]}@throughline" if self.document else ""


class Echo(models.Model):
    """What came back for a mail: a bounce, a reply, a report of a provider. Each is kept once."""

    key = models.CharField(max_length=250, unique=True)  # its own Message-ID, or a provider's event
    message = models.ForeignKey(
        Message, null=True, on_delete=models.CASCADE, related_name="echoes"
    )  # null: nobody can tell which mail it answers
    kind = models.CharField(max_length=20, choices=EchoKind.choices)
    address = models.CharField(max_length=254, blank=True)  # who bounced, or who wrote
    code = models.CharField(max_length=20, blank=True)  # "5.1.1"
    said = models.TextField(blank=True)
    heard_at = models.DateTimeField()
    seen_by = models.CharField(max_length=160, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "seen_at"], name="mail_echo_unseen")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address}"


class Preference(models.Model):
    """How one person wants to be told. Nobody has a row before they choose: the playbook decides."""

    user = models.PositiveBigIntegerField(unique=True)
    blocked = models.CharField(max_length=10, choices=Channel.choices)  # something waits for them
    news = models.CharField(max_length=10, choices=Channel.choices)  # everything else
    quiet_from = models.TimeField(null=True)  # both or none, in their zone
    quiet_until = models.TimeField(null=True)
    digest_at = models.TimeField()
    weekdays_only = models.BooleanField()
    zone = models.CharField(max_length=60)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="mail_quiet_both_or_none",
            )
        ]

    def __str__(self) -> str:
        return f"preferences of user {self.user}"


class Notification(models.Model):
    """One thing that one person is told: in a mail of its own, in a digest, or here alone."""

    key = models.CharField(max_length=200)
    user = models.PositiveBigIntegerField()
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)  # only where it is not made of the text
    about = models.CharField(max_length=80)
    blocks = models.BooleanField()  # it waits for this very person
    at = models.DateTimeField()
    waits = models.BooleanField(default=False)  # for the next digest
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="mail_told_once"),
        ]
        indexes = [models.Index(fields=["waits", "user"], name="mail_waits_for_digest")]

    def __str__(self) -> str:
        return f"{self.subject} (user {self.user})"
