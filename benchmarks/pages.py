"""How long every page takes with 20,000 deals and 2,000 engagements.

    THROUGHLINE_HOME=/tmp/many .venv/bin/python benchmarks/pages.py

makes the database there if there is none (`DATABASE_URL` for PostgreSQL: an empty database), starts
the server on it as `throughline web` does, and asks every readable page as BD, PS and Admin in a
closed loop of two clients. The pages come from the table of addresses. Writes what it measured as
JSON: milliseconds at the client; processor time of a warm request within the process, which whoever
else uses the machine disturbs least; bytes as they are and on the wire; queries. Then

    .venv/bin/python benchmarks/pages.py --show sqlite.json postgresql.json

prints both as the Markdown of docs/reference/speed.md: of each page the slowest of its roles.
"""

import argparse
import gzip
import http.client
import json
import os
import random
import secrets
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.many_agreements import make
from tests.web.every_page import named_pages
from tests.web.test_access import EXPECTED
from throughline.delivery.actions.engagements import report_health
from throughline.delivery.models import Engagement, Health
from throughline.people.actions import issue_link
from throughline.people.models import User
from throughline.playbook.current import current
from throughline.sales.actions.reviews import Request, ask_review
from throughline.sales.models import Deal

ROLES = {"BD": "ada", "PS": "pia", "Admin": "admin"}
VIEWS = {
    "pipeline": ["?view=table"], "engagements": ["?view=all"], "renewals": ["?view=all"],
}  # fmt: skip
CLIENTS, AIM_MS, AIM_BYTES = 2, 100, 100_000


@dataclass(slots=True)
class Measured:
    name: str
    role: str
    address: str
    ms: list[float] = field(default_factory=list)
    size: int = 0
    sent: int = 0
    queries: int = 0
    cpu: float = 0
    first: float = 0
    status: int = 0

    def percentile(self, of: int) -> float:
        ordered = sorted(self.ms)
        return ordered[min(len(ordered) - 1, round(len(ordered) * of / 100))]

    @property
    def passes(self) -> bool:
        return self.percentile(95) < AIM_MS and self.size < AIM_BYTES


def main() -> None:
    parsed = argparse.ArgumentParser()
    parsed.add_argument("--port", type=int, default=8130)
    parsed.add_argument("--times", type=int, default=20, help="by each of the two clients")
    parsed.add_argument("--only", nargs="*", help="names of pages")
    parsed.add_argument("--roles", nargs="*", default=list(ROLES))
    parsed.add_argument(
        "--changes-every", type=float, metavar="S",
        help="pages in no order while somebody changes something every S seconds",
    )  # fmt: skip
    parsed.add_argument(
        "--to", type=Path, default=settings.HOME / "pages.json", help="where to write"
    )
    parsed.add_argument("--show", type=Path, nargs="+", help="print what was written instead")
    wanted = parsed.parse_args()
    if wanted.show:
        show(wanted.show)
        return
    started = time.perf_counter()
    make()
    call_command("collectstatic", verbosity=0, interactive=False)
    print(f"The database is there after {time.perf_counter() - started:.0f} s.", file=sys.stderr)
    found = [one for one in table(wanted.roles) if not wanted.only or one.name in wanted.only]
    for one in found:
        count_queries(one)
    found = [one for one in found if one.status == 200]
    server = subprocess.Popen(
        [Path(sys.executable).parent / "throughline", "web", "--port", str(wanted.port)],
        env=os.environ | {"THROUGHLINE_HOME": str(settings.HOME)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        server.stderr.readline()  # says where it listens
        if wanted.changes_every:
            ask_a_working_day(found, wanted)
        else:
            ask_all(found, wanted.port, wanted.times)
    finally:
        server.terminate()
        server.wait()
    keep(found, wanted.to)


def table(roles: list[str]) -> list[Measured]:
    found = []
    for name, address in named_pages(each=1):
        for role in roles:
            if role in EXPECTED[name][1]:
                found += [
                    Measured(name, role, address + view) for view in ["", *VIEWS.get(name, [])]
                ]
    return found


def count_queries(one: Measured) -> None:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(username=ROLES[one.role]))
    one.status = client.get(one.address).status_code
    if one.status != 200:
        return
    with CaptureQueriesContext(connection) as captured:
        client.get(one.address)
    one.queries = len(captured)
    times = []
    for _ in range(3):
        started = time.process_time()
        client.get(one.address)
        times.append((time.process_time() - started) * 1000)
    one.cpu = statistics.median(times)
    print(f"{one.name:28} {one.role:6} CPU {one.cpu:7.0f} ms {one.queries:4} queries",
          file=sys.stderr, flush=True)  # fmt: skip


def ask_all(found: list[Measured], port: int, times: int) -> None:
    cookies = {role: sign_in(port, name) for role, name in ROLES.items()}
    for one in found:
        ask(one, port, cookies[one.role], 1)  # what is remembered is found out now
        one.first = one.ms.pop()
        clients = [
            threading.Thread(target=ask, args=(one, port, cookies[one.role], times))
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        print(
            f"{one.name:28} {one.role:6} p50 {statistics.median(one.ms):7.0f} p95 {one.percentile(95):7.0f}"
            f" {one.size / 1000:7.1f} kB {one.queries:4} queries",
            file=sys.stderr, flush=True,
        )  # fmt: skip


def ask_a_working_day(found: list[Measured], wanted: argparse.Namespace) -> None:
    """Have two clients open pages in no order while somebody works: answers grow old."""
    cookies = {role: sign_in(wanted.port, name) for role, name in ROLES.items()}
    for one in found:
        ask(one, wanted.port, cookies[one.role], 1)
        one.first = one.ms.pop()
    over = threading.Event()
    working = threading.Thread(target=work, args=(wanted.changes_every, over))
    working.start()

    def open_pages(seed: int) -> None:
        order = found * wanted.times
        random.Random(seed).shuffle(order)
        for one in order:
            ask(one, wanted.port, cookies[one.role], 1)

    clients = [threading.Thread(target=open_pages, args=(seed,)) for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    over.set()
    working.join()


def work(every: float, over: threading.Event) -> None:
    """Ask PS about a deal, then say how an engagement goes, and again, until it is over."""
    chance, count = random.Random(1), 0
    is_open = [stage.code for stage in current().stages if stage.kind == "open"]
    deals = list(Deal.objects.filter(stage__in=is_open).values_list("pk", flat=True)[:500])
    engagements = list(Engagement.objects.values_list("pk", flat=True)[:500])
    while not over.wait(every):
        count += 1
        if count % 2:
            request = Request(f"Question {count}")
            ask_review(
                chance.choice(deals), request, playbook=current(), by="ada", at=timezone.now()
            )
        else:
            number = chance.choice(engagements)
            report_health(
                number, Health.AT_RISK, why=f"Reason {count}", by="pia", at=timezone.now()
            )
    print(f"{count} changes in the meantime.", file=sys.stderr)


def sign_in(port: int, username: str) -> str:
    token = secrets.token_urlsafe(32)
    issue_link(
        token, purpose="sign_in", subject=f"user:{User.objects.get(username=username).pk}",
        issued_to=username, valid_for=timedelta(hours=1), by="benchmark", at=timezone.now(),
        is_single_use=True,
    )  # fmt: skip
    calling = http.client.HTTPConnection("127.0.0.1", port)
    calling.request("GET", f"/?token={token}")
    answer = calling.getresponse()
    answer.read()
    set_cookies = answer.headers.get_all("Set-Cookie") or []
    return "; ".join(one.split(";")[0] for one in set_cookies)


def ask(one: Measured, port: int, cookie: str, times: int) -> None:
    calling = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    for _ in range(times):
        started = time.perf_counter()
        calling.request("GET", one.address, headers=headers)
        answer = calling.getresponse()
        body = answer.read()
        one.ms.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{one.address} answers {answer.status} to {one.role}.")
        one.sent = len(body)
        is_packed = answer.headers.get("Content-Encoding") == "gzip"
        one.size = len(gzip.decompress(body)) if is_packed else len(body)
        if sum(one.ms) > 10_000:
            return


def keep(found: list[Measured], path: Path) -> None:
    """Write down what was measured."""
    pages = [asdict(one) | {"p50": one.percentile(50), "p95": one.percentile(95)} for one in found]
    every = sorted(ms for one in found for ms in one.ms)
    whole = {
        "database": connection.vendor,
        "answers": len(every),
        "p50": every[len(every) // 2],
        "p95": every[len(every) * 95 // 100],
        "within": sum(one.passes for one in found),
        "pages": pages,
    }
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    print(
        f"{whole['within']} of {len(found)} within the aim ({connection.vendor}).", file=sys.stderr
    )


def show(paths: list[Path]) -> None:
    """Print what was measured on each database as one Markdown table."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    for run in runs:
        print(
            f"{run['database']}: {run['answers']} answers, p50 {run['p50']:.0f} ms,"
            f" p95 {run['p95']:.0f} ms; {run['within']} of {len(run['pages'])} within the aim.\n"
        )
    slowest = [_slowest(run["pages"]) for run in runs]
    heads = ["p50 ms", "p95 ms", "first ms", "CPU ms", "queries"]
    named = [f"{head}, {run['database']}" for run in runs for head in heads]
    print("| page | as | kB | kB sent | " + " | ".join(named) + " |")
    print("|---|---|--:|--:|" + "--:|" * len(named))
    for address, one in sorted(slowest[0].items(), key=lambda item: -item[1]["p95"]):
        cells = [cell for pages in slowest for cell in _cells(pages.get(address))]
        print(
            f"| {address} | {one['role']} | {one['size'] / 1000:.1f} | {one['sent'] / 1000:.1f} | "
            + " | ".join(cells) + " |"
        )  # fmt: skip


def _slowest(pages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return by page what was measured for the role that waits longest."""
    found: dict[str, dict[str, Any]] = {}
    for one in sorted(pages, key=lambda one: one["p95"]):
        view = one["address"].partition("?")[2]
        found[f"{one['name']}{f' ?{view}' if view.startswith('view=') else ''}"] = one
    return found


def _cells(one: dict[str, Any] | None) -> list[str]:
    if one is None:
        return ["–"] * 5
    return [f"{one[what]:.0f}" for what in ("p50", "p95", "first", "cpu", "queries")]


if __name__ == "__main__":
    main()
