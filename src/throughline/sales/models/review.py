"""What BD asks PS at Proposal, and what PS answers."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from throughline.sales.models.deal import Deal
from throughline.sales.words import ReviewKind, ReviewState


class Review(models.Model):
    """BD's request to PS and PS's answer, or why none was needed."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="reviews")
    kind = models.CharField(max_length=20, choices=ReviewKind.choices)
    question = models.TextField(blank=True)  # or why no input is needed
    asked_by = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    needed_by = models.DateField(null=True)
    holder = models.CharField(max_length=160, blank=True)  # who of PS has it; "": all of PS
    holder_since = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)  # when the holder took it, by name
    answer = models.TextField(blank=True)  # said orally and not confirmed yet, where unanswered
    answer_link = models.URLField(max_length=500, blank=True)
    answered_by = models.CharField(max_length=160, blank=True)
    answered_at = models.DateTimeField(null=True)
    basis = models.JSONField(default=dict)  # what the answer was given for
    spoken_on = models.DateField(null=True)  # said orally on this day, and recorded afterwards
    attended = models.CharField(max_length=250, blank=True)  # who was there
    declined_because = models.TextField(blank=True)
    declined_by = models.CharField(max_length=160, blank=True)
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by="")
                | (Q(answered_at__isnull=False) & ~Q(answered_by="") & ~Q(answer="")),
                name="review_answered_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(answered_by=F("asked_by")), name="review_has_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(declined_at__isnull=True, declined_by="")
                | (Q(declined_at__isnull=False) & ~Q(declined_by="") & ~Q(declined_because="")),
                name="review_declined_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(declined_at__isnull=True),
                name="review_answered_or_declined",
            ),
            models.CheckConstraint(
                condition=Q(holder="", holder_since__isnull=True, accepted_at__isnull=True)
                | (~Q(holder="") & Q(holder_since__isnull=False)),
                name="review_held_since",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.get_kind_display()}"

    @property
    def state(self) -> ReviewState:
        """Where it stands, without a look at the deal: an answer may have gone stale since."""
        if self.kind == ReviewKind.NOT_NEEDED:
            return ReviewState.NOT_NEEDED
        if self.answered_at is not None:
            return ReviewState.ANSWERED
        if self.declined_at is not None:
            return ReviewState.DECLINED
        return ReviewState.ACCEPTED if self.accepted_at is not None else ReviewState.ASKED

    @property
    def is_open(self) -> bool:
        """Whether PS owes an answer."""
        return self.state in {ReviewState.ASKED, ReviewState.ACCEPTED}

    @property
    def settled_at(self) -> datetime:
        """When it was answered or declined; where none was needed, when that was written down."""
        return self.answered_at or self.declined_at or self.asked_at

    @property
    def ball(self) -> str:
        """With whom it is: somebody of PS, all of PS, or whoever asked."""
        return (self.holder or "PS") if self.is_open else self.asked_by

    @property
    def ball_since(self) -> datetime:
        """Since when it is with them."""
        return (self.holder_since or self.asked_at) if self.is_open else self.settled_at


class ReviewNote(models.Model):
    """A comment on a review, or what was attached to it: a link to Slack, GitHub, notes."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(blank=True)
    link = models.URLField(max_length=500, blank=True)
    by = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(link=""), name="review_note_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review}: {self.text or self.link}"
