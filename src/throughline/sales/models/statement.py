"""The statement of work, version by version, and who signed which version off."""

from django.db import models
from django.db.models import F, Q

from throughline.documents.models import Document
from throughline.sales.models.deal import Deal
from throughline.sales.words import StatementOrigin


class StatementOfWork(models.Model):
    """One version of a deal's statement of work; it never changes, and the newest counts."""

    deal = models.ForeignKey(
        Deal, null=True, on_delete=models.CASCADE, related_name="statements_of_work"
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT)  # its public Markdown
    version = models.PositiveIntegerField(default=1)  # counted within the deal
    origin = models.CharField(
        max_length=20, choices=StatementOrigin.choices, default=StatementOrigin.IMPORTED
    )
    title = models.CharField(max_length=250)
    content = models.JSONField()  # what the importer read; the shape is in design §12
    price_note = models.TextField(blank=True)  # private: it is in no document
    low_h = models.DecimalField(max_digits=8, decimal_places=2)
    high_h = models.DecimalField(max_digits=8, decimal_places=2)
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal", "version"], name="sow_version_once"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(deal__isnull=True), name="sow_without_deal_once"
            ),
            models.CheckConstraint(
                condition=Q(low_h__gte=0, high_h__gte=F("low_h")), name="sow_hours_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class SignOff(models.Model):
    """One role's sign-off of the version that person saw."""

    statement = models.ForeignKey(
        StatementOfWork, on_delete=models.CASCADE, related_name="sign_offs"
    )
    role = models.CharField(max_length=40)  # a code of the playbook
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "role"], name="sign_off_once"),
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {self.role} by {self.by}"


class ScopeComment(models.Model):
    """What somebody of the community says, by a link, of the version that they read."""

    statement = models.ForeignKey(
        StatementOfWork, on_delete=models.CASCADE, related_name="scope_comments"
    )
    said_by = models.CharField(max_length=254)  # whom the link was for
    text = models.TextField(blank=True)
    accepts = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepts=True) | ~Q(text=""), name="scope_comment_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {'accepted' if self.accepts else 'commented'} by {self.said_by}"
