"""Telling HubSpot the stage of deals that no handoff looks after: reverted, or moved here before.

A deal stands elsewhere than HubSpot last said only because a person moved it here since: what
HubSpot moves is followed by each reading. Their move is what approves the write. As in a pass, it is
looked at first, the intent goes before the one send and the result after it, and a stage that was
moved there since it was read is never written over.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from throughline.connectors.http import AnswerLost
from throughline.handoff.buckets import Exhausted, limits_of, take_calls
from throughline.handoff.clocks import DATABASE_CLOCK, Clock
from throughline.handoff.keeping import CALL
from throughline.handoff.looks import NEEDS_A_PERSON, close_if_asked, look_at
from throughline.handoff.outside.hubspot import SETTLING, HubSpotDeals, connect_hubspot
from throughline.handoff.outside.hubspot_wanted import NAME, stage_in_hubspot
from throughline.handoff.steps import wait_after
from throughline.handoff.systems import Done, sends_of
from throughline.handoff.wanted import Change, Doing
from throughline.handoff.words import OutcomeState, Verb
from throughline.intake.hubspot.differing import deals_moved_here, stands_elsewhere, who_moved
from throughline.intake.models import StageToTell
from throughline.journal.actions import record
from throughline.kernel.errors import Refused, Transient
from throughline.people.gates import require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal

OPEN: Final = ~Q(state=OutcomeState.CONVERGED)


def tell_stages(
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
    is_asked: bool = False,
    clock: Clock = DATABASE_CLOCK,
    connect: Callable[[], HubSpotDeals | None] = connect_hubspot,
) -> list[StageToTell]:
    """Tell HubSpot where people moved deals here, and return what was looked at.

    `is_asked`: a person wants all of it now, whatever its next try is. Nothing is sent, and nothing
    kept, where HubSpot is not to be written in.
    """
    if not (settings.HUBSPOT_CONNECTED and settings.HUBSPOT_WRITE):
        return []
    note_moves(playbook=playbook, by=by, at=at)
    rows = list(open_stages() if is_asked else open_stages().filter(next_at__lte=at))
    system = connect() if rows else None
    if system is not None:
        _tell(system, {_key(row): row for row in rows}, playbook, Doing(by, at, clock))
    return rows


@transaction.atomic
def note_moves(*, playbook: Playbook, by: str, at: datetime) -> None:
    """Write down which stages HubSpot is to be told, and let go of those that it moved itself."""
    moved = {deal.pk: deal for deal in deals_moved_here(playbook)}
    rows = {
        row.pk: row
        for row in StageToTell.objects.select_for_update().filter(OPEN | Q(pk__in=moved))
    }
    fresh = [deal for deal in moved.values() if _is_news(rows.get(deal.pk), deal)]
    movers = who_moved(deal.pk for deal in fresh)
    for deal in fresh:
        told = {
            "wanted": deal.stage, "moved_by": movers.get(deal.pk, ""), "remedy": "", "rounds": 0,
            "state": OutcomeState.WANTED, "next_at": at,
        }  # fmt: skip
        StageToTell.objects.update_or_create(deal=deal, defaults=told)
    for row in rows.values():
        if row.pk not in moved and row.state != OutcomeState.CONVERGED:
            _let_go(row, playbook=playbook, by=by, at=at)


def _is_news(row: StageToTell | None, deal: Deal) -> bool:
    return row is None or row.wanted != deal.stage or row.state == OutcomeState.CONVERGED


def _let_go(row: StageToTell, *, playbook: Playbook, by: str, at: datetime) -> None:
    """End what needs no telling any more: HubSpot stands there, or went on, or a handoff tells it."""
    deal = Deal.objects.get(pk=row.pk)
    is_there = deal.stage == row.wanted and not stands_elsewhere(deal, playbook)
    if is_there and row.attempts:
        _keep_told(row, Doing(by, at))  # the answer was lost, and a reading has seen it
        return
    if deal.stage != row.wanted and deal.deleted_at is None:
        record(
            "intake.hubspot.stage_overtaken", deal, by=by, at=at, wanted=row.wanted,
            after=deal.stage, moved_by=row.moved_by,
        )  # fmt: skip
    row.delete()


def _key(row: StageToTell) -> str:
    return f"{NAME}.stage:{row.pk}"


def _tell(
    system: HubSpotDeals, rows: Mapping[str, StageToTell], playbook: Playbook, doing: Doing
) -> None:
    """Look at some deals, and write the stages of those that may be written."""
    told = (stage_in_hubspot(row.deal, playbook) for row in rows.values())
    wanted = [one for one in told if one is not None]
    look = look_at(system, wanted, limits=playbook.limits, doing=doing)
    for key, error in look.failures.items():
        _keep_failure(rows[key], error, doing)
    changes = [one for one in look.changes if _is_to_be_sent(rows[one.outcome], one, doing)]
    for batch in sends_of(system, changes):
        if not _send(system, batch, rows, playbook, doing):
            return  # it takes no more for now: the rows are due again


def _is_to_be_sent(row: StageToTell, change: Change, doing: Doing) -> bool:
    """Keep what a look alone decides, and return whether a stage is to be written."""
    row.seen = (change.before or {}).get("Stage", "")
    now = doing.clock.now()
    if change.verb == Verb.KEEP:
        _keep_told(row, doing)
        return False
    if row.settles_at is not None and now < row.settles_at:
        _keep(row, OutcomeState.UNKNOWN, row.remedy, next_at=row.settles_at)
        return False
    return True


def _send(
    system: HubSpotDeals,
    batch: Sequence[Change],
    rows: Mapping[str, StageToTell],
    playbook: Playbook,
    doing: Doing,
) -> bool:
    """Write some stages in one call, and return whether more may follow."""
    limits = limits_of(playbook.limits, NAME, "writes")
    try:
        take_calls(NAME, limits, clock=doing.clock)
    except Exhausted as error:
        for change in batch:
            _keep_failure(rows[change.outcome], error, doing)
        return False
    ours = [one for one in batch if _intend(rows[one.outcome], doing)]
    results = _act(system, ours, doing) if ours else {}
    for change in ours:
        lost = AnswerLost("HubSpot did not say what became of it.")
        _keep_result(rows[change.outcome], results.get(change.outcome, lost), doing)
    trouble = next((one for one in results.values() if isinstance(one, Transient)), None)
    close_if_asked(system, trouble, doing)
    return trouble is None


def _act(
    system: HubSpotDeals, changes: Sequence[Change], doing: Doing
) -> dict[str, Done | Exception]:
    try:
        return dict(system.act(changes, doing))
    except (Transient, *NEEDS_A_PERSON) as error:
        return dict.fromkeys((one.outcome for one in changes), error)


def _intend(row: StageToTell, doing: Doing) -> bool:
    """Write the intent, and return whether it is ours: another worker may have come first."""
    now = doing.clock.now()
    settles_at = now + CALL + SETTLING
    taken = StageToTell.objects.filter(
        OPEN, pk=row.pk, attempts=row.attempts, wanted=row.wanted
    ).update(
        state=OutcomeState.UNKNOWN,
        attempts=F("attempts") + 1,
        settles_at=settles_at,
        next_at=settles_at,
        remedy="It was being written, and no result is known: it will be looked up.",
    )
    if taken:
        row.attempts += 1
        row.settles_at = settles_at
    return bool(taken)


def _keep_result(row: StageToTell, result: Done | Exception, doing: Doing) -> None:
    if isinstance(result, Done):
        _keep_told(row, doing)
        return
    if not isinstance(result, AnswerLost):
        row.settles_at = None  # nothing was written
    _keep_failure(row, result, doing)


def _keep_failure(row: StageToTell, error: Exception, doing: Doing) -> None:
    """Keep what hinders a stage, and when it is tried again; what a person must mend is told once."""
    row.rounds += 1
    wait = wait_after(_key(row), row.rounds)
    asked_s = error.retry_after_s if isinstance(error, Transient) else None
    next_at = doing.clock.now() + max(wait, timedelta(seconds=asked_s or 0))
    if isinstance(error, AnswerLost):
        remedy = f"{error} It will be looked up again."
        _keep(row, OutcomeState.UNKNOWN, remedy, next_at=max(next_at, row.settles_at or next_at))
        return
    state = OutcomeState.WANTED if isinstance(error, Transient) else OutcomeState.WAITING
    if state == OutcomeState.WAITING and (row.state, row.remedy) != (state, str(error)):
        record(
            "intake.hubspot.stage_waits", row.deal, by=doing.by, at=doing.at, wanted=row.wanted,
            why=str(error),
        )  # fmt: skip
    _keep(row, state, str(error), next_at=next_at)


@transaction.atomic
def _keep_told(row: StageToTell, doing: Doing) -> None:
    row.rounds, row.settles_at, row.told_at = 0, None, doing.at
    _keep(row, OutcomeState.CONVERGED, "", next_at=None)
    record(
        "intake.hubspot.stage_told", row.deal, by=doing.by, at=doing.at, after=row.wanted,
        moved_by=row.moved_by,
    )  # fmt: skip


def _keep(row: StageToTell, state: OutcomeState, remedy: str, *, next_at: datetime | None) -> None:
    """Write a row, if the last intent is still the one that we know of."""
    row.state, row.remedy, row.next_at = state, remedy, next_at
    kept = ("state", "remedy", "next_at", "seen", "rounds", "settles_at", "told_at")
    ours = StageToTell.objects.filter(pk=row.pk, attempts=row.attempts, wanted=row.wanted)
    ours.update(**{name: getattr(row, name) for name in kept})


def open_stages() -> QuerySet[StageToTell]:
    """Return the stages that HubSpot is still to be told, with their deals; one query."""
    return StageToTell.objects.filter(OPEN).select_related("deal").order_by("pk")


def tell_now(*, playbook: Playbook, by: str, at: datetime) -> list[StageToTell]:
    """Tell HubSpot all that is open, on behalf of a person, and return it.

    Raises:
        Refused: the settings let nobody write in HubSpot, or the person may not.
    """
    require_permission(by, Permission.ADVANCE_DEALS, to="tell HubSpot")
    check_writable()
    return tell_stages(playbook=playbook, by=by, at=at, is_asked=True)


@transaction.atomic
def ask_to_tell(*, by: str, at: datetime) -> int:
    """Have everything that is open told as soon as a worker comes to it; return how many it is.

    What was sent lately is still looked up first.

    Raises:
        Refused: the settings let nobody write in HubSpot, or the person may not.
    """
    require_permission(by, Permission.ADVANCE_DEALS, to="have HubSpot told")
    check_writable()
    return StageToTell.objects.filter(OPEN).update(next_at=at)


def check_writable() -> None:
    """Pass if the settings let us write in HubSpot.

    Raises:
        Refused: they do not.
    """
    if not (settings.HUBSPOT_CONNECTED and settings.HUBSPOT_WRITE):
        raise Refused(
            "HubSpot may not be written in.",
            remedy="Set THROUGHLINE_HUBSPOT_WRITE=1, once the app has the scopes for it.",
        )
