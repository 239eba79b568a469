"""What a condition finds, and the registry of conditions by code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from throughline.playbook.model import Playbook
from throughline.playbook.registry import Registry
from throughline.sales.queries import DealFacts
from throughline.sales.words import ConditionStatus


@dataclass(frozen=True, slots=True)
class Finding:
    """How a condition stands: in words, and with what a person can do about it."""

    status: ConditionStatus
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a condition is asked: about these facts, under these rules, on this day."""

    facts: DealFacts
    playbook: Playbook
    on: date


Condition = Callable[[Question], Finding]
CONDITIONS: Registry[Condition] = Registry("condition")


def met(message: str) -> Finding:
    """Return that a condition holds."""
    return Finding(ConditionStatus.MET, message)


def unmet(message: str, remedy: str) -> Finding:
    """Return that a condition does not hold, and what to do."""
    return Finding(ConditionStatus.UNMET, message, remedy)


def stale(message: str, remedy: str) -> Finding:
    """Return that a condition held once and must be renewed."""
    return Finding(ConditionStatus.STALE, message, remedy)
