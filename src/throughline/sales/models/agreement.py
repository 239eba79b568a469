"""The governing artefact of a deal, who signs it, and who pays which cluster."""

from django.db import models
from django.db.models import F, Q

from throughline.documents.models import Document
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.sales.models.deal import Deal
from throughline.sales.words import AgreementKind, SigningState


class Agreement(models.Model):
    """A Service Agreement or Purchase Order; amendments chain below it."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="agreements")
    kind = models.CharField(max_length=30, choices=AgreementKind.choices)
    title = models.CharField(max_length=250)
    reference = models.CharField(max_length=120, blank=True)  # PO number, contract number
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)
    location = models.CharField(max_length=500, blank=True)  # where the original is kept
    effective_on = models.DateField(null=True)
    end_on = models.DateField(null=True)  # last day, included
    amends = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="amended_by"
    )
    ceiling = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # cloud or PO limit
    accepted_on = models.DateField(null=True)  # of a PO: issued and accepted by us
    accepted_by = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=Q(amends__isnull=True), name="one_governing_agreement"
            ),
            models.CheckConstraint(
                condition=Q(effective_on__isnull=True)
                | Q(end_on__isnull=True)
                | Q(end_on__gte=F("effective_on")),
                name="agreement_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.title}"


class Signatory(models.Model):
    """One party that has to sign."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="signatories")
    position = models.PositiveSmallIntegerField()
    party = models.CharField(max_length=160)  # "CS&S", "University of X"
    name = models.CharField(max_length=160)
    state = models.CharField(
        max_length=20, choices=SigningState.choices, default=SigningState.TO_SEND
    )
    signed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "position"], name="signatory_position"),
            models.CheckConstraint(
                condition=Q(state=SigningState.SIGNED, signed_on__isnull=False)
                | (~Q(state=SigningState.SIGNED) & Q(signed_on__isnull=True)),
                name="signed_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.party}: {self.state}"


class AgreementPayer(models.Model):
    """Who pays a cluster's cloud bill under an agreement, from one day to another."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="payers")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="payers")
    payer = models.CharField(max_length=20, choices=Payer.choices)
    from_on = models.DateField()
    to_on = models.DateField(null=True)  # first day on which it no longer holds

    def __str__(self) -> str:
        return f"{self.cluster}: {self.payer} under {self.agreement}"
