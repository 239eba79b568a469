"""The governing artefact of a deal, who signs it, and who pays which cluster."""

from django.db import models
from django.db.models import F, Q

from throughline.documents.models import Document
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.sales.models.deal import Deal
from throughline.sales.words import (
    SIGNING_REMEDIES,
    AgreementKind,
    AmendmentKind,
    CopyRole,
    SigningState,
    SigningWay,
)


class Agreement(models.Model):
    """A Service Agreement or Purchase Order; amendments chain below it.

    What an amendment leaves empty stays as the documents before it have it.
    """

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="agreements")
    kind = models.CharField(max_length=30, choices=AgreementKind.choices)
    title = models.CharField(max_length=250)
    reference = models.CharField(max_length=120, blank=True)  # PO number, contract number
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)  # to be signed
    location = models.CharField(max_length=500, blank=True)  # where the original is kept
    effective_on = models.DateField(null=True)
    end_on = models.DateField(null=True)  # last day, included
    amends = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="amended_by"
    )
    amendment_kind = models.CharField(max_length=20, choices=AmendmentKind.choices, blank=True)
    scope = models.TextField(blank=True)  # of an amendment: what it changes, in words
    tier = models.CharField(max_length=40, blank=True)  # from its effective day on
    # Of an amendment that is not executed: cluster, payer, from when; rows once it is.
    payer_changes = models.JSONField(default=list)
    ceiling = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # cloud or PO limit
    is_prepaid = models.BooleanField(null=True)  # the ceiling is a pot paid in advance
    renewal_terms = models.TextField(blank=True)
    tax_status = models.CharField(max_length=250, blank=True)  # of the buyer, for SAGE
    order_line = models.CharField(max_length=60, blank=True)  # of a PO: its line
    issued_on = models.DateField(null=True)  # of a PO
    expires_on = models.DateField(null=True)  # of a PO: last day on which it can be invoiced
    accepted_on = models.DateField(null=True)  # of a PO: issued and accepted by us
    accepted_by = models.CharField(max_length=160, blank=True)
    version = models.PositiveIntegerField(default=1)  # of its terms: two people may edit at once
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
            models.CheckConstraint(
                condition=Q(amends__isnull=True, amendment_kind="")
                | (Q(amends__isnull=False) & ~Q(amendment_kind="")),
                name="amendment_says_what_it_does",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.title}"

    @property
    def stamp(self) -> str:
        """Which document in which version of its terms: what an edit began with."""
        return f"{self.pk}.{self.version}"

    @property
    def what(self) -> str:
        """What people call it: an amendment by what it does, else by its kind."""
        return self.get_amendment_kind_display() or self.get_kind_display()


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
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT)  # what they signed
    way = models.CharField(max_length=20, choices=SigningWay.choices, blank=True)
    note = models.CharField(max_length=250, blank=True)  # why declined, who signs instead
    request = models.CharField(max_length=120, blank=True)  # a signature service's own number
    state_at = models.DateTimeField(null=True)  # since when; None: since the agreement was named
    state_by = models.CharField(max_length=160, blank=True)

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

    @property
    def remedy(self) -> str:
        """What to do about a signature that stands there."""
        return SIGNING_REMEDIES[SigningState(self.state)]


class AgreementPayer(models.Model):
    """Who pays a cluster's cloud bill under an agreement, from one day to another."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="payers")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="payers")
    payer = models.CharField(max_length=20, choices=Payer.choices)
    from_on = models.DateField()
    to_on = models.DateField(null=True)  # first day on which it no longer holds

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gt=F("from_on")),
                name="payer_period_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.payer} under {self.agreement}"


class PriceLine(models.Model):
    """One line of the price; the account it is booked to is the playbook's."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=250)
    account = models.CharField(max_length=40)  # a code of the playbook's price accounts
    gl_code = models.CharField(max_length=20)  # as the playbook had it when it was written down
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)  # None: by use

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "position"], name="price_line_position"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.description}"


class Payment(models.Model):
    """One payment of the schedule: how much is invoiced when."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="payments")
    position = models.PositiveSmallIntegerField()
    occasion = models.CharField(max_length=160)  # "on signature", "second quarter"
    due_on = models.DateField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "position"], name="payment_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.occasion}"


class AgreementCopy(models.Model):
    """A file that belongs to an agreement; an executed copy counts once a second person agrees."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="copies")
    document = models.ForeignKey(Document, on_delete=models.PROTECT)
    role = models.CharField(max_length=20, choices=CopyRole.choices)
    signed = models.JSONField(default=dict)  # on paper: party, and the ISO day of its signature
    added_by = models.CharField(max_length=160)
    added_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=160, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "document", "role"], name="copy_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by="")
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by="")),
                name="copy_confirmed_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("added_by")), name="copy_has_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.get_role_display()} {self.document.sha256[:12]}"
