"""Reads of reviews: for what an answer was given, what has changed since, and what waits."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from throughline.kernel.errors import NotThere, Refused
from throughline.sales.models import Review
from throughline.sales.queries import DealFacts
from throughline.sales.words import ReviewKind, ReviewState

TABS = ("open", "overdue", "mine", "answered", "declined", "not_needed", "all")


class NoSuchReview(NotThere):
    """No request to PS goes by that number."""


def review_basis(facts: DealFacts) -> dict[str, Any]:
    """Return what an answer of PS is given for: when this changes, the answer goes stale.

    Source: design §2; E9.
    """
    deal, statement = facts.deal, facts.statement
    return {
        "version": statement.version if statement else None,
        "start_on": deal.start_on.isoformat() if deal.start_on else None,
        "end_on": deal.end_on.isoformat() if deal.end_on else None,
        "due": dict(sorted(deal.deliverable_dates.items())),
        "tier": deal.tier,
    }


def changes_since(review: Review, facts: DealFacts) -> list[str]:
    """Return what has changed since a review was answered, in words; nothing is noted of old ones.

    A tier or a due date that was only missing then is no change of scope.
    """
    then, now = review.basis, review_basis(facts)
    if not then:
        return []
    changed = [_date_words(name, then, now) for name in ("start_on", "end_on")]
    if then["version"] != now["version"]:
        was = f"version {then['version']}" if then["version"] else "none"
        changed.insert(0, f"the statement of work ({was}, now version {now['version']})")
    if any(now["due"].get(title) != due for title, due in then["due"].items()):
        changed.append("due dates of deliverables")
    if then["tier"] and then["tier"] != now["tier"]:
        changed.append("the tier")
    return [one for one in changed if one]


def _date_words(name: str, then: dict[str, Any], now: dict[str, Any]) -> str:
    if then[name] == now[name]:
        return ""
    word = {"start_on": "start", "end_on": "end"}[name]
    return f"the {word} ({then[name] or 'unknown'}, now {now[name] or 'unknown'})"


def find_review(number: int) -> Review:
    """Return a review with its deal.

    Raises:
        NoSuchReview: there is none of that number.
    """
    found = reviews().filter(pk=number).first()
    if found is None:
        raise NoSuchReview(f"There is no review {number}.", remedy="See `throughline review list`.")
    return found


def reviews() -> QuerySet[Review]:
    """Return reviews with what a list shows of them, the oldest first."""
    return Review.objects.select_related("deal__community").order_by("asked_at", "pk")


def open_reviews() -> QuerySet[Review]:
    """Return what BD has asked PS and PS has neither answered nor declined, the oldest first."""
    return reviews().filter(answered_at=None, declined_at=None).exclude(kind=ReviewKind.NOT_NEEDED)


def overdue_reviews(*, on: date) -> QuerySet[Review]:
    """Return the open reviews whose day has passed: they are the Lead's to settle."""
    return open_reviews().filter(needed_by__lt=on).order_by("needed_by", "pk")


def reviews_in(tab: str, *, who: str, on: date) -> QuerySet[Review]:
    """Return the reviews of a tab; `who` is the person whose own ones "mine" are.

    Raises:
        Refused: there is no such tab.
    """
    found = {
        "open": open_reviews(),
        "overdue": overdue_reviews(on=on),
        "mine": open_reviews().filter(Q(holder__iexact=who) | Q(asked_by__iexact=who)),
        "answered": reviews().exclude(answered_at=None).order_by("-answered_at", "-pk"),
        "declined": reviews().exclude(declined_at=None).order_by("-declined_at", "-pk"),
        "not_needed": reviews().filter(kind=ReviewKind.NOT_NEEDED).order_by("-asked_at", "-pk"),
        "all": reviews().order_by("-asked_at", "-pk"),
    }
    if tab not in found:
        raise Refused(f"No reviews are {tab!r}.", remedy=f"Use one of {', '.join(TABS)}.")
    return found[tab]


def is_overdue(review: Review, *, on: date) -> bool:
    """Return whether PS owes an answer since before today."""
    return review.is_open and review.needed_by is not None and review.needed_by < on


def review_shape(review: Review, *, on: date) -> dict[str, Any]:
    """Return a review as JSON; the deal comes selected, notes prefetched where many are shown."""
    return {
        "review": review.pk,
        "deal": review.deal.reference,
        "kind": review.kind,
        "state": ReviewState(review.state).value,
        "question": review.question,
        "asked_by": review.asked_by,
        "asked_at": review.asked_at,
        "needed_by": review.needed_by,
        "overdue": is_overdue(review, on=on),
        "ball": review.ball,
        "ball_since": review.ball_since,
        "answer": review.answer or None,
        "answer_link": review.answer_link or None,
        "answered_by": review.answered_by or None,
        "answered_at": review.answered_at,
        "declined_by": review.declined_by or None,
        "declined_because": review.declined_because or None,
        "spoken_on": review.spoken_on,
        "attended": review.attended or None,
    }
