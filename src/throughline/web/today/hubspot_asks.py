"""A block of Today: what HubSpot said and a person must settle."""

from django.db.models import QuerySet
from django.urls import reverse

from throughline.handoff.words import OutcomeState
from throughline.intake.hubspot.actions.merges import open_merges
from throughline.intake.hubspot.actions.orders import waiting_orders
from throughline.intake.hubspot.actions.telling_stages import open_stages
from throughline.intake.models import StageToTell
from throughline.intake.week.look import Look
from throughline.people.models import User
from throughline.sales.shapes import name_of
from throughline.web.today.listing import SHOWN, block, first
from throughline.web.today.shapes import Block, Item


def _untold_stages() -> QuerySet[StageToTell]:
    waiting = open_stages().filter(state=OutcomeState.WAITING)
    return waiting.select_related("deal__community")


def hubspot_block(_user: User, now: Look) -> Block:
    """Return the orders that wait, and merged deals that are both delivered, and untold stages; five queries."""
    page = reverse("web:hubspot")
    orders = [
        Item(
            f"{page}#orders", name_of(deal), f"Its order in HubSpot waits: {row.refusal}", "BD",
            since=row.seen_at, status="waiting",
        )
        for row, deal in waiting_orders()
        if deal is not None and row.refusal
    ]  # fmt: skip
    merges = [
        Item(
            f"{page}#merges", f"Merged in HubSpot into {one.survivor_id}",
            "Both deals are being delivered here: say which engagement goes on.", "BD",
            since=one.found_at, status="waiting",
        )
        for one in open_merges(on=now.on)
    ]  # fmt: skip
    some, behind = first(_untold_stages())
    untold = [
        Item(
            f"{page}#to-tell", name_of(row.deal), f"HubSpot is not told its stage: {row.remedy}",
            "BD", since=row.deal.stage_since, status="waiting",
        )
        for row in some
    ]  # fmt: skip
    found = [*merges, *orders, *untold]
    return block(
        ("hubspot", "HubSpot asks", "link"),
        (found[:SHOWN], len(merges) + len(orders) + behind),
        lambda item: item,
        empty="An order in HubSpot comes here when a rule is in its way, and so do deals that were"
        " merged there while both are delivered, and stages that cannot be told there.",
        more=page,
    )
