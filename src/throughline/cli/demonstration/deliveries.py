"""Engagements at work: verified, renewed, waiting for a verdict, at risk."""

from throughline.cli.demonstration.clusters import Runs, run_cluster
from throughline.cli.demonstration.communities import LICHEN_ATLAS, SALTMARSH, TIDEWRACK
from throughline.cli.demonstration.path import carry, hand_off
from throughline.cli.demonstration.people import ADA, NOOR, PIA
from throughline.cli.demonstration.promises import (
    deliver,
    finish_phase,
    notify,
    onboard,
    send_back,
    verify,
)
from throughline.cli.demonstration.scene import Scene
from throughline.cli.demonstration.statements import SPECIMEN_SEARCH, Statement
from throughline.cli.demonstration.story import Offer, Story
from throughline.communities.actions import keep_alias
from throughline.communities.words import AliasKind
from throughline.delivery.actions.engagements import name_successor, report_health
from throughline.delivery.words import Health


def verified_and_renewed(scene: Scene) -> None:
    """Deliver every promise, have each verified, and renew; the renewal's handoff is only planned."""
    story = _tidewrack(scene)
    onboard(story, begun=-340)
    notify(story, on=-30)
    deliver(story, "renewal-confirmed", "Call with Ines Marlow: they renew.", by=PIA, on=-27)
    verify(story, "renewal-confirmed", on=-26)
    report_health(
        story.number, Health.ON_TRACK, why="120 users a month.", by=NOOR, at=scene.when(-12)
    )
    renewal = Offer(
        hubspot_id="9100000302",
        name="Tidewrack membership, second year",
        served=TIDEWRACK,
        revenue_type="membership-premier",
        amount="68000",
        begins=31,
        ends=395,
    )
    successor = carry(scene, renewal, to="closed_won", on=-2)
    name_successor(story.number, successor.deal, by=ADA, at=scene.when(-2))


def _tidewrack(scene: Scene) -> Story:
    offer = Offer(
        hubspot_id="9100000301",
        name="Tidewrack membership, first year",
        served=TIDEWRACK,
        revenue_type="membership-premier",
        amount="64000",
        begins=-334,
        ends=30,
    )
    story = carry(scene, offer, to="closed_won", on=-344)
    hand_off(story, on=-342)
    run_cluster(story, Runs(name="tidewrack", account="000000000301"), on=-335)
    return story


def membership_and_project_at_once(scene: Scene) -> None:
    """Serve one community by two deals (E30); three promises of the project await BD's verdict."""
    membership = Offer(
        hubspot_id="9100000303",
        name="Lichen Atlas membership",
        served=LICHEN_ATLAS,
        revenue_type="membership-essential",
        amount="21000",
        begins=-200,
        ends=165,
    )
    hub = carry(scene, membership, to="closed_won", on=-206)
    hand_off(hub, on=-204)
    run_cluster(hub, Runs(name="lichenatlas", account="000000000303"), on=-190)
    onboard(hub, begun=-204)
    report_health(hub.number, Health.ON_TRACK, why="Quiet.", by=NOOR, at=scene.when(-41))
    _specimen_search(scene)


def _specimen_search(scene: Scene) -> None:
    due = {
        "Searchable specimen table": -20,
        "Photograph viewer in the notebook": -5,
        "Workshop for curators": 40,
    }
    project = Offer(
        hubspot_id="9100000304",
        name="Lichen Atlas specimen search",
        served=LICHEN_ATLAS,
        revenue_type="project",
        amount="16800",
        begins=-90,
        ends=90,
        statement=Statement("lichen-atlas-sow.md", SPECIMEN_SEARCH, due),
    )
    story = carry(scene, project, to="closed_won", on=-96)
    hand_off(story, on=-94, by=PIA)
    deliver(story, "kick-off", "Plan of work agreed with Fiona Strand.", by=PIA, on=-78)
    deliver(story, "deliverable-1", "All 48,210 specimens; a query takes 1.8 s.", on=-22)
    deliver(story, "deliverable-2", "Viewer published, with a scale bar.", on=-4)
    send_back(story, "deliverable-2", "The licence file is missing.", on=-3)
    deliver(story, "deliverable-2", "The licence file is there now.", on=-1)
    report_health(story.number, Health.ON_TRACK, why="Workshop booked.", by=PIA, at=scene.when(-6))


def at_risk_on_two_clusters(scene: Scene) -> None:
    """Serve one deal on two clusters, of which we pay one and the community the other (E31)."""
    offer = Offer(
        hubspot_id="9100000305",
        name="Saltmarsh acoustics hubs",
        served=SALTMARSH,
        revenue_type="membership-advanced",
        amount="52000",
        begins=-48,
        ends=316,
    )
    story = carry(scene, offer, to="closed_won", on=-52)
    hand_off(story, on=-50)
    ours = Runs(name="saltmarsh", account="000000000305", region="us-east-2", armed=False)
    theirs = Runs(
        name="saltmarshnorth",
        account="saltmarsh-north",
        provider="gcp",
        region="europe-north1",
        paid_by_us=False,
    )
    run_cluster(story, ours, on=-36)
    run_cluster(story, theirs, on=-30)
    community = story.deal.community
    if community is not None:
        keep_alias(
            community.pk, "saltmarsh-2i", kind=AliasKind.LEGACY, on=scene.day(-50), by=NOOR,
            at=scene.when(-50),
        )  # fmt: skip
    finish_phase(story, "phase-0", on=-40)
    verify(story, "phase-0", on=-38)
    finish_phase(story, "phase-1", on=-17)
    why = "The northern cluster waits for a GPU quota; phase 2 is two weeks behind."
    report_health(story.number, Health.AT_RISK, why=why, by=NOOR, at=scene.when(-3))


STORIES = (verified_and_renewed, membership_and_project_at_once, at_risk_on_two_clusters)
