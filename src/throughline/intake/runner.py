"""The worker: does what falls due, again and again, until it is asked to stop.

On SQLite one loop does everything in turn. On PostgreSQL any number of workers share the passes
as Procrastinate's jobs; the sweep that gives them out is itself a job, done by one at a time.
"""

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.db import close_old_connections, connection

from throughline.handoff.deferring import TASK, is_carried_by_jobs
from throughline.handoff.jobs import run_passes
from throughline.handoff.runner import defer_passes, run_due_pass
from throughline.intake.jobs import run_instant
from throughline.kernel.errors import Refused
from throughline.playbook.current import current

if TYPE_CHECKING:
    from procrastinate import App

log = logging.getLogger(__name__)

PERIOD_S = 5  # how often what is due is looked for
HEARTBEAT_S = 5.0
STALLED_S = 20.0  # a worker silent for longer is taken for dead, and its jobs go back
EVERY_PERIOD = f"* * * * * */{PERIOD_S}"  # the sixth field is the seconds
EVERY_STALL = f"* * * * * */{STALLED_S:.0f}"
SPARE_THREADS = 4  # for the sweep, and for what the event loop gives to threads
POOL = 3  # the worker's own connections: one listens, two fetch, finish and beat


class Stopping(Protocol):
    """What asks a worker to stop, as a threading.Event would."""

    def is_set(self) -> bool:
        """Return whether it was asked."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is asked, or for so many seconds."""


@dataclass(frozen=True, slots=True)
class Working:
    """What a worker is given: when to stop, what time it is, how many passes at once."""

    stop: Stopping
    clock: Callable[[], datetime]
    concurrency: int = 1


def work_until(working: Working) -> None:
    """Do what falls due until told to stop; the item in hand is finished.

    Raises:
        Refused: the database cannot do so much at once.
    """
    if not is_carried_by_jobs():
        if working.concurrency > 1:
            raise Refused(
                "On SQLite one worker does one pass at a time.",
                remedy="Leave --concurrency out, or use PostgreSQL.",
            )
        _loop(working)
    else:
        _carry(working)


def holder_name() -> str:
    """Return what this thread signs its leases with: no other thread of any machine has the same."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def seen_file() -> Path:
    """Return the file whose date says when the loop last went round."""
    return Path(settings.HOME) / "worker-seen"


def last_seen() -> datetime | None:
    """Return when a worker last gave a sign of life, as far as anybody remembers; None if never."""
    if is_carried_by_jobs():
        from procrastinate.contrib.django.models import (  # noqa: PLC0415 -- on PostgreSQL only
            ProcrastinateWorker,
        )

        newest = ProcrastinateWorker.objects.order_by("-last_heartbeat").first()
        return None if newest is None else newest.last_heartbeat
    file = seen_file()
    return datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.exists() else None


def _loop(working: Working) -> None:
    carry = partial(run_passes, stop=working.stop.is_set)
    try:
        while not working.stop.is_set():
            seen_file().touch()
            try:
                run_instant(
                    at=working.clock(), playbook=current(), by="worker", holder=holder_name(),
                    carry=carry, stop=working.stop.is_set,
                )  # fmt: skip
            except Exception:
                log.exception("the worker met an error and goes on; see `throughline doctor`")
            close_old_connections()
            working.stop.wait(PERIOD_S)
    finally:
        connection.close()


def _carry(working: Working) -> None:
    """Let Procrastinate's worker run, and start it again when the database has left it."""
    app = jobs_app(working)
    while not working.stop.is_set():
        try:
            asyncio.run(_run_worker(app, working))
        except Exception:
            log.exception("the worker lost the database and tries again in %d s", PERIOD_S)
        working.stop.wait(PERIOD_S)


async def _run_worker(app: "App", working: Working) -> None:
    """Run the worker until it ends, or until it is asked to: then the jobs in hand are finished."""
    with ThreadPoolExecutor(working.concurrency + SPARE_THREADS) as threads:
        asyncio.get_running_loop().set_default_executor(threads)
        async with app.open_async():
            worker = asyncio.create_task(
                app.run_worker_async(
                    name=f"{socket.gethostname()}:{os.getpid()}",
                    concurrency=working.concurrency + 1,  # the sweep must not wait for long passes
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=STALLED_S,
                    delete_jobs="always",  # what happened stands in the rows
                )
            )
            while not worker.done() and not working.stop.is_set():
                await asyncio.wait({worker}, timeout=0.2)
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker


def jobs_app(working: Working) -> "App":
    """Return Procrastinate with our three jobs: pass, sweep, rescue."""
    from procrastinate import PsycopgConnector  # noqa: PLC0415 -- on PostgreSQL only
    from procrastinate.contrib.django import DjangoApp  # noqa: PLC0415 -- as above
    from procrastinate.contrib.django.utils import connector_params  # noqa: PLC0415 -- as above

    app = DjangoApp(
        connector=PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=POOL)
    )

    @app.task(name=TASK)
    def apply_pass(engagement: int) -> None:
        run_due_pass(
            engagement, at=working.clock(), playbook=current(), holder=holder_name(),
            stop=working.stop.is_set,
        )  # fmt: skip

    @app.periodic(cron=EVERY_PERIOD)
    @app.task(name="sweep", lock="sweep", queueing_lock="sweep")
    def sweep(timestamp: int) -> None:  # noqa: ARG001 -- the tick; due dates are rows
        run_instant(
            at=working.clock(), playbook=current(), by="worker", holder=holder_name(),
            carry=defer_passes, stop=working.stop.is_set,
        )  # fmt: skip

    # No lock: a rescue whose own worker died must not keep the next one from running.
    @app.periodic(cron=EVERY_STALL)
    @app.task(name="rescue", queueing_lock="rescue")
    async def rescue(timestamp: int) -> None:  # noqa: ARG001 -- the tick
        await rescue_stalled(app)

    return app


async def rescue_stalled(app: "App") -> list[int]:
    """Give the jobs of dead workers back, and return their numbers.

    One whose successor waits already is dropped: both say the same.
    """
    from procrastinate import jobs  # noqa: PLC0415 -- on PostgreSQL only
    from procrastinate.exceptions import UniqueViolation  # noqa: PLC0415 -- as above

    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S))
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:
            await app.job_manager.finish_job(job, jobs.Status.ABORTED, delete_job=True)
    return [job.id for job in stalled if job.id is not None]
