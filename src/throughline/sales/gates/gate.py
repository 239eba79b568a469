"""The gate: every condition between a deal and a stage, all at once."""

from dataclasses import dataclass
from datetime import datetime

from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Requirement, Stage
from throughline.sales.gates import closing, opening, review, statement
from throughline.sales.gates.finding import CONDITIONS, Finding, Question
from throughline.sales.models import Waiver
from throughline.sales.queries import DealFacts
from throughline.sales.words import ConditionStatus

ROOMS = (opening, review, statement, closing)  # importing them registers their conditions

PRESENT = "deal.present"  # no condition of the playbook: nobody can choose to do without it
PASSABLE = frozenset({ConditionStatus.MET, ConditionStatus.WAIVED})


def known_conditions() -> frozenset[str]:
    """Return the codes that a playbook may name: those that somebody knows how to judge."""
    return CONDITIONS.codes()


@dataclass(frozen=True, slots=True)
class JudgedCondition:
    """One condition as it stands for a deal."""

    code: str
    status: ConditionStatus
    required: bool
    message: str
    remedy: str
    waivable: bool
    stage: str  # the code of the stage it guards


@dataclass(frozen=True, slots=True)
class Gate:
    """All that stands between a deal and a stage."""

    from_stage: str  # code; "" is unmapped
    to_stage: str
    conditions: tuple[JudgedCondition, ...]
    playbook_sha256: str

    @property
    def in_the_way(self) -> tuple[JudgedCondition, ...]:
        """The required conditions that are neither met nor waived."""
        return tuple(one for one in self.conditions if one.required and one.status not in PASSABLE)

    @property
    def is_open(self) -> bool:
        """Whether the deal may pass."""
        return not self.in_the_way


class NoNextStage(Refused):
    """Nothing follows the stage the deal is in."""


def target_stage(facts: DealFacts, wanted: str, *, playbook: Playbook) -> Stage:
    """Return the stage that a person named, or the one that follows where they named none.

    Raises:
        Refused: there is no such stage.
        NoNextStage: none was named and none follows.
    """
    if wanted:
        if found := playbook.stage_named(wanted):
            return found
        names = ", ".join(stage.name for stage in playbook.stages)
        raise Refused(f"There is no stage {wanted!r}.", remedy=f"Use one of {names}.")
    following = playbook.next_stage(facts.deal.stage)
    if following is None:
        raise NoNextStage(f"No stage follows for {facts.deal}.", remedy="Name one with --to STAGE.")
    return following


def judge(facts: DealFacts, *, to: Stage, playbook: Playbook, at: datetime) -> Gate:
    """Return every condition between a deal's stage and another, with its remedy.

    Passing several stages at once meets every gate between.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    asked = Question(facts, playbook, on)
    waivers = {
        waiver.code: waiver
        for waiver in sorted(facts.deal.waivers.all(), key=lambda one: one.pk)
        if waiver.counts(on)
    }
    conditions = tuple(
        _judged(requirement, stage, CONDITIONS.get(requirement.code)(asked), waivers)
        for stage in playbook.between(facts.deal.stage, to.code)
        for requirement in stage.conditions
    )
    return Gate(facts.deal.stage, to.code, (*_presence(facts, to), *conditions), playbook.sha256)


def _presence(facts: DealFacts, to: Stage) -> tuple[JudgedCondition, ...]:
    """Return what stands in the way of every move of a deal that was deleted elsewhere (E3)."""
    deal = facts.deal
    if deal.deleted_at is None:
        return ()
    return (
        JudgedCondition(
            PRESENT,
            ConditionStatus.UNMET,
            required=True,
            message=f"The deal was deleted: {deal.deleted_by} found it gone on"
            f" {deal.deleted_at:%Y-%m-%d}.",
            remedy=deal.way_back,
            waivable=False,
            stage=to.code,
        ),
    )


def _judged(
    requirement: Requirement, stage: Stage, found: Finding, waivers: dict[str, Waiver]
) -> JudgedCondition:
    status, message, remedy = found.status, found.message, found.remedy
    waiver = waivers.get(requirement.code)
    if waiver and requirement.waivable and status not in PASSABLE:
        status, remedy = ConditionStatus.WAIVED, ""
        message = f"{message} Waived by {waiver.by} until {waiver.until_on}: {waiver.reason}"
    return JudgedCondition(
        requirement.code,
        status,
        requirement.required,
        message,
        remedy,
        requirement.waivable,
        stage.code,
    )
