"""The journal's one table. A database trigger, set up by migration 0002, is the real wall."""

from typing import Any, Never

from django.db import models
from django.db.models.functions import Now


class AppendOnly(Exception):
    """Someone tried to rewrite the journal; a correction is a new entry."""


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries can be read and added, nothing else."""

    def about(self, subject: models.Model) -> "EntryQuerySet":
        """Return what happened to one thing."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))

    def update(self, **_kwargs: Any) -> Never:
        raise AppendOnly("The journal is not rewritten: record a correction.")

    def delete(self) -> Never:
        raise AppendOnly("The journal is not erased: record a correction.")

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> Never:
        raise AppendOnly("The journal is not rewritten: record a correction.")

    def redact(self, pk: int, *, by: str, facts: dict[str, Any], erased: "Entry") -> None:
        """Take an erased person out of an entry; the database checks that nothing else changes."""
        plain: models.QuerySet[Entry] = models.QuerySet(self.model, using=self.db)
        plain.filter(pk=pk).update(by=by, facts=facts, redacted_for=erased.pk)


class Entry(models.Model):
    """One thing that happened.

    No foreign keys: an entry must outlive what it describes.
    """

    act = models.CharField(max_length=80)  # "sales.deal.advanced"
    at = models.DateTimeField()  # when it happened, as the caller says; UTC
    recorded_at = models.DateTimeField(db_default=Now())  # when we wrote it down; UTC
    by = models.CharField(max_length=160)  # "ada", "worker", "HubSpot export"
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    redacted_for = models.BigIntegerField(null=True)  # the entry by which somebody was erased

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="journal_subject"),
            models.Index(fields=["-at", "-id"], name="journal_latest"),
            models.Index(fields=["act", "-id"], name="journal_act"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.act} {self.subject_type}:{self.subject_id} by {self.by}"

    def save(self, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(f"{self} is already written.")
        super().save(**kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> Never:
        raise AppendOnly(f"{self} cannot be unwritten.")
