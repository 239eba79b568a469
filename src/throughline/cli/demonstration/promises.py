"""What people do with deliverables and notices, a day at a time."""

from dataclasses import dataclass

from throughline.cli.demonstration.people import ADA, NOOR
from throughline.cli.demonstration.story import Story
from throughline.delivery.actions.activity import Activity, keep_activity
from throughline.delivery.actions.deliverables import (
    add_evidence,
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.models import Deliverable
from throughline.delivery.words import EvidenceKind
from throughline.infrastructure.models import Hub
from throughline.renewals.actions import send_notices


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows that a deliverable is done: a person's words, and what a look found."""

    words: str
    kind: EvidenceKind
    found: str


# The phases of a new hub, as the shipped playbook has them.
ONBOARDING = {
    "phase-0": Shown(
        "Account open, people named.", EvidenceKind.BILLING_COLUMN, "The billing columns are there."
    ),
    "phase-1": Shown("The cluster is up.", EvidenceKind.HUB_ANSWERS, "staging answers with 200."),
    "phase-2": Shown(
        "Sign-in tried with two of their people.",
        EvidenceKind.HUB_ANSWERS,
        "prod answers with 200.",
    ),
    "phase-3": Shown(
        "The representative confirmed by mail.",
        EvidenceKind.USERS_ACTIVE,
        "9 users who are not staff within 14 days.",
    ),
}


def number_of(story: Story, code: str) -> int:
    """Return the number of the story's deliverable with a code."""
    return int(Deliverable.objects.get(project__engagement=story.number, code=code).pk)


def deliver(story: Story, code: str, evidence: str, *, on: int, by: str = NOOR) -> None:
    """Have PS say that a deliverable is done, and by what that can be seen."""
    mark_done(
        number_of(story, code),
        evidence=evidence,
        link=f"https://{story.offer.served.domain}/promises/{code}",
        by=by,
        at=story.scene.when(on),
    )


def finish_phase(story: Story, code: str, *, on: int) -> None:
    """Have PS say that a phase of a new hub is done; what a look found stands beside it."""
    shown = ONBOARDING[code]
    deliver(story, code, shown.words, on=on)
    with_look = Deliverable.objects.get(pk=number_of(story, code))
    add_evidence(with_look, shown.kind, text=shown.found, by="worker", at=story.scene.when(on))


def onboard(story: Story, *, begun: int) -> None:
    """Bring a new hub through its phases, each verified three days after it is done."""
    for position, code in enumerate(ONBOARDING, start=1):
        finish_phase(story, code, on=begun + 12 * position)
        verify(story, code, on=begun + 12 * position + 3)
    use_hubs(story, since=begun + 30 + story.number % 5 * 7)


def use_hubs(story: Story, *, since: int, people: int = 9) -> None:
    """Let people of the community use the production hub every third day until yesterday."""
    scene, begin = story.scene, since - 30
    users = frozenset(
        (scene.day(on), f"user{number}@{story.offer.served.domain}")
        for on in range(since, 0, 3)
        for number in range(people)
    )
    for hub in Hub.objects.filter(cluster__serves__engagement=story.number).order_by("pk"):
        there = users if hub.name == "prod" else frozenset()
        told = Activity(hub, "activity.csv", scene.day(begin), scene.day(-1), there)
        keep_activity(told, staff=(), by=NOOR, at=scene.when(-1))


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
