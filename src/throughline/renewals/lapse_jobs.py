"""What the clock does about endings, and what a day brings of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from throughline.kernel.days import ONE_DAY
from throughline.playbook.model import Playbook
from throughline.renewals.actions_courses import link_arrived
from throughline.renewals.actions_lapse import plan_what_is_over
from throughline.renewals.lapse import NO_DEAL, WAITS, Running, running_without_agreement
from throughline.renewals.offboarding import check_lists, offboardings
from throughline.renewals.words import RunsKind, StepCode

TELLS_BEFORE = frozenset({14, 2, 0})  # days before the end on which unsettled data are told of


@dataclass(frozen=True, slots=True)
class EndingEvent:
    """Something about an ending that a person must hear on a day."""

    engagement: int | None
    code: str
    message: str


def settle_endings(*, playbook: Playbook, by: str, at: datetime) -> None:
    """Link renewals that have arrived, and plan what nobody decided about; again, nothing is new."""
    link_arrived(playbook=playbook, by=by, at=at)
    plan_what_is_over(playbook=playbook, by=by, at=at)


def ending_events(*, on: date, playbook: Playbook) -> list[EndingEvent]:
    """Return what a day brings of lapses, tokens, decisions and offboardings. Reads only."""
    running = running_without_agreement(on=on, playbook=playbook)
    return [
        *(event for one in running for event in _of_running(one, on, playbook)),
        *_of_offboardings(on, playbook),
    ]


def _of_running(one: Running, on: date, playbook: Playbook) -> Iterator[EndingEvent]:
    number = one.deal.pk if one.deal else None
    yesterday = on - ONE_DAY
    if any(token.until_on == yesterday for token in one.tokens) and one.kept_until_on is None:
        said = f"{one.name}: its leave to run without agreement is over. {one.remedy}"
        yield EndingEvent(number, "lapse_token_over", said)
    if one.decision is not None and one.decision.until_on == yesterday:
        said = f"{one.name}: it was kept until {yesterday}. {one.remedy}"
        yield EndingEvent(number, "lapse_kept_until", said)
    if one.kind in WAITS and one.decide_on == on:
        days = playbook.offboarding.decommission_days
        said = (
            f"{one.name} has run for {playbook.periods.lapse_decision_days} days without agreement:"
            f" the BD lead decides; else it is planned to be taken down {days} days on."
        )
        yield EndingEvent(number, "lapse_decision_due", said)
    if one.plan is not None and one.plan.planned_on == on:
        said = f"{one.name} is to be taken down today, as planned: {one.plan.why}"
        yield EndingEvent(number, "decommission_due", said)
    if one.kind == RunsKind.LOST:
        said = f"{one.name} was lost, and {_hubs(one)}. {one.remedy}"
        yield EndingEvent(number, "lost_with_hub", said)
    if one.kind == RunsKind.NO_AGREEMENT and one.kept_until_on is None:
        name = one.name if one.subject.startswith(NO_DEAL) else f"{one.name} is not won, and it"
        said = f"{name} runs without agreement. {one.remedy}"
        yield EndingEvent(number, "hub_without_agreement", said)


def _hubs(one: Running) -> str:
    listed = ", ".join(one.hubs)
    return f"{listed} run{'s' if len(one.hubs) == 1 else ''} for it"


def _of_offboardings(on: date, playbook: Playbook) -> Iterator[EndingEvent]:
    for one in check_lists(offboardings().filter(deal__end_on__gte=on), playbook=playbook):
        end_on = one.deal.end_on
        data = next(line for line in one.lines if line.code == StepCode.DATA)
        if end_on is not None and (end_on - on).days in TELLS_BEFORE and not data.is_done:
            yield EndingEvent(
                one.deal.pk,
                "data_unsettled",
                f"{one.deal.name} ends on {end_on}, and its data are not settled: {data.how}",
            )
