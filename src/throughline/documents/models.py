"""Stored files. The bytes lie in the home folder under their hash; a row says what they are."""

from django.db import models


class Document(models.Model):
    """One file, known by the SHA-256 of its content: the same bytes are stored once."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=255)  # as it was called when it came
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()  # bytes
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=160)
    # In words, of a file that we made: whoever is erased is looked for here, as in no PDF. "": unknown.
    says = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.sha256[:12]})"
