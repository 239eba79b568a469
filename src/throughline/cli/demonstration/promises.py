"""What people do with deliverables and notices, a day at a time."""

from throughline.cli.demonstration.people import ADA, NOOR
from throughline.cli.demonstration.story import Story
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.queries import deliverables_of, find_engagement
from throughline.renewals.actions import send_notices

# What shows that the phases of a new hub are done, in the words of the shipped playbook.
ONBOARDING = {
    "phase-0": "Account open, people named, billing columns there.",
    "phase-1": "The staging hub answers.",
    "phase-2": "The production hub answers; sign-in tried with two of their people.",
    "phase-3": "Nine people used it within 14 days; the representative confirmed by mail.",
}


def number_of(story: Story, code: str) -> int:
    """Return the number of the story's deliverable with a code."""
    engagement = find_engagement(story.offer.hubspot_id)
    return int(deliverables_of(engagement).get(code=code).pk)


def deliver(story: Story, code: str, evidence: str, *, on: int, by: str = NOOR) -> None:
    """Have PS say that a deliverable is done, and by what that can be seen."""
    mark_done(
        number_of(story, code),
        evidence=evidence,
        link=f"https://{story.offer.served.domain}/promises/{code}",
        by=by,
        at=story.scene.when(on),
    )


def verify(story: Story, code: str, *, on: int) -> None:
    """Have BD verify a deliverable."""
    verify_deliverable(number_of(story, code), by=ADA, at=story.scene.when(on))


def send_back(story: Story, code: str, why: str, *, on: int) -> None:
    """Have BD say "not yet, because …"."""
    return_deliverable(number_of(story, code), why=why, by=ADA, at=story.scene.when(on))


def notify(story: Story, *, on: int) -> None:
    """Send what the ladder demands on a day, as the worker of that day did."""
    scene = story.scene
    send_notices(story.number, playbook=scene.playbook, by="worker", at=scene.when(on))
    scene.post(on)
