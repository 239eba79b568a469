"""How many handoffs a second: run `.venv/bin/python benchmarks/handoff.py [HANDOFFS]`.

One handoff makes a record, an issue and a column, in three systems that answer at once: three
calls that look, three that write, and everything that a pass writes down in between. One at a time
and eight at a time, on SQLite and, where THROUGHLINE_TEST_POSTGRES names a server that answers, on
PostgreSQL. CPU and memory are those of the worker processes together, without the stub that plays
the three systems and without the database server.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POSTGRES = os.environ.get(
    "THROUGHLINE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres"
)
SYSTEMS = ("records", "issues", "columns")
SHAPES = ((1, 1), (1, 8), (2, 4))  # processes, and threads in each
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def main() -> None:
    handoffs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    stub = subprocess.Popen([sys.executable, __file__, "--stub"], stdout=subprocess.PIPE, text=True)
    url = stub.stdout.readline().strip()
    print(f"{'database':<10}  {'workers':<11} {'handoffs/s':>10} {'CPU each':>9} {'memory':>7}")
    try:
        for name in ("SQLite", "PostgreSQL"):
            for processes, threads in SHAPES:
                with tempfile.TemporaryDirectory() as home, Database(name) as address:
                    measure(name, address, home, url, handoffs, processes, threads)
    finally:
        stub.kill()


def measure(
    name: str, address: str, home: str, url: str, handoffs: int, processes: int, threads: int
) -> None:
    environment = os.environ | {"THROUGHLINE_HOME": home, "THROUGHLINE_SECRET_KEY": "benchmark"}
    environment |= {"DATABASE_URL": address} if address else {}
    run = [sys.executable, __file__]
    subprocess.run([*run, "--prepare", str(handoffs)], env=environment, check=True)
    workers = [
        subprocess.Popen(
            [*run, "--work", url, str(threads), str(place), str(processes)],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for place in range(processes)
    ]  # fmt: skip
    for worker in workers:
        worker.stdout.readline()  # it is ready
    started = time.perf_counter()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    found = [json.loads(worker.stdout.readline()) for worker in workers]
    seconds = time.perf_counter() - started
    assert sum(one["converged"] for one in found) == handoffs * len(SYSTEMS), found
    cpu_ms = sum(one["cpu_s"] for one in found) / handoffs * 1000
    memory = sum(one["memory_mb"] for one in found)
    shape = f"{processes} × {threads}"
    print(
        f"{name:<10}  {shape:<11} {handoffs / seconds:>10.1f} {cpu_ms:>6.1f} ms {memory:>4.0f} MB",
        flush=True,
    )


class Database:
    """A fresh database, dropped afterwards; "" is SQLite in the home folder."""

    def __init__(self, name: str) -> None:
        self.name = "" if name == "SQLite" else f"throughline_benchmark_{os.getpid()}"

    def __enter__(self) -> str:
        if not self.name:
            return ""
        self._run(f"CREATE DATABASE {self.name}")
        return f"{POSTGRES.rsplit('/', 1)[0]}/{self.name}"

    def __exit__(self, *_what: object) -> None:
        if self.name:
            self._run(f"DROP DATABASE {self.name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(POSTGRES, autocommit=True) as opened:
            opened.execute(statement)


# The stub: keeps what it is given, by system and engagement, and answers at once.


def stub() -> None:
    kept: dict[str, dict[str, Any]] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.say(kept.get(self.path, {}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept.setdefault(self.path, {}).update(body)
            self.say(body)

        def say(self, found: Any) -> None:
            content = json.dumps(found).encode()
            self.send_response_only(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


# The worker.


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing in one system."""

    key: str
    system: str
    wanted: dict[str, Any]
    audience: str = "staff"

    @property
    def summary(self) -> str:
        return self.key

    def waits_for(self) -> str:
        return ""


class Stub:
    """One of the three systems during one pass: one session, as the real ones have."""

    settling = timedelta(0)
    batch = 10

    def __init__(self, name: str, url: str) -> None:
        from throughline.connectors.http import open_client

        self.name, self.sent, self.http = name, 0, open_client(url)

    def observe(self, wanted: Any) -> Any:
        return self._send("GET", self._path(wanted[0].key))

    def act(self, changes: Any, _doing: Any) -> Any:
        from throughline.handoff.systems import Done

        body = {one.outcome: one.after for one in changes}
        made = self._send("POST", self._path(changes[0].outcome), body)
        return {key: Done({"id": key}, seen) for key, seen in made.items()}

    def calls(self) -> int:
        return self.sent

    def _path(self, key: str) -> str:
        return f"/{self.name}/{key.split(':')[1]}"

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        from throughline.connectors.http import send

        self.sent += 1
        return send(self.http, method, path, json=body).json()


def set_up() -> None:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")
    import django

    django.setup()


def prepare(handoffs: int) -> None:
    set_up()
    from django.core.management import call_command

    from tests.handoff.matrix import make_engagement

    call_command("migrate", verbosity=0)
    for _ in range(handoffs):
        make_engagement()


def work(url: str, threads: int, place: int, processes: int) -> None:
    set_up()
    from tests.handoff.matrix import only_outside
    from throughline.delivery.models import Engagement

    only_outside()
    numbers = list(Engagement.objects.order_by("pk").values_list("pk", flat=True))[place::processes]
    print("ready", flush=True)
    sys.stdin.readline()
    before = cpu_s()
    with ThreadPoolExecutor(threads) as pool:
        converged = sum(pool.map(lambda number: hand_over(number, url), numbers))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    used = {"converged": converged, "cpu_s": cpu_s() - before, "memory_mb": memory_mb}
    print(json.dumps(used), flush=True)


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def hand_over(number: int, url: str) -> int:
    """Apply one handoff and return how many of its outcomes are true."""
    from throughline.delivery.queries import engagements
    from throughline.handoff.connected import Outside
    from throughline.handoff.passes import Terms, apply_handoff
    from throughline.handoff.wanted import Doing
    from throughline.playbook.loader import shipped

    def wanted_of(name: str) -> Any:
        return lambda engagement, _facts, _playbook: [
            Thing(f"{name}:{engagement.number}", name, {"title": f"Engagement {number}"})
        ]

    systems = tuple(Outside(Stub(name, url), wanted_of(name)) for name in SYSTEMS)
    rows = apply_handoff(
        engagements().get(pk=number), playbook=shipped(),
        holder=f"{os.getpid()}:{threading.get_ident()}", doing=Doing("benchmark", AT),
        terms=Terms(connect=lambda: systems),
    )  # fmt: skip
    for one in systems:
        one.system.http.close()
    return sum(row.state == "converged" for row in rows)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--stub"]:
            stub()
        case ["--prepare", handoffs]:
            prepare(int(handoffs))
        case ["--work", url, threads, place, processes]:
            work(url, int(threads), int(place), int(processes))
        case _:
            main()
