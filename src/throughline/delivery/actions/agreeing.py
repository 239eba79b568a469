"""What people change about a deliverable after the handoff, so that the next plan leaves it so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from throughline.delivery.models import Deliverable
from throughline.delivery.queries import NoSuchDeliverable
from throughline.delivery.words import DeliverableState
from throughline.journal.actions import record
from throughline.kernel.days import parse_day
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat

AGREEABLE: Final = ("title", "due_on", "promise")
LONGEST_TITLE: Final = 250


@transaction.atomic
def agree_deliverable(
    pk: int, changes: Mapping[str, Any], *, instead_of: Mapping[str, Any], by: str, at: datetime
) -> Deliverable:
    """Change title or due date of a deliverable for good, and remember what that replaces.

    `changes` and `instead_of` hold "title" as text and "due_on" as an ISO day or None. The change
    holds for as long as deal, statement and template say what it replaced.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: it is verified, another field would change, the title is empty, the day is none or
            after the engagement's end, or the person is of neither BD nor PS.
    """
    found = Deliverable.objects.select_for_update(of=("self",)).filter(pk=pk)
    deliverable = found.select_related("project__engagement__deal").first()
    if deliverable is None:
        raise NoSuchDeliverable(
            f"There is no deliverable {pk}.", remedy="See `throughline deliverable list`."
        )
    require_hat(by, any_of=["BD", "PS", "Admin"], to="change a deliverable")
    if deliverable.state == DeliverableState.VERIFIED:
        raise Refused(
            f"{deliverable.verdict_by} has verified this as it was.", remedy="Restore it instead."
        )
    now = {name: _checked(name, value, deliverable) for name, value in changes.items()}
    before = {name: instead_of.get(name) for name in now}
    for name, value in now.items():
        kept = deliverable.agreed.get(name, {})
        is_again = bool(kept) and kept["now"] == before[name]
        replaced = kept["instead_of"] if is_again else before[name]
        deliverable.agreed[name] = {"now": value, "instead_of": replaced}
        setattr(deliverable, name, parse_day(value) if name == "due_on" and value else value)
    deliverable.save(update_fields=["agreed", *now])
    record("delivery.deliverable.agreed", deliverable, by=by, at=at, before=before, now=now)
    return deliverable


def _checked(name: str, value: Any, deliverable: Deliverable) -> str | None:
    if name not in AGREEABLE:
        raise Refused(
            f"{name.replace('_', ' ').capitalize()} comes from statement or template.",
            remedy="Change it there, or restore it.",
        )
    text = str(value or "").strip()
    if name == "due_on":
        return _day(text, deliverable)
    if not text or len(text) > LONGEST_TITLE:
        raise Refused("A deliverable needs a title.", remedy=f"At most {LONGEST_TITLE} characters.")
    return text


def _day(text: str, deliverable: Deliverable) -> str | None:
    day = parse_day(text)
    if day is None:
        return None
    end = deliverable.project.engagement.deal.end_on
    if end is not None and day > end:
        raise Refused(
            f"{day} is after the engagement's end, {end}.",
            remedy="Move the end first (an amendment), or choose an earlier day.",
        )
    return day.isoformat()
