"""A job for a worker, in the same transaction as the rows that need it.

A job says no more than "look at this engagement now". The rows decide what is done: what a lost
job should have done is found by the sweep, and a doubled job finds the lease taken or nothing due.
"""

from django.apps import apps
from django.db import transaction

TASK = "pass"  # what the job of one pass is called


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
