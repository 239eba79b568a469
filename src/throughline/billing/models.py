"""The ledger of cloud costs. What stands in it is never changed: a correction is a new entry."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from throughline.billing.fields import ExactDecimalField
from throughline.billing.words import (
    ChargeKind,
    EntryKind,
    FileKind,
    MonthState,
    SplitMethod,
    Standing,
)
from throughline.delivery.models import Engagement
from throughline.documents.models import Document
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.kernel.months import month_text
from throughline.sales.models import Agreement


class BillingMonth(models.Model):
    """One month: open, then reviewed by one person, sent by another, closed. Without a row: open."""

    month = models.DateField(unique=True)  # its first day
    state = models.CharField(max_length=20, choices=MonthState.choices, default=MonthState.OPEN)
    reviewed_by = models.CharField(max_length=160, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_sha256 = models.CharField(max_length=64, blank=True)  # of the charges that were seen
    sent_by = models.CharField(max_length=160, blank=True)
    sent_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=160, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=MonthState.OPEN, reviewed_by="", sent_by="", closed_by="")
                | (Q(state=MonthState.REVIEWED, sent_by="", closed_by="") & ~Q(reviewed_by=""))
                | (Q(state=MonthState.SENT, closed_by="") & ~Q(reviewed_by="") & ~Q(sent_by=""))
                | (
                    Q(state=MonthState.CLOSED)
                    & ~Q(reviewed_by="") & ~Q(sent_by="") & ~Q(closed_by="")
                ),
                name="month_state_has_its_people",
            ),
            models.CheckConstraint(
                condition=Q(sent_by="") | ~Q(sent_by=F("reviewed_by")),
                name="month_has_four_eyes",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return month_text(self.month)


class BillFile(models.Model):
    """A file that was taken in: where it is kept, what it tells, and what it says is the total."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=FileKind.choices)
    provider = models.CharField(max_length=40, blank=True)  # "aws", "gcp"; "" for users
    months = models.CharField(max_length=400)  # "2026-01,2026-02"
    currency = models.CharField(max_length=3)
    fx_rate = ExactDecimalField(null=True)  # of ours for one of the file's; None: it is ours
    fx_on = models.DateField(null=True)
    stated = models.JSONField(default=dict)  # month: the provider's total, as text, its currency
    rows = models.PositiveIntegerField()
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # One content under two names can be two months: then the name says which.
            models.UniqueConstraint(
                fields=["document", "kind", "provider", "months"], name="bill_file_once"
            ),
            models.CheckConstraint(
                condition=Q(fx_rate__isnull=True, fx_on__isnull=True)
                | Q(fx_rate__isnull=False, fx_on__isnull=False),
                name="rate_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.name} ({self.months})"


class CostEntry(models.Model):
    """One amount in the ledger.

    A file makes one for each of its accounts and months: `stated` is what it says, `amount` how much
    that is more than what files before it said. So the newest `stated` is the bill, the sum of the
    `amount`s too, and every change can be seen.
    """

    month = models.DateField(db_index=True)  # in which it counts: one that was not sent yet
    of_month = models.DateField(db_index=True)  # for which the provider billed it
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    account = models.ForeignKey(
        CloudAccount, null=True, on_delete=models.PROTECT, related_name="costs"
    )
    amount = ExactDecimalField()  # in the organisation's currency
    stated = ExactDecimalField(null=True)  # in the file's currency
    file = models.ForeignKey(BillFile, null=True, on_delete=models.PROTECT, related_name="entries")
    engagement = models.ForeignKey(
        Engagement, null=True, on_delete=models.PROTECT, related_name="cost_entries"
    )
    cluster = models.ForeignKey(Cluster, null=True, on_delete=models.PROTECT, related_name="+")
    why = models.TextField(blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[EntryKind.BILL, EntryKind.ROUNDING], file__isnull=False)
                | (Q(kind__in=[EntryKind.CREDIT, EntryKind.CORRECTION, EntryKind.USAGE], file__isnull=True)
                   & ~Q(why="")),
                name="entry_has_a_source",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False, engagement__isnull=True)
                | Q(account__isnull=True, engagement__isnull=False)
                | Q(kind=EntryKind.ROUNDING, account__isnull=True, engagement__isnull=True),
                name="entry_is_of_an_account_or_an_engagement",
            ),
            models.CheckConstraint(condition=Q(month__gte=F("of_month")), name="entry_not_early"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.amount} of {month_text(self.of_month)}"


class UserCount(models.Model):
    """How many people used a cluster in a month; the newest one counts. None: nobody knows."""

    name = models.CharField(max_length=120)  # the cluster, as it was told
    month = models.DateField(db_index=True)
    users = models.PositiveIntegerField(null=True)
    file = models.ForeignKey(BillFile, null=True, on_delete=models.PROTECT, related_name="counts")
    why = models.TextField(blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(file__isnull=False) | ~Q(why=""), name="count_has_a_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {month_text(self.month)}: {self.users}"


class AccountAssignment(models.Model):
    """A person says what an account is for, where no cluster's file does: a cluster, or our own."""

    account = models.OneToOneField(
        CloudAccount, on_delete=models.CASCADE, related_name="assignment"
    )
    cluster = models.ForeignKey(Cluster, null=True, on_delete=models.PROTECT, related_name="+")
    why = models.TextField(blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cluster__isnull=False) | ~Q(why=""), name="own_cost_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} is for {self.cluster or 'ourselves'}"


class AccountName(models.Model):
    """How a provider's files call an account beside its identifier."""

    account = models.OneToOneField(CloudAccount, on_delete=models.CASCADE, related_name="called")
    name = models.CharField(max_length=250)

    def __str__(self) -> str:
        return self.name


class ClusterName(models.Model):
    """A person says which cluster a name in a file of active users means."""

    name = models.CharField(max_length=120, unique=True)
    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="+")
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} is {self.cluster}"


class SplitRule(models.Model):
    """How the bill of a shared account is split, from a month on; the newest version counts."""

    account = models.ForeignKey(CloudAccount, on_delete=models.PROTECT, related_name="splits")
    from_month = models.DateField()
    version = models.PositiveIntegerField()
    method = models.CharField(max_length=20, choices=SplitMethod.choices)
    why = models.TextField(blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "version"], name="split_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: split {self.version} from {month_text(self.from_month)}"

    def holds_in(self, month: date, *, is_given: bool) -> bool:
        """Return whether it tells of a month: numbers that were measured tell of their own only."""
        if self.method == SplitMethod.FIXED or not is_given:
            return self.from_month <= month
        return self.from_month == month


class SplitPart(models.Model):
    """One part of a split: an engagement on a cluster, or what is our own."""

    rule = models.ForeignKey(SplitRule, on_delete=models.CASCADE, related_name="parts")
    engagement = models.ForeignKey(
        Engagement, null=True, on_delete=models.PROTECT, related_name="+"
    )  # None: our own
    cluster = models.ForeignKey(Cluster, null=True, on_delete=models.PROTECT, related_name="+")
    weight = ExactDecimalField(null=True)  # None: the cluster's active users of the month

    def __str__(self) -> str:
        return f"{self.weight} for {self.engagement or 'ourselves'}"


class Invoice(models.Model):
    """What a month asks of one engagement. `number` is ours and never changes; `receipt` SAGE's."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="invoices")
    month = models.DateField()
    number = models.CharField(max_length=45, unique=True)
    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    receipt = models.CharField(max_length=60, blank=True)  # the number under which it was entered
    receipt_by = models.CharField(max_length=160, blank=True)
    receipt_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "month"], name="invoice_once_a_month"),
            models.CheckConstraint(
                condition=Q(receipt="", receipt_by="", receipt_at__isnull=True)
                | (~Q(receipt="") & ~Q(receipt_by="") & Q(receipt_at__isnull=False)),
                name="receipt_typed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Customer(models.Model):
    """Under which number the Sponsor keeps whoever pays; "deal:12" where a deal names no buyer."""

    buyer = models.CharField(max_length=250, unique=True)
    number = models.CharField(max_length=21)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.number} is {self.buyer}"


class Charge(models.Model):
    """One line of a month as it was sent: from then on it stands.

    Without an invoice it is a cost that nobody pays back, booked as what it is.
    """

    month = models.DateField(db_index=True)
    of_month = models.DateField()  # billed to us for it; earlier where it came late
    engagement = models.ForeignKey(
        Engagement, null=True, on_delete=models.PROTECT, related_name="charges"
    )
    cluster = models.ForeignKey(Cluster, null=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(CloudAccount, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ChargeKind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    users = models.PositiveIntegerField(null=True)  # of a usage fee: how many
    gl_code = models.CharField(
        max_length=20, blank=True
    )  # what it is income of; "" without invoice
    cost_code = models.CharField(max_length=20, blank=True)  # what was paid to the provider
    standing = models.CharField(max_length=20, choices=Standing.choices)
    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(
        Invoice, null=True, on_delete=models.PROTECT, related_name="charges"
    )
    why = models.TextField(blank=True)
    # Of a cost that nobody paid back: how that ended. In a month it was charged after all, or
    # somebody decided that we bear it.
    settled_in = models.DateField(null=True)
    borne_by = models.CharField(max_length=160, blank=True)
    borne_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(borne_by="", borne_why="") | (~Q(borne_by="") & ~Q(borne_why="")),
                name="borne_by_someone_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} in {month_text(self.month)}"
