"""Reviews as lines of a list: on the PS inbox and on the deal's page."""

from collections.abc import Iterable
from typing import Any

from throughline.sales.models import Review
from throughline.sales.reviews import is_overdue
from throughline.sales.words import ReviewState
from throughline.web.moment import Moment

PILLS = {  # state: the status of the design system
    ReviewState.ASKED: "waiting",
    ReviewState.ACCEPTED: "in_flight",
    ReviewState.ANSWERED: "met",
    ReviewState.DECLINED: "unmet",
    ReviewState.NOT_NEEDED: "not_needed",
}


def shown_reviews(found: Iterable[Review], now: Moment) -> list[dict[str, Any]]:
    """Return reviews as the lines of a list."""
    return [review_line(one, now) for one in found]


def review_line(review: Review, now: Moment) -> dict[str, Any]:
    """Return a review as a line of a list."""
    return {
        "review": review,
        "pill": PILLS[review.state],
        "word": review.state.label,
        "overdue": is_overdue(review, on=now.on),
        "days": (now.at - review.ball_since).days,
    }
