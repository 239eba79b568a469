"""Communities, their contacts, and who is what for which deal."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from throughline.communities.words import AliasKind, AnswerState, IdState, Sureness


class Community(models.Model):
    """Who is served. Not the buyer, not the hub."""

    short_name = models.CharField(max_length=80)
    long_name = models.CharField(max_length=250, blank=True)
    community_id = models.CharField(  # noqa: DJ001 -- null keeps "unique" from comparing blanks
        max_length=63, null=True, unique=True
    )
    id_state = models.CharField(max_length=20, choices=IdState.choices, default=IdState.NONE)
    id_reserved_until = models.DateField(null=True)
    id_reserved_by = models.CharField(max_length=160, blank=True)
    website = models.URLField(blank=True)
    github_org = models.CharField(max_length=100, blank=True)
    repositories = models.JSONField(default=list)  # addresses
    logo_url = models.URLField(blank=True)
    cloud = models.CharField(max_length=60, blank=True)
    cloud_unknown_because = models.CharField(max_length=250, blank=True)
    region = models.CharField(max_length=60, blank=True)
    data_location = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # each save of the record adds one
    merged_into = models.ForeignKey(  # a tombstone: everything of it is over there
        "self", null=True, on_delete=models.PROTECT, related_name="merged"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id_state=IdState.NONE, community_id__isnull=True)
                | (~Q(id_state=IdState.NONE) & Q(community_id__isnull=False)),
                name="community_id_matches_its_state",
            ),
            models.CheckConstraint(
                condition=Q(community_id__isnull=True) | Q(community_id__regex=r"^[a-z]+$"),
                name="community_id_is_one_lowercase_word",
            ),
            models.UniqueConstraint(
                Lower("short_name"),
                condition=Q(merged_into__isnull=True),
                name="community_named_once",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class CommunityAlias(models.Model):
    """An id that once named a community, and names it for ever."""

    alias = models.CharField(max_length=120, unique=True)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="aliases")
    kind = models.CharField(max_length=20, choices=AliasKind.choices)
    since = models.DateField()

    class Meta:
        verbose_name_plural = "community aliases"

    def __str__(self) -> str:
        return f"{self.alias} -> {self.community}"


class FreedId(models.Model):
    """An id that a community reserved and gave up: for a while it is kept for that community."""

    word = models.CharField(max_length=63, db_index=True)
    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="freed_ids")
    freed_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.word}, given up by {self.community} on {self.freed_on}"


class FactSource(models.Model):
    """Who said, when and how surely, what a field of the record then held."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="sources")
    field = models.CharField(max_length=40)
    value = models.TextField(blank=True)  # several values: one a line
    source = models.CharField(max_length=250, blank=True)  # "call of 3 May", an address
    sureness = models.CharField(max_length=20, choices=Sureness.choices)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["community", "field", "at"], name="fact_source_latest")]

    def __str__(self) -> str:
        return f"{self.community}: {self.field} ({self.sureness})"


class ContextAnswer(models.Model):
    """What a community says to one of the context questions, or that it was asked."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="context")
    question = models.CharField(max_length=40)  # a code of the playbook
    state = models.CharField(max_length=20, choices=AnswerState.choices)
    text = models.TextField(blank=True)  # Markdown
    source = models.CharField(max_length=250, blank=True)  # "call of 3 May", an address
    at = models.DateTimeField()
    by = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "question"], name="context_once"),
        ]

    def __str__(self) -> str:
        return f"{self.community}: {self.question} ({self.state})"


class EarlierAnswer(models.Model):
    """What a community said to a question before it was asked again."""

    community = models.ForeignKey(
        Community, on_delete=models.CASCADE, related_name="earlier_answers"
    )
    question = models.CharField(max_length=40)
    text = models.TextField()
    source = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=160)

    def __str__(self) -> str:
        return f"{self.community}: {self.question}, {self.at:%Y-%m-%d}"


class FollowUp(models.Model):
    """A further question that an answer raised, and what came back."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="follow_ups")
    question = models.CharField(max_length=40)
    text = models.TextField()
    asked_by = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)  # Markdown
    answered_by = models.CharField(max_length=160, blank=True)
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.community}: {self.text}"


class Correction(models.Model):
    """What somebody of a community wrote about its record by a link; a person here takes it over."""

    community = models.ForeignKey(Community, on_delete=models.CASCADE, related_name="corrections")
    facts = models.JSONField(default=dict)  # field of the record: its value
    answers = models.JSONField(default=dict)  # code of a context question: Markdown
    said_by = models.CharField(max_length=254)
    at = models.DateTimeField()
    taken = models.JSONField(default=list)  # fields and codes that were taken over
    settled_by = models.CharField(max_length=254, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="correction_settled_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.community}, by {self.said_by}"


class Contact(models.Model):
    """A person outside: known once, whatever they are for which deal."""

    full_name = models.CharField(max_length=160)
    first_name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(null=True, unique=True)  # noqa: DJ001 -- as above; kept lowercase
    github_id = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged"
    )
    erased_at = models.DateTimeField(null=True)  # a pseudonym stands where the name stood

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False)
                | ~Q(github_id="")
                | Q(erased_at__isnull=False)
                | Q(merged_into__isnull=False),
                name="contact_can_be_reached",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} <{self.email or self.github_id or 'erased'}>"


class RoleAssignment(models.Model):
    """What a contact is for one deal and its engagement, from one day to another.

    The subject is plain ("deal:123"): this floor does not know the floors above it.
    """

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=40)  # a code of the playbook
    subject = models.CharField(max_length=80, db_index=True)
    from_on = models.DateField()
    to_on = models.DateField(null=True)  # first day on which it no longer holds

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "role", "subject", "from_on"], name="role_assigned_once"
            ),
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=models.F("from_on")),
                name="role_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} as {self.role} for {self.subject}"
