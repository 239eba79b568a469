"""Deals that have only begun, and those that went astray on the way."""

from throughline.cli.demonstration.communities import DEEPWELL, MOONMOTH
from throughline.cli.demonstration.exports import Row, take_in
from throughline.cli.demonstration.path import carry
from throughline.cli.demonstration.people import BEN
from throughline.cli.demonstration.scene import Scene
from throughline.cli.demonstration.story import Offer


def lead_without_owner(scene: Scene) -> None:
    """Take in an enquiry that nobody has picked up."""
    enquiry = Row(
        hubspot_id="9100000101",
        name="Pebblebed: enquiry after a conference talk",
        owner="",
        revenue_type="membership-essential",
        amount="18000",
    )
    take_in(scene, [enquiry], on=-4)


def stage_nobody_mapped(scene: Scene) -> None:
    """Take in a deal whose stage elsewhere is in no playbook: it is shown, not dropped."""
    astray = Row(
        hubspot_id="9100000102",
        name="Brackenfell summer school hub",
        stage="Procurement review (old board)",
        revenue_type="project",
        owner=BEN,
        buyer="Brackenfell College",
        amount="9500",
        begins=70,
        ends=100,
    )
    take_in(scene, [astray], on=-33)


def qualified(scene: Scene) -> None:
    """Qualify a deal: we know whom it would serve."""
    offer = Offer(
        hubspot_id="9100000103",
        name="Moonmoth membership",
        served=MOONMOTH,
        revenue_type="membership-essential",
        amount="18000",
        begins=90,
        ends=454,
    )
    carry(scene, offer, to="qualified", on=-6)


def lost_with_reason(scene: Scene) -> None:
    """Lose an earlier deal of the same community, and say why."""
    offer = Offer(
        hubspot_id="9100000104",
        name="Moonmoth weekend workshop hub",
        served=MOONMOTH,
        revenue_type="project",
        amount="6000",
        begins=-100,
        ends=-95,
    )
    story = carry(scene, offer, to="proposal", on=-140)
    reason = "The grant was not awarded; they will come back for a membership."
    story.record("lost.reason", {"reason": reason}, on=-121)
    story.advance("closed_lost", on=-121)


def proposal_waits_for_ps(scene: Scene) -> None:
    """Ask PS, who has not answered by the day that BD needs it."""
    offer = Offer(
        hubspot_id="9100000105",
        name="Deepwell managed hub",
        served=DEEPWELL,
        revenue_type="membership-advanced",
        amount="42000",
        begins=60,
        ends=424,
    )
    story = carry(scene, offer, to="proposal", on=-9)
    question = "The model needs 256 GB of memory for one hour a day. Which node pool, at what cost?"
    asked = {"kind": "estimate", "question": question, "needed_by": scene.day(-2)}
    story.record("ps.reviewed", asked, on=-7)


def won_elsewhere_past_open_gates(scene: Scene) -> None:
    """Find a deal moved to Closed Won in HubSpot although gates were closed here (E35)."""

    def row(stage: str) -> Row:
        return Row(
            hubspot_id="9100000106",
            name="Amberlight dark-sky membership",
            stage=stage,
            revenue_type="membership-general",
            owner=BEN,
            buyer="Amberlight Society",
            amount="24000",
            begins=-1,
            ends=363,
        )

    take_in(scene, [row("Proposal")], on=-30)
    take_in(scene, [row("Closed Won")], on=-2)


STORIES = (
    lead_without_owner,
    stage_nobody_mapped,
    qualified,
    lost_with_reason,
    proposal_waits_for_ps,
    won_elsewhere_past_open_gates,
)
