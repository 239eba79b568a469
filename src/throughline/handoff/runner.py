"""Who carries the passes: the worker's loop on SQLite, Procrastinate's jobs on PostgreSQL.

A job says no more than "look at this engagement now". The rows decide what is done: what a lost
job should have done is found by the sweep, and a doubled job finds the lease taken or nothing due.
"""

from collections.abc import Callable
from datetime import datetime

from django.apps import apps
from django.db import transaction

from throughline.handoff.jobs import due_passes, run_pass
from throughline.handoff.passes import Terms
from throughline.handoff.wanted import Doing
from throughline.playbook.model import Playbook

TASK = "pass"  # what the job of one pass is called

Stop = Callable[[], bool]  # whether the worker was asked to stop


def is_carried_by_jobs() -> bool:
    """Return whether Procrastinate carries the passes, which it does on PostgreSQL."""
    return apps.is_installed("procrastinate.contrib.django")


def defer_pass(number: int) -> bool:
    """Have a worker look at an engagement soon, and return whether a job was added.

    The job is part of the caller's transaction: it exists if, and only if, the rows do that made
    it needed. None is added where one waits already, nor where the worker's loop reads the rows.
    """
    if not is_carried_by_jobs():
        return False
    from procrastinate.contrib.django import app  # noqa: PLC0415 -- installed on PostgreSQL only
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415 -- as above

    key = f"engagement:{number}"
    job = app.configure_task(TASK, lock=key, queueing_lock=key)
    try:
        with transaction.atomic():  # a refusal must not spoil the caller's transaction
            job.defer(engagement=number)
    except AlreadyEnqueued:
        return False
    return True


def defer_passes(*, at: datetime, playbook: Playbook, holder: str) -> list[int]:  # noqa: ARG001 -- in the place of run_passes
    """Have workers look at every engagement that is due, and return those given to them now."""
    return [number for number in due_passes(at=at, playbook=playbook) if defer_pass(number)]


def run_due_pass(number: int, *, at: datetime, playbook: Playbook, holder: str, stop: Stop) -> bool:
    """Go on with one handoff if the rows still want it, and return whether it was ours to do."""
    if stop() or number not in due_passes(at=at, playbook=playbook):
        return False
    return run_pass(
        number, playbook=playbook, holder=holder, doing=Doing(holder, at), terms=Terms(stop=stop)
    )
