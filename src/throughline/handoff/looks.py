"""Looking at the world: one look at each system, and what it says of each outcome."""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from throughline.handoff.buckets import charge_calls, close_system, limits_of, take_calls
from throughline.handoff.connected import Outside
from throughline.handoff.in_house import InHouse
from throughline.handoff.previews import preview_of
from throughline.handoff.systems import LooksOften, System
from throughline.handoff.wanted import (
    Change,
    Doing,
    MadeHere,
    Seen,
    WaitsForPerson,
    Wanted,
    bare,
    change_of,
    diff,
)
from throughline.handoff.words import Verb
from throughline.kernel.errors import Permanent, Refused, Transient
from throughline.playbook.parts import CallLimit

log = logging.getLogger(__name__)

NEEDS_A_PERSON = (Permanent, Refused, WaitsForPerson)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one system showed."""

    system: System
    changes: tuple[Change, ...]
    failures: dict[str, Exception] = field(default_factory=dict)  # by key: what could not be seen


def look_at_all(
    wanted: Sequence[Wanted],
    outside: Sequence[Outside],
    *,
    limits: Sequence[CallLimit],
    doing: Doing,
) -> tuple[Look, ...]:
    """Look once at every system that something is wanted in; a system that fails stops no other."""
    groups = _by_system(wanted, outside)
    return tuple(look_at(system, members, limits=limits, doing=doing) for system, members in groups)


def narrowed(look: Look, keys: Collection[str]) -> Look:
    """Return what a look says of some outcomes alone."""
    return Look(
        look.system,
        tuple(change for change in look.changes if change.outcome in keys),
        {key: error for key, error in look.failures.items() if key in keys},
    )


def _by_system(
    wanted: Sequence[Wanted], outside: Sequence[Outside]
) -> Iterator[tuple[System, Sequence[Wanted]]]:
    """Yield the systems, each with what is wanted there; what is made here, one by one."""
    systems = {one.system.name: one.system for one in outside}
    for one in wanted:
        if one.system not in systems:
            yield InHouse(cast("MadeHere", one)), (one,)
    for name, system in systems.items():
        if members := [one for one in wanted if one.system == name]:
            yield system, members


def look_at(
    system: System, wanted: Sequence[Wanted], *, limits: Sequence[CallLimit], doing: Doing
) -> Look:
    """Look at one system."""
    try:
        seen = _observe(system, wanted, limits=limits, doing=doing)
    except (Transient, *NEEDS_A_PERSON) as error:
        return _unseen(system, wanted, error)
    except Exception as error:
        log.exception("%s could not be looked at", system.name)
        return _unseen(system, wanted, error)
    failures = {key: found for key, found in seen.items() if isinstance(found, Exception)}
    there = {key: found for key, found in seen.items() if not isinstance(found, Exception)}
    changes = (diff(one, there.get(one.key)) for one in wanted if one.key not in failures)
    return Look(system, tuple(changes), failures)


def _observe(
    system: System, wanted: Sequence[Wanted], *, limits: Sequence[CallLimit], doing: Doing
) -> dict[str, Seen | Exception]:
    if isinstance(system, InHouse):
        return dict(system.observe(wanted))
    taken = system.look if isinstance(system, LooksOften) else 1
    limits = limits_of(limits, system.name, "reads")
    take_calls(system.name, limits, clock=doing.clock, calls=taken)
    before = system.calls()
    try:
        return dict(system.observe([bare(one) for one in wanted]))
    except Transient as error:
        close_if_asked(system, error, doing)
        raise
    finally:
        # Some were taken beforehand; a listing may have had more pages.
        made = system.calls() - before
        charge_calls(system.name, limits, clock=doing.clock, calls=made - taken)


def close_if_asked(system: System, error: Exception | None, doing: Doing) -> None:
    """Let nobody call a system that asks to be left alone for a while."""
    if isinstance(error, Transient) and error.retry_after_s:
        close_system(system.name, seconds=error.retry_after_s, clock=doing.clock)


def _unseen(system: System, wanted: Sequence[Wanted], error: Exception) -> Look:
    return Look(system, (), {one.key: error for one in wanted})


def lines_of(looks: Iterable[Look], wanted: Sequence[Wanted]) -> tuple[Change, ...]:
    """Return what the looks say as lines of a plan, in the order of what is wanted.

    What cannot be looked at waits for a person, or for later where time will mend it, saying why.
    """
    lines: dict[str, Change] = {}
    named = {one.key: one for one in wanted}
    for look in looks:
        lines |= {change.outcome: change for change in look.changes}
        for key, error in look.failures.items():
            verb = Verb.LATER if isinstance(error, Transient) else Verb.WAIT
            lines[key] = change_of(named[key], verb, None, str(error))
    return tuple(_readable(lines[one.key], one) for one in wanted)


def _readable(line: Change, wanted: Wanted) -> Change:
    return line if line.verb == Verb.KEEP else replace(line, preview=preview_of(wanted))
