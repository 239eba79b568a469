"""`throughline up`, `web` and `worker`: the processes.

Django is loaded inside the commands: the address must be settled before the settings are read.
"""

import gc
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from throughline.cli.main import set_up
from throughline.cli.stopping import Stop, asked_to_stop

if TYPE_CHECKING:
    from throughline.people.models import User

TOKEN_VALID = timedelta(hours=1)
THREADS = 8
TURN_S = 0.2  # how often the server looks whether it was asked to stop
ANSWERING_S = 5  # what requests in hand have left to be answered
# What the worker has left to finish the item in hand, and when it is said that this takes a while.
WORKING_S, SAID_AFTER_S = 30, 5

port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True,
    help="0 takes any free one.",
)  # fmt: skip


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty database with a fictional provider.")
@port_option
def up(*, demo: bool, port: int) -> None:
    """Serve the pages and work, in one process; prints one address that signs in."""
    listening = _listen("127.0.0.1", port)
    _prepare()
    from throughline.cli.demonstration import load_demonstration  # noqa: PLC0415 -- app ready
    from throughline.playbook.current import current  # noqa: PLC0415 -- app ready

    if demo and load_demonstration(at=datetime.now(UTC), playbook=current()):
        click.echo("A fictional provider with its communities is loaded.", err=True)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/?token={_fresh_token()}"
    with asked_to_stop() as stop:
        working = threading.Thread(target=_work, args=(stop,), name="worker", daemon=True)
        working.start()
        try:
            _serve(listening, lambda: print(address, flush=True), stop)  # noqa: T201 -- the one line
        finally:
            stop.set()
            _let_finish(working)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@port_option
def web(host: str, port: int) -> None:
    """Serve the pages; the worker runs elsewhere."""
    listening = _listen(host, port)
    _prepare()
    where = f"http://{host}:{listening.getsockname()[1]}/"
    with asked_to_stop() as stop:
        _serve(listening, lambda: click.echo(where, err=True), stop)


@click.command()
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=1, show_default=True,
    help="Passes at once; more than one needs PostgreSQL.",
)  # fmt: skip
def worker(concurrency: int) -> None:
    """Work through what falls due, until stopped; finishes the item in hand."""
    _prepare(with_static=False)
    with asked_to_stop() as stop:
        click.echo("Working.", err=True)
        _work(stop, concurrency)


def _work(stop: Stop, concurrency: int = 1) -> None:
    """Do what falls due until told to stop."""
    from throughline.intake.runner import Working, work_until  # noqa: PLC0415 -- app ready
    from throughline.kernel.errors import Refused  # noqa: PLC0415 -- app ready

    try:
        work_until(Working(stop, lambda: datetime.now(UTC), concurrency))
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; taken first, so that a port in use is said at once."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise click.ClickException(
            f"{host}:{port} cannot be used ({error.strerror}): choose another with --port."
        ) from error
    listening.listen(128)
    host_name = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 -- compared only
    os.environ.setdefault(
        "THROUGHLINE_BASE_URL", f"http://{host_name}:{listening.getsockname()[1]}"
    )
    return listening


def _prepare(*, with_static: bool = True) -> None:
    """Load the rooms, bring the database up to date, and lay out the static files."""
    set_up()
    from django.core.management import call_command  # noqa: PLC0415 -- app ready

    from throughline.cli.database import open_database  # noqa: PLC0415 -- app ready
    from throughline.kernel.errors import Refused  # noqa: PLC0415 -- app ready

    try:
        open_database()
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    if with_static:
        call_command("collectstatic", verbosity=0, interactive=False)


def _let_finish(working: threading.Thread) -> None:
    """Wait for the worker's item in hand; end without it where that takes too long.

    What it leaves half done is looked up by whoever works next, as after any other sudden end.
    """
    working.join(SAID_AFTER_S)
    if working.is_alive():
        click.echo("The worker finishes what it has in hand; again, and it ends at once.", err=True)
        working.join(WORKING_S - SAID_AFTER_S)
    if working.is_alive():
        click.echo(
            f"It has not in {WORKING_S} s, so it ends without. The next start goes on.", err=True
        )
        os._exit(1)  # whatever the thread holds must not keep the interpreter from ending


def _serve(listening: socket.socket, say_ready: Callable[[], None], stop: Stop) -> None:
    """Serve until asked to stop; the requests in hand are answered."""
    from waitress.server import create_server  # noqa: PLC0415 -- slow import

    from throughline.config.wsgi import application  # noqa: PLC0415 -- app ready

    sockets: dict[int, Any] = {}  # all that the server looks at: itself, and who is connected
    server = create_server(
        application, map=sockets, sockets=[listening], threads=THREADS, ident=None,
        **_behind_proxies(),
    )  # fmt: skip
    _collect_garbage_rarely()
    try:
        say_ready()
        while not stop.is_set():
            server.asyncore.loop(TURN_S, map=sockets, count=1)
        server.accepting = False
        ends_at = time.monotonic() + ANSWERING_S
        while _has_in_hand(server) and time.monotonic() < ends_at:
            server.asyncore.loop(TURN_S, map=sockets, count=1)
    finally:
        server.task_dispatcher.shutdown(timeout=1)
        server.close()


def _collect_garbage_rarely() -> None:
    """Have the collector of garbage leave alone what is loaded, and walk the rest seldom.

    A walk over all that is remembered takes half a second, and a page in the midst of it waits.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def _has_in_hand(server: Any) -> bool:
    """Return whether somebody still waits for an answer, or for the rest of one."""
    return any(one.requests or one.total_outbufs_len for one in server.active_channels.values())


def _behind_proxies() -> dict[str, Any]:
    """Return whom the server believes about who calls; without a proxy nobody, and it says so."""
    from django.conf import settings  # noqa: PLC0415 -- app ready

    if not settings.PROXIES:
        return {}
    return {
        "trusted_proxy": "*",
        "trusted_proxy_count": settings.PROXIES,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }


def _fresh_token() -> str:
    """Return a one-time token that signs in the first administrator, added if there is none."""
    from throughline.people.actions import issue_link  # noqa: PLC0415 -- app ready
    from throughline.people.queries import first_administrator  # noqa: PLC0415 -- app ready

    at = datetime.now(UTC)
    administrator = first_administrator() or _add_administrator(at)
    token = secrets.token_urlsafe(32)
    issue_link(
        token,
        purpose="sign_in",
        subject=f"user:{administrator.pk}",
        issued_to=administrator.username,
        valid_for=TOKEN_VALID,
        by="throughline up",
        at=at,
        is_single_use=True,
    )
    return token


def _add_administrator(at: datetime) -> "User":
    from throughline.people.actions import add_user  # noqa: PLC0415 -- app ready
    from throughline.people.words import RoleName  # noqa: PLC0415 -- app ready

    return add_user("admin", roles=frozenset({RoleName.ADMIN}), by="throughline up", at=at)
