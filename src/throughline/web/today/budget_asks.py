"""The block of Today about costs: alerts that wait, and what cannot be read."""

from django.urls import reverse

from throughline.budgets.models import Alert, Received
from throughline.budgets.queries import unreadable_words, waiting_alerts
from throughline.intake.week.look import Look
from throughline.people.models import User
from throughline.sales.shapes import name_of
from throughline.web.today.listing import SHOWN, block, first
from throughline.web.today.shapes import Block, Item


def alerts_block(_user: User, _now: Look) -> Block:
    """Return the alerts that nobody has decided about, after what came in and cannot be read."""
    odd, unreadable = first(unreadable_words())
    found, waiting = first(waiting_alerts())
    items: list[Received | Alert] = [*odd, *found]
    return block(
        ("alerts", "Alerts about costs", "warning"),
        (items[:SHOWN], unreadable + waiting),
        _item,
        empty="An alert comes here when a cloud account costs more than was said, and stays until"
        " somebody has decided about it.",
        more=reverse("web:alerts"),
    )


def _item(one: Received | Alert) -> Item:
    if isinstance(one, Received):
        return Item(
            f"{reverse('web:alerts')}#word-{one.pk}", "An alert that cannot be read", one.why, "PS",
            since=one.kept_at, status="unmet", word="Unreadable",
        )  # fmt: skip
    name = name_of(one.engagement.deal) if one.engagement else "Nobody knows yet whose it is"
    return Item(
        reverse("web:alert", args=[one.pk]), str(one), name, one.owner or "nobody yet",
        since=one.last_at, status="at_risk", word=one.get_state_display(),
    )  # fmt: skip
