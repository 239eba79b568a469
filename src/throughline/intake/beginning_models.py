"""What people said about the first steps, where no fact can tell."""

from django.db import models
from django.db.models import TextChoices


class Said(TextChoices):
    """What somebody said about a step."""

    DONE = "done", "Done"
    SKIPPED = "skipped", "Skipped for now"


class StartStep(models.Model):
    """A step that somebody did or passed over; "all" is the list itself, put away for good."""

    code = models.CharField(max_length=20, unique=True)
    said = models.CharField(max_length=10, choices=Said.choices)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()
    playbook = models.CharField(max_length=64, blank=True)  # hash of the one that was confirmed

    def __str__(self) -> str:
        return f"{self.code}: {self.said} by {self.by}"
