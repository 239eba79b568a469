"""A pass over one engagement: look, write the intent, act once, write the result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from throughline.delivery.models import Engagement
from throughline.handoff import approvals, rows
from throughline.handoff.connected import Outside, connected
from throughline.handoff.converge import Turn, converge
from throughline.handoff.leases import (
    LEASE,
    Lease,
    Leased,
    give_back,
    leave_unfinished,
    take_lease,
)
from throughline.handoff.looks import Look, lines_of, look_at_all, narrowed
from throughline.handoff.models import Outcome, Plan
from throughline.handoff.plans import wanted_now
from throughline.handoff.wanted import Change, Doing, Wanted
from throughline.handoff.words import PlanState
from throughline.kernel.stopping import Stop, never
from throughline.playbook.model import Playbook

__all__ = ["LEASE", "Lease", "Leased", "apply_handoff", "continue_handoff", "give_back",
           "take_lease", "verify_handoff"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pass may do, and with what."""

    plan: int | None = None  # exactly what this stored plan lists, and nothing if it is stale
    only: frozenset[str] | None = None  # these outcomes alone
    stop: Stop = never  # asked between two sends: whether to end with the one in hand
    connect: Callable[[], Sequence[Outside]] = connected


EVERYTHING = Terms()


def apply_handoff(
    engagement: Engagement,
    *,
    playbook: Playbook,
    holder: str,
    doing: Doing,
    terms: Terms = EVERYTHING,
) -> list[Outcome]:
    """Make every outcome of an engagement true that can be, and return all of them.

    For a person: their name approves what they apply. Applied twice, the second finds nothing to
    do. One outcome or system that fails stops no other.

    Raises:
        Leased: another worker is on it, or has taken over.
        PlanIsStale: a plan was named, and what would be done now is not what it lists.
    """
    return _pass(engagement, playbook, holder, doing, terms, asked_by=doing.by)


def continue_handoff(
    engagement: Engagement,
    *,
    playbook: Playbook,
    holder: str,
    doing: Doing,
    terms: Terms = EVERYTHING,
) -> list[Outcome]:
    """Go on with what was approved and is not true yet, and return all outcomes.

    For a worker: it carries out approved plans, looks up what is unknown, tries again what is due,
    and makes nothing that neither a person nor the playbook has approved.

    Raises:
        Leased: another worker is on it, or has taken over.
    """
    approved = Plan.objects.filter(engagement=engagement, state=PlanState.APPROVED).first()
    if approved is None:
        return _pass(engagement, playbook, holder, doing, terms)
    named = Terms(approved.pk, terms.only, terms.stop, terms.connect)
    try:
        return _pass(engagement, playbook, holder, doing, named, asked_by=approved.decided_by)
    except approvals.PlanIsStale:
        return _pass(engagement, playbook, holder, doing, terms)


def verify_handoff(
    engagement: Engagement,
    *,
    playbook: Playbook,
    doing: Doing,
    connect: Callable[[], Sequence[Outside]] = connected,
) -> list[Outcome]:
    """Look again at every outcome of an engagement, keep what was seen, and change nothing else."""
    outside = connect()
    wanted, _facts = wanted_now(engagement, playbook=playbook, at=doing.at, outside=outside)
    found = rows.rows_for(engagement, wanted)
    turn = Turn(doing=doing, playbook=playbook, rows=found, lease=None, stop=never)
    for look in look_at_all(wanted, outside, limits=playbook.limits, doing=doing):
        converge(turn, look)
    rows.keep_looked_at(found.values(), at=doing.at)
    return list(found.values())


def _pass(
    engagement: Engagement,
    playbook: Playbook,
    holder: str,
    doing: Doing,
    terms: Terms,
    *,
    asked_by: str = "",
) -> list[Outcome]:
    started_at = doing.clock.now()
    # Who asks for everything is written down with the lease, and so outlives a killed worker. A
    # stored plan has a row of its own; a part is asked for by a person who sees whether it is made.
    asks_for_all = terms.plan is None and terms.only is None
    lease = take_lease(
        engagement.number,
        holder=holder,
        at=started_at,
        asked_by=asked_by if asks_for_all else "",
    )
    try:
        turn = _work(engagement, playbook, doing, terms, lease, is_asked=bool(asked_by))
    except BaseException:
        give_back(lease)
        raise
    if turn.is_stopped:
        leave_unfinished(lease, at=started_at)
    else:
        give_back(lease, done_at=started_at)
    return list(turn.rows.values())


def _work(
    engagement: Engagement,
    playbook: Playbook,
    doing: Doing,
    terms: Terms,
    lease: Lease,
    *,
    is_asked: bool,
) -> Turn:
    outside = terms.connect()
    wanted, _facts = wanted_now(engagement, playbook=playbook, at=doing.at, outside=outside)
    chosen, looked = _chosen(wanted, outside, terms)
    looks = [
        narrowed(look, {one.key for one in chosen})
        for look in look_at_all(looked, outside, limits=playbook.limits, doing=doing)
    ]
    plan = _begun(engagement, terms, lines_of(looks, chosen), doing)
    turn = Turn(
        doing=doing,
        playbook=playbook,
        rows=rows.rows_for(engagement, chosen),
        lease=lease,
        is_asked=is_asked or bool(lease.asked_by),
        stop=terms.stop,
    )
    if turn.is_asked:
        rows.approve(turn.rows, looks, lease)
    _converge_all(turn, looks)
    rows.keep_looked_at(turn.rows.values(), at=doing.at)
    rows.keep_calls(engagement, outside, at=doing.at)
    if not turn.is_stopped:
        if terms.only is None:
            rows.forget_unwanted(engagement, turn.rows.keys(), doing)
        if plan is not None:
            approvals.end_plan(plan, by=doing.by, at=doing.at)
    return turn


def _chosen(
    wanted: Sequence[Wanted], outside: Sequence[Outside], terms: Terms
) -> tuple[Sequence[Wanted], Sequence[Wanted]]:
    """Return what is to be made true, and what is looked at for that.

    A part of an outside system is looked at with the rest of it: a record is made under its parent.
    """
    if terms.only is None:
        return wanted, wanted
    chosen = [one for one in wanted if one.key in terms.only]
    whole = {one.system.name for one in outside} & {one.system for one in chosen}
    return chosen, [one for one in wanted if one.key in terms.only or one.system in whole]


def _begun(
    engagement: Engagement, terms: Terms, now: Sequence[Change], doing: Doing
) -> Plan | None:
    if terms.plan is None:
        return None
    plan = approvals.begin_plan(terms.plan, engagement, now, by=doing.by, at=doing.at)
    if plan.state == PlanState.STALE:
        raise approvals.PlanIsStale(plan)
    return plan


def _converge_all(turn: Turn, looks: Sequence[Look]) -> None:
    for look in looks:
        if turn.stop():
            turn.is_stopped = True
        if turn.is_stopped:
            return
        converge(turn, look)
