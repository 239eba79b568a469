"""What BD knows of a deal and PS must know, and who of PS has read it."""

from django.db import models
from django.db.models import Q

from throughline.sales.models.deal import Deal
from throughline.sales.words import NoteKind


class DealNote(models.Model):
    """A promise made orally, something to be careful with, or an open question.

    Its text never changes: who confirmed it has read these words. A private note never leaves the
    house: no outcome, mail or link shows it.
    """

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=20, choices=NoteKind.choices)
    text = models.TextField()  # Markdown
    is_private = models.BooleanField(default=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    settled_by = models.CharField(max_length=160, blank=True)  # of a question: it is answered
    settled_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=250, blank=True)
    withdrawn_by = models.CharField(max_length=160, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_says_something"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="") & Q(kind=NoteKind.QUESTION)),
                name="note_question_settled_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="", withdrawn_because="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="") & ~Q(withdrawn_because="")),
                name="note_withdrawn_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.pk}) of {self.deal}"

    @property
    def is_open_question(self) -> bool:
        """Whether somebody still waits for an answer."""
        return (
            self.kind == NoteKind.QUESTION and self.settled_at is None and self.withdrawn_at is None
        )


class NoteReading(models.Model):
    """A named person of PS confirms that they have read a note and all that was said to it."""

    note = models.ForeignKey(DealNote, on_delete=models.CASCADE, related_name="readings")
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.note} read by {self.by}"


class NoteReply(models.Model):
    """What BD or PS says to a note; a question goes back and forth like this."""

    note = models.ForeignKey(DealNote, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField()  # Markdown
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "note replies"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_reply_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.note}: {self.text}"
