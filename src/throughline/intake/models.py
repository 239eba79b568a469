"""What is remembered of outside systems between two looks."""

from django.db import models
from django.db.models import Q

from throughline.communities.models import Contact
from throughline.handoff.words import OutcomeState
from throughline.intake.beginning_models import StartStep  # noqa: F401 -- Django looks here
from throughline.sales.models import Deal


class HubSpotStage(models.Model):
    """A stage of deals in HubSpot, known by its internal id, and what it stands for here.

    Labels may be changed there at any time, and two pipelines may have the same; ids stay.
    """

    stage_id = models.CharField(max_length=120, unique=True)
    label = models.CharField(max_length=120)
    pipeline_id = models.CharField(max_length=120)
    pipeline_label = models.CharField(max_length=120)
    place = models.PositiveIntegerField()  # in the order of HubSpot's pipelines
    code = models.CharField(max_length=40, blank=True)  # our stage; "" is unmapped
    chosen_by = models.CharField(max_length=160, blank=True)  # "" where the label decided
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["place", "pk"]

    def __str__(self) -> str:
        return f"{self.pipeline_label}: {self.label} ({self.stage_id})"


class ReadingKind(models.TextChoices):
    """How much a reading looks at."""

    ALL = "all", "everything"
    CHANGES = "changes", "what has changed"
    HINTS = "hints", "what webhooks named"


class HubSpotReading(models.Model):
    """One reading of HubSpot's deals, done or begun; a failed one says what hindered it."""

    kind = models.CharField(max_length=10, choices=ReadingKind.choices)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    after = models.CharField(max_length=60, blank=True)  # where to go on after an interruption
    taken = models.PositiveIntegerField(default=0)
    asked_by = models.CharField(max_length=160, blank=True)  # who does not want to wait
    trouble = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        what = self.get_kind_display()
        return f"HubSpot at {self.started_at:%Y-%m-%d %H:%M}: {what}, {self.taken} deals"


class HubSpotDeal(models.Model):
    """A deal that HubSpot had, and the reading that last saw it."""

    hubspot_id = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField()
    seen_in = models.ForeignKey(HubSpotReading, on_delete=models.CASCADE, related_name="deals")

    def __str__(self) -> str:
        return f"{self.hubspot_id}, seen {self.seen_at:%Y-%m-%d %H:%M}"


class HubSpotHint(models.Model):
    """What a webhook said: look at that deal. Nothing else of the event is believed."""

    key = models.CharField(max_length=250, unique=True)  # the same event may come several times
    deal_id = models.CharField(max_length=40)  # HubSpot's
    happened_at = models.DateTimeField()
    kept_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["kept_at"], condition=models.Q(read_at=None), name="hubspot_hint_unread"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} at {self.happened_at:%Y-%m-%d %H:%M:%S}"


class HubSpotLabel(models.Model):
    """A label that an association of deal and contact has in HubSpot, and the role it stands for.

    Labels go by category and type, as HubSpot numbers them; their words may change.
    """

    key = models.CharField(max_length=80, unique=True)  # "USER_DEFINED:3"
    label = models.CharField(max_length=120)
    code = models.CharField(max_length=40, blank=True)  # our role; "" is unmapped
    chosen_by = models.CharField(max_length=160, blank=True)  # "" where the label decided
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["label", "pk"]

    def __str__(self) -> str:
        return f"{self.label} ({self.key})"


class HubSpotField(models.Model):
    """A property that the customer has added to deals, and which of our fields it fills.

    Without one its values are kept with the deal, as what nobody has a place for.
    """

    name = models.CharField(max_length=120, unique=True)
    label = models.CharField(max_length=250)
    column = models.CharField(max_length=60, blank=True)  # of an export of deals; "" is unmapped
    chosen_by = models.CharField(max_length=160, blank=True)
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["label", "pk"]

    def __str__(self) -> str:
        return f"{self.label} ({self.name})"


class HubSpotContact(models.Model):
    """A contact in HubSpot, and who that is here; of what HubSpot said only digests are kept."""

    hubspot_id = models.CharField(max_length=40, unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="in_hubspot")
    said = models.JSONField(default=dict)  # field: digest of its value, to see what changed

    def __str__(self) -> str:
        return f"{self.hubspot_id} is {self.contact_id}"


class HubSpotRole(models.Model):
    """What a contact is for a deal, as HubSpot said it when it was last read."""

    person = models.ForeignKey(HubSpotContact, on_delete=models.CASCADE, related_name="roles")
    deal_id = models.CharField(max_length=40, db_index=True)  # HubSpot's
    code = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "deal_id", "code"], name="hubspot_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.code} for {self.deal_id}"


class HubSpotOrder(models.Model):
    """An order on a deal in HubSpot: BD's request for delivery, and what became of it here."""

    order_id = models.CharField(max_length=40)
    deal_id = models.CharField(max_length=40, db_index=True)  # HubSpot's
    seen_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    refusal = models.TextField(blank=True)  # why it was not taken, and what to do
    gone_at = models.DateTimeField(null=True)  # it was taken off the deal before it was taken

    class Meta:
        ordering = ["seen_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order_id", "deal_id"], name="hubspot_order_once"),
        ]
        indexes = [
            models.Index(
                fields=["deal_id"],
                condition=Q(taken_at=None, gone_at=None),
                name="hubspot_order_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.order_id} of deal {self.deal_id}"


class HowSettled(models.TextChoices):
    """What a person may say of two engagements whose deals became one."""

    JOIN = "join", "Join: one goes on, with the projects of the others"
    KEEP = "keep", "Keep one: the others end as they are"
    BOTH = "both", "Keep both for now, against the rule of one engagement a deal"


class HubSpotMerge(models.Model):
    """Deals that became one in HubSpot while several were being delivered here; a person settles it."""

    survivor_id = models.CharField(max_length=40, unique=True)
    deals = models.JSONField(default=list)  # our numbers of those that are delivered
    found_at = models.DateTimeField()
    how = models.CharField(max_length=10, choices=HowSettled.choices, blank=True)
    kept = models.PositiveBigIntegerField(null=True)  # our number of the deal that goes on
    reason = models.TextField(blank=True)
    until_on = models.DateField(null=True)  # of both kept: asked again after that day
    settled_by = models.CharField(max_length=160, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="", how="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="") & ~Q(how="")),
                name="hubspot_merge_settled_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"Merge into {self.survivor_id}"


class Told(models.Model):
    """What people were written about, so that they hear of it once."""

    key = models.CharField(max_length=120, unique=True)  # "exception:12"
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key}, told {self.at:%Y-%m-%d %H:%M}"


class StageWritten(models.Model):
    """When HubSpot says that we wrote a deal's stage: what was read of it before is out of date."""

    hubspot_id = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()  # by HubSpot's clock

    def __str__(self) -> str:
        return f"{self.hubspot_id}, written {self.at:%Y-%m-%d %H:%M:%S}"


class StageToTell(models.Model):
    """A stage that HubSpot must be told, of a deal that no handoff looks after yet.

    A person moved the deal here since HubSpot last moved it. As with an outcome, the intent is
    written before each send and the result after it.
    """

    deal = models.OneToOneField(
        Deal, primary_key=True, on_delete=models.CASCADE, related_name="stage_to_tell"
    )
    wanted = models.CharField(max_length=40)  # our stage
    moved_by = models.CharField(max_length=160, blank=True)  # who moved it here
    state = models.CharField(
        max_length=20, choices=OutcomeState.choices, default=OutcomeState.WANTED
    )
    seen = models.CharField(max_length=250, blank=True)  # where it stood there at the last look
    remedy = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)  # intents ever written
    rounds = models.PositiveIntegerField(default=0)  # in a row that did not make it true
    next_at = models.DateTimeField(null=True)  # when to look again
    settles_at = models.DateTimeField(null=True)  # until then a look may not show the last send
    told_at = models.DateTimeField(null=True)  # when HubSpot was seen to stand there

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=OutcomeState.CONVERGED) | Q(told_at__isnull=False),
                name="stage_told_has_an_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=~Q(state=OutcomeState.CONVERGED),
                name="hubspot_stage_to_tell",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.wanted}, {self.state}"
