"""Saving what a person looks at often. A bookmark of theirs alone, so the journal is not told."""

from typing import Final

from django.db import transaction

from throughline.kernel.errors import Refused
from throughline.people.models import SavedView, User

MOST: Final = 20  # of one page for one person: a list that nobody reads helps nobody


@transaction.atomic
def save_view(user: User, *, page: str, name: str, query: str) -> SavedView:
    """Keep what a person looks at under a name; a view of that name is replaced.

    Raises:
        Refused: the name is empty or too long, the filters are too long, or there are too many.
    """
    wanted = name.strip()
    _check_length(wanted, what="name", longest=60)
    _check_length(query, what="filter", longest=500, may_be_empty=True)
    mine = SavedView.objects.select_for_update().filter(user=user, page=page)
    if not mine.filter(name=wanted).exists() and mine.count() >= MOST:
        raise Refused(f"You have {MOST} views of this page.", remedy="Delete one of them first.")
    view, _created = mine.update_or_create(
        name=wanted, defaults={"query": query}, create_defaults={
            "user": user, "page": page, "query": query,
        },
    )  # fmt: skip
    return view


def _check_length(text: str, *, what: str, longest: int, may_be_empty: bool = False) -> None:
    if not text and not may_be_empty:
        raise Refused(f"The view has no {what}.", remedy="Name it after what it shows.")
    if len(text) > longest:
        raise Refused(f"The {what} has {len(text)} characters.", remedy=f"Shorten it to {longest}.")


@transaction.atomic
def delete_view(user: User, view_id: int) -> None:
    """Delete a view of a person's own; one that is gone, or is another's, stays as it is."""
    SavedView.objects.filter(user=user, pk=view_id).delete()
