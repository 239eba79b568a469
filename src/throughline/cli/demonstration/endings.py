"""Engagements near their end, and beyond it."""

from throughline.cli.demonstration.clusters import Runs, run_cluster
from throughline.cli.demonstration.communities import (
    FERNGLOW,
    OLDRIVER,
    QUARRYSTONE,
    THISTLEDOWN,
    Served,
)
from throughline.cli.demonstration.path import apply, carry, dates, hand_off
from throughline.cli.demonstration.people import ADA, NOOR
from throughline.cli.demonstration.promises import deliver, notify, onboard, verify
from throughline.cli.demonstration.scene import Scene
from throughline.cli.demonstration.story import Offer, Story
from throughline.delivery.actions.engagements import decide_to_end, report_health
from throughline.delivery.words import Health


def purchase_order_that_expires_in_60_days(scene: Scene) -> None:
    """Work under a purchase order (E14); its notice is due today, and the worker's to send."""
    offer = Offer(
        hubspot_id="9100000401",
        name="Quarrystone excavation records",
        served=QUARRYSTONE,
        revenue_type="membership-essential",
        amount="22000",
        begins=-305,
        ends=60,
        purchase_order="PO-77-10432",
    )
    _running(scene, offer, Runs(name="quarrystone", account="000000000401"))


def end_date_moved_after_the_notice(scene: Scene) -> None:
    """Extend what people were told would end: a correction goes out, the ladder restarts (E24).

    The community pays its own cloud (E15).
    """
    offer = Offer(
        hubspot_id="9100000402",
        name="Fernglow night images",
        served=FERNGLOW,
        revenue_type="membership-advanced",
        amount="36000",
        begins=-345,
        ends=20,
    )
    theirs = Runs(
        name="fernglow",
        account="fernglow-garden",
        provider="gcp",
        region="us-central1",
        paid_by_us=False,
    )
    story = _running(scene, offer, theirs)
    notify(story, on=-40)
    story.record("dates.agreed", dates(story, ends=220), on=-25)
    notify(story, on=-25)
    apply(story, on=-25)


def lapsed_and_still_running(scene: Scene) -> None:
    """Let an agreement end while its hub goes on (E26)."""
    offer = _year(OLDRIVER, "9100000403", "Oldriver flood archive", ends=-24)
    story = _running(scene, offer, Runs(name="oldriver", account="000000000403"))
    notify(story, on=-84)
    why = "The trust says that it renews, and nothing has come."
    report_health(story.number, Health.OFF_TRACK, why=why, by=NOOR, at=scene.when(-20))


def ending_soon(scene: Scene) -> None:
    """Settle that an agreement is not renewed; its people are told tomorrow, 14 days before."""
    offer = _year(THISTLEDOWN, "9100000404", "Thistledown last season", ends=15)
    story = _running(scene, offer, Runs(name="thistledown", account="000000000404"))
    notify(story, on=-45)
    deliver(story, "renewal-confirmed", "Mail from Beatrix Oakes: the study ends.", on=-41)
    verify(story, "renewal-confirmed", on=-40)
    decide_to_end(story.number, by=ADA, at=scene.when(-40))


def _year(served: Served, hubspot_id: str, name: str, *, ends: int) -> Offer:
    return Offer(
        hubspot_id=hubspot_id,
        name=name,
        served=served,
        revenue_type="membership-essential",
        amount="20000",
        begins=ends - 364,
        ends=ends,
    )


def _running(scene: Scene, offer: Offer, runs: Runs) -> Story:
    """Bring a deal to a hub that runs, each phase verified."""
    won = offer.begins - 6
    story = carry(scene, offer, to="closed_won", on=won)
    hand_off(story, on=won + 2)
    run_cluster(story, runs, on=won + 9)
    onboard(story, begun=won)
    return story


STORIES = (
    purchase_order_that_expires_in_60_days,
    end_date_moved_after_the_notice,
    lapsed_and_still_running,
    ending_soon,
)
