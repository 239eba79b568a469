"""The steps that nearly every deal takes in the same way, from the export to the handoff."""

from typing import Any

from throughline.cli.demonstration.exports import take_in
from throughline.cli.demonstration.people import LEA, NOOR, PIA, SAM, SIGNS_OFF
from throughline.cli.demonstration.scene import Scene
from throughline.cli.demonstration.story import COMPUTED, Offer, Story
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.queries import find_engagement
from throughline.handoff.passes import apply_handoff
from throughline.handoff.wanted import Doing
from throughline.intake.actions import import_statement
from throughline.sales.actions.confirming import Shown, confirm_proposal
from throughline.sales.demand import answer_for, ask_of_deal
from throughline.sales.queries import facts_of, find_deal

PACE = 9  # days from stage to stage
SPONSOR_PARTY = "Harbour Fiscal Sponsorship"


def carry(scene: Scene, offer: Offer, *, to: str, on: int) -> Story:
    """Take a deal in and bring it to a stage by a day, a stage every nine days."""
    codes = list(STEPS)
    path = codes[: codes.index(to) + 1]
    begun = on - PACE * len(path)
    take_in(scene, [offer.row()], on=begun)
    story = Story(scene, offer, find_deal(offer.hubspot_id).pk)
    for position, code in enumerate(path, start=1):
        STEPS[code](story, begun + PACE * position)
    return story


def _qualify(story: Story, on: int) -> None:
    story.record("community.named", {"short_name": story.offer.served.short_name}, on=on)
    story.advance("qualified", on=on)


def _propose(story: Story, on: int) -> None:
    served = story.offer.served
    story.record("community.id", {}, on=on - 1)
    where = {"cloud": served.cloud, "region": served.region}
    story.record("cloud.preference", where | {"data_location": served.data_location}, on=on)
    story.advance("proposal", on=on)


def negotiate(story: Story, on: int) -> None:
    """Ask PS, have it answer, and take the deal into negotiation by a day."""
    offer = story.offer
    question = (
        f"Can we run this for {offer.served.short_name} from {story.scene.day(offer.begins)}?"
    )
    story.record("ps.reviewed", {"kind": "estimate", "question": question}, on=on - 6)
    if offer.statement is not None:
        keep_statement(story, on=on - 5)
    answer = "Yes: a standard hub, and the estimate covers what is special about it."
    story.record("ps.reviewed", {"answer": answer}, by=PIA, on=on - 4)
    _answer_capacity(story, on=on - 3)
    if offer.statement is not None:
        sign_off(story, on=on - 2)
    story.advance("negotiation", on=on)


def _answer_capacity(story: Story, *, on: int) -> None:
    scene = story.scene
    if story.offer.capacity is not COMPUTED:
        story.record("capacity.answered", story.offer.capacity, by=PIA, on=on)
        return
    facts = facts_of(story.deal, on=scene.day(on))
    asked = ask_of_deal(facts.deal, facts.statement, playbook=scene.playbook, on=scene.day(on))
    found = answer_for(asked, playbook=scene.playbook, on=scene.day(on)).answer
    confirm_proposal(
        story.number, Shown(found.word, found.start_on), playbook=scene.playbook, by=PIA,
        at=scene.when(on),
    )  # fmt: skip


def keep_statement(story: Story, *, on: int) -> None:
    """Take in the statement of work of the offer."""
    statement = story.offer.statement
    if statement is None:
        raise LookupError(f"{story.offer.name} has no statement of work")
    path = story.scene.file(statement.name, statement.text)
    import_statement(path, deal=story.deal, by=PIA, at=story.scene.when(on))


def sign_off(story: Story, *, on: int) -> None:
    """Have everybody who must sign the newest statement of work off."""
    for role in story.scene.playbook.signoff_roles:
        by = SIGNS_OFF.get(role.code, LEA)
        story.record("sow.signed_off", {"role": role.code}, by=by, on=on)


def _contract(story: Story, on: int) -> None:
    agree(story, on=on - 4)
    story.record("agreement.artefact", artefact(story), on=on - 3)
    describe(story, on=on - 2)
    name_people(story, on=on - 1)
    story.advance("contract_admin", on=on)


def agree(story: Story, *, on: int) -> None:
    """Write down the verbal yes, the tier and the dates."""
    offer, scene = story.offer, story.scene
    yes = {"said_by": offer.served.champion, "said_on": scene.day(on), "version": "Offer 2"}
    story.record("verbal.closed", yes, on=on)
    tier = scene.playbook.tier_of(offer.revenue_type)
    story.record(
        "service.tier", {"tier": tier} if tier else {"none_because": "it is a project"}, on=on
    )
    story.record("dates.agreed", dates(story, ends=offer.ends), on=on)


def dates(story: Story, *, ends: int) -> dict[str, Any]:
    """Return the term as agreed, with a due date for each deliverable of the statement."""
    offer, scene = story.offer, story.scene
    due = offer.statement.due if offer.statement else {}
    return {
        "start_on": scene.day(offer.begins),
        "end_on": scene.day(ends),
        "deliverables": {title: scene.day(days) for title, days in due.items()},
    }


def artefact(story: Story) -> dict[str, Any]:
    """Return the document that governs the deal: an agreement, or the buyer's purchase order."""
    served = story.offer.served
    if story.offer.purchase_order:
        return {
            "kind": "purchase_order",
            "title": f"Purchase order of {served.buyer}",
            "effective_on": story.scene.day(story.offer.begins),
            "end_on": story.scene.day(story.offer.ends),
            "ceiling": story.offer.amount,
        }
    # The last day stands in the deal's dates alone: an agreement "for the agreed term".
    return {
        "title": f"Service agreement with {served.buyer} for {story.offer.name}",
        "signatories": [
            {"party": SPONSOR_PARTY, "name": "Sam Whitlock"},
            {"party": served.buyer, "name": served.champion},
        ],
    }


def describe(story: Story, *, on: int) -> None:
    """Fill in the community record, and what the community says to the context questions."""
    served = story.offer.served
    about = {"long_name": served.long_name, "website": f"https://{served.domain}/"}
    story.record("community.record", about | {"github_org": served.community_id}, on=on)
    said = {"goals": served.goals, "data": served.data_location}
    answers = [
        {"question": one.code, "text": said.get(one.code, ""), "source": "call with the champion"}
        for one in story.scene.playbook.context_questions
    ]
    story.record("community.context", {"answers": answers}, on=on)


def name_people(story: Story, *, on: int) -> None:
    """Write down who of the community is what for this deal."""
    served = story.offer.served
    roles = {
        "buyer": served.champion,
        "champion": served.champion,
        "representative": served.representative,
        "technical_contact": served.technical_contact,
    }
    people = [
        {"role": role, "full_name": name, "email": served.email_of(name)}
        for role, name in roles.items()
    ]
    story.record("community.people", {"people": people}, on=on)


def _win(story: Story, on: int) -> None:
    sign(story, on=on - 4)
    story.record(
        "invoicing.prepared", {"receipt": f"SAGE C-{story.offer.hubspot_id[-4:]}"}, by=SAM,
        on=on - 3,
    )  # fmt: skip
    story.order(on=on - 1)
    story.advance("closed_won", on=on)


def sign(story: Story, *, on: int) -> None:
    """Have every party sign, or the purchase order issued and accepted."""
    day = story.scene.day(on)
    signed: dict[str, Any] = {
        "signed": [
            {"party": party, "signed_on": day}
            for party in (SPONSOR_PARTY, story.offer.served.buyer)
        ]
    }
    if story.offer.purchase_order:
        signed = {"reference": story.offer.purchase_order, "accepted_on": day}
    story.record("agreement.executed", signed, by=SAM, on=on)


STEPS = {
    "qualified": _qualify,
    "proposal": _propose,
    "negotiation": negotiate,
    "contract_admin": _contract,
    "closed_won": _win,
}


def hand_off(story: Story, *, on: int, by: str = NOOR) -> None:
    """Have PS accept the engagement by name, and apply its handoff."""
    accept_engagement(story.number, by=by, at=story.scene.when(on))
    apply(story, on=on, by=by)


def apply(story: Story, *, on: int, by: str = NOOR) -> None:
    """Make everything true that the engagement wants by a day, mails included."""
    apply_handoff(
        find_engagement(story.offer.hubspot_id),
        playbook=story.scene.playbook,
        holder="demonstration",
        doing=Doing(by=by, at=story.scene.when(on)),
    )
    story.scene.post(on)
