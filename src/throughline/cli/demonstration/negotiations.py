"""Deals that people talk about: same weeks, waivers, lawyers, early starts, second thoughts."""

from decimal import Decimal

from throughline.cli.demonstration.clusters import Runs, run_cluster
from throughline.cli.demonstration.communities import (
    CINDERPATH,
    COBBLEWOOD,
    FIRNLINE,
    STARLINGFOLD,
    WINDROW,
)
from throughline.cli.demonstration.path import (
    SPONSOR_PARTY,
    agree,
    carry,
    hand_off,
    keep_statement,
    negotiate,
)
from throughline.cli.demonstration.people import BEN, LEA, SAM
from throughline.cli.demonstration.scene import Scene
from throughline.cli.demonstration.statements import PLUME_PIPELINE, SNOW_SCENES, Statement
from throughline.cli.demonstration.story import COMPUTED, Offer
from throughline.sales.actions.waive import allow_early_start, waive_condition
from throughline.sales.demand import refresh_demand


def two_deals_want_the_same_weeks(scene: Scene) -> None:
    """Answer two deals, each of which fits alone and not beside the other (E8).

    The one that is answered first fits; the other is told, and gets the next weeks that are free.
    """
    plume = Offer(
        hubspot_id="9100000201",
        name="Cinderpath plume pipeline",
        served=CINDERPATH,
        revenue_type="project",
        amount="41000",
        begins=91,
        ends=210,
        statement=Statement("cinderpath-sow.md", PLUME_PIPELINE, {}),
        capacity=COMPUTED,
    )
    snow = Offer(
        hubspot_id="9100000202",
        name="Firnline satellite scenes",
        served=FIRNLINE,
        revenue_type="project",
        amount="37500",
        begins=91,
        ends=210,
        statement=Statement("firnline-sow.md", SNOW_SCENES, {}),
        capacity=COMPUTED,
    )
    waiting = carry(scene, snow, to="proposal", on=-17)
    keep_statement(waiting, on=-16)
    refresh_demand(playbook=scene.playbook, by="worker", at=scene.when(-16))
    carry(scene, plume, to="negotiation", on=-12)
    negotiate(waiting, on=-8)


def lawyer_and_a_waiver_that_expires(scene: Scene) -> None:
    """Set a condition aside for a few days more, while legal has a question to answer."""
    offer = Offer(
        hubspot_id="9100000203",
        name="Windrow managed hub",
        served=WINDROW,
        revenue_type="membership-advanced",
        amount="45000",
        begins=35,
        ends=399,
    )
    story = carry(scene, offer, to="negotiation", on=-20)
    agree(story, on=-11)
    why = "Plot images show private land: who may see them, and who is liable?"
    story.record("legal.involved", {"needed_because": why}, on=-10)
    waive_condition(
        story.number,
        "community.people",
        reason="The trust names its technical contact after its board meeting.",
        until=scene.day(4),
        playbook=scene.playbook,
        by=BEN,
        at=scene.when(-9),
    )


def start_before_signature(scene: Scene) -> None:
    """Begin before the buyer has signed, up to an amount and a day (E36)."""
    offer = Offer(
        hubspot_id="9100000204",
        name="Starlingfold teaching hub",
        served=STARLINGFOLD,
        revenue_type="membership-essential",
        amount="19500",
        begins=-3,
        ends=361,
    )
    story = carry(scene, offer, to="contract_admin", on=-15)
    ours = {"party": SPONSOR_PARTY, "signed_on": scene.day(-11)}
    story.record("agreement.executed", {"signed": [ours]}, by=SAM, on=-11)
    story.record("invoicing.prepared", {"receipt": "SAGE C-0204"}, by=SAM, on=-10)
    allow_early_start(
        story.number,
        reason="Term begins before the institute's board can sign; the dean has said yes.",
        money_limit=Decimal(4000),
        until=scene.day(12),
        playbook=scene.playbook,
        by=LEA,
        at=scene.when(-8),
    )
    story.order(on=-7)
    hand_off(story, on=-6)
    run_cluster(story, Runs(name="starlingfold", account="000000000204"), on=-2)


def reopened_after_closed_won(scene: Scene) -> None:
    """Take a won deal back to talk about more; its engagement stays as it is (E2)."""
    offer = Offer(
        hubspot_id="9100000205",
        name="Cobblewood tree census hub",
        served=COBBLEWOOD,
        revenue_type="membership-advanced",
        amount="39000",
        begins=-55,
        ends=309,
    )
    story = carry(scene, offer, to="closed_won", on=-60)
    hand_off(story, on=-57)
    run_cluster(story, Runs(name="cobblewood", account="000000000205"), on=-50)
    story.advance("negotiation", by=BEN, on=-5)
    asked = {"kind": "call", "question": "The city wants a second hub for its schools. Can we?"}
    story.record("ps.reviewed", asked, by=BEN, on=-5)


STORIES = (
    lawyer_and_a_waiver_that_expires,
    start_before_signature,
    reopened_after_closed_won,
)
