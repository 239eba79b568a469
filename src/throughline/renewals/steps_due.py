"""Which steps of ladders fall into some days: only engagements that can have one are looked at."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from throughline.delivery.queries import engagements
from throughline.playbook.mail_parts import Step
from throughline.playbook.model import Playbook
from throughline.renewals.ladder import A_MONTH
from throughline.renewals.queries import NoticeLine, Standing, notice_lines
from throughline.renewals.reading import Standings
from throughline.renewals.words import NoticeState

TO_COME = frozenset({NoticeState.PLANNED, NoticeState.FLAGGED})


@dataclass(frozen=True, slots=True)
class StepDue:
    """A step that has not been taken, and whose."""

    standing: Standing
    notice: NoticeLine


def steps_due(reading: Standings, *, last_on: date) -> list[StepDue]:
    """Return the steps due from the day that is read of to another that nobody has taken.

    In order of their days; a constant number of queries.
    """
    on, playbook = reading.on, reading.playbook
    found = engagements().filter(_may_have_one(on, last_on, playbook), deal__merged_into=None)
    due = [
        StepDue(standing, notice)
        for standing in reading.of(found)
        for notice in notice_lines(standing, on=on, playbook=playbook)
        if on <= notice.due_on <= last_on and notice.state in TO_COME
    ]
    return sorted(due, key=lambda one: (one.notice.due_on, one.standing.engagement.pk))


def _may_have_one(on: date, last_on: date, playbook: Playbook) -> Q:
    """Return what narrows engagements to those a step of whose ladder can fall into some days."""
    wanted = Q(pk=None)
    for step in playbook.ladder:
        before, after = _shift(step)
        first, last = on + _days(step.days - after), last_on + _days(step.days + before)
        wanted |= Q(deal__end_on__range=(first, last))
    # A term that is shorter than the notices has one at half term.
    longest = max((step.days for step in playbook.ladder if step.to == "renewals"), default=0)
    begun = Q(deal__start_on__range=(on - _days(longest), last_on))
    return wanted | (begun & Q(deal__end_on__range=(on, last_on + _days(longest))))


def _shift(step: Step) -> tuple[int, int]:
    """Return how many days a rule for working days may move a step, earlier and later."""
    match step.working_day:
        case "before":
            return A_MONTH, 0
        case "after":
            return 0, A_MONTH
        case _:
            return 0, 0


def _days(count: int) -> timedelta:
    return timedelta(days=count)
