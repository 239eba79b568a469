"""What is written down about a work order on the Sponsor's desk while it waits."""

from django.db import models

from throughline.sales.models.proposal import SponsorWork


class SponsorReminder(models.Model):
    """Somebody was reminded: of whom, by whom, and in which words."""

    work = models.ForeignKey(SponsorWork, on_delete=models.CASCADE, related_name="reminders")
    to = models.CharField(max_length=160)  # the Sponsor, or the party that has not signed
    text = models.CharField(max_length=500, blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.work}: {self.to} was reminded on {self.at:%Y-%m-%d}"
