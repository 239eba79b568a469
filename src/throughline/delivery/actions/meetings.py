"""Holding the weekly Engagement Review: open it, decide, settle, close it with its minutes."""

from datetime import date, datetime

from django.db import transaction

from throughline.delivery.meetings import NoSuchMeeting, minutes_of
from throughline.delivery.models import Decision, Engagement, Meeting
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat
from throughline.playbook.model import Playbook

HOLDS = ["BD", "PS", "Lead", "Admin"]


@transaction.atomic
def open_meeting(*, on: date, by: str, at: datetime) -> Meeting:
    """Open the Engagement Review of a day, or return the one of that day that is under way.

    Raises:
        Refused: the one of another day is still open, that of this day is closed, or the person
            is a stranger to it.
    """
    require_hat(by, any_of=HOLDS, to="open an Engagement Review")
    other = Meeting.objects.filter(closed_at=None).exclude(held_on=on).first()
    if other is not None:
        raise Refused(
            f"The review of {other.held_on} is still open.", remedy="Close it first: its minutes."
        )
    meeting, is_new = Meeting.objects.get_or_create(
        held_on=on, defaults={"opened_by": by, "opened_at": at}
    )
    if meeting.closed_at is not None:
        raise Refused(
            f"The review of {on} is closed, and its minutes stand.",
            remedy="Open the next one on another day.",
        )
    if is_new:
        record("delivery.meeting.opened", meeting, by=by, at=at, held_on=on)
    return meeting


@transaction.atomic
def decide(
    meeting_id: int, text: str, *, number: int | None, owner: str, due_on: date | None,
    by: str, at: datetime,
) -> Decision:  # fmt: skip
    """Write down what a meeting decides, of one engagement or (None) of all.

    Raises:
        NoSuchMeeting: there is none of that number.
        Refused: nothing is said, the meeting is closed, there is no such engagement, or the person
            is a stranger to it.
    """
    meeting = _locked(meeting_id)
    require_hat(by, any_of=HOLDS, to="write down a decision")
    if meeting.closed_at is not None:
        raise Refused("This review is closed.", remedy="Write it down in the next one.")
    if not text.strip():
        raise Refused("Nothing is decided.", remedy="Say it in one sentence.")
    engagement = None if number is None else Engagement.objects.filter(pk=number).first()
    if number is not None and engagement is None:
        raise Refused(f"There is no engagement {number}.", remedy="Choose one of the list.")
    made = Decision.objects.create(
        meeting=meeting, engagement=engagement, text=text.strip(), owner=owner.strip()[:160],
        due_on=due_on, by=by, at=at,
    )  # fmt: skip
    record(
        "delivery.decision.taken", engagement or meeting, by=by, at=at, text=made.text,
        owner=made.owner, due_on=due_on, number=made.pk,
    )  # fmt: skip
    return made


@transaction.atomic
def settle_decision(pk: int, *, by: str, at: datetime) -> Decision:
    """Say that a decision is carried out: no later meeting asks about it.

    Raises:
        Refused: there is none of that number, it is settled already, or the person is a stranger
            to it.
    """
    made = Decision.objects.select_for_update().filter(pk=pk).first()
    require_hat(by, any_of=HOLDS, to="settle a decision")
    if made is None:
        raise Refused(f"There is no decision {pk}.", remedy="See the Engagement Review.")
    if made.settled_at is not None:
        raise Refused(
            f"{made.settled_by} has settled this already.", remedy="Nothing is left to do."
        )
    made.settled_by, made.settled_at = by, at
    made.save(update_fields=["settled_by", "settled_at"])
    about = made.engagement or made.meeting
    record("delivery.decision.settled", about, by=by, at=at, text=made.text, number=made.pk)
    return made


@transaction.atomic
def close_meeting(
    meeting_id: int, *, playbook: Playbook, on: date, by: str, at: datetime
) -> Meeting:
    """Close a meeting; its minutes stay as they are now.

    Raises:
        NoSuchMeeting: there is none of that number.
        Refused: it is closed already, or the person is a stranger to it.
    """
    meeting = _locked(meeting_id)
    require_hat(by, any_of=HOLDS, to="close an Engagement Review")
    if meeting.closed_at is not None:
        raise Refused(
            f"{meeting.closed_by} has closed this already.", remedy="Nothing is left to do."
        )
    meeting.closed_by, meeting.closed_at = by, at
    meeting.minutes = minutes_of(meeting, on=on, at=at, playbook=playbook)
    meeting.save(update_fields=["closed_by", "closed_at", "minutes"])
    taken = meeting.decisions.count()
    record("delivery.meeting.closed", meeting, by=by, at=at, held_on=meeting.held_on, taken=taken)
    return meeting


def _locked(pk: int) -> Meeting:
    found = Meeting.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NoSuchMeeting(f"There is no review {pk}.", remedy="See the Engagement Reviews.")
    return found
