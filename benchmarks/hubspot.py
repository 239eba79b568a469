"""How long reading HubSpot takes, and how much memory: `.venv/bin/python benchmarks/hubspot.py [N …]`.

A simulated account runs in a process of its own, as HubSpot does; `throughline hubspot read` reads
it into a fresh SQLite database: everything is new, then nothing has changed, then one deal in a
hundred has. Every deal is associated with one of 500 companies.
"""

import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from throughline.simulators.hubspot.schema import HUBSPOT
from throughline.simulators.hubspot.server import HubSpotSimulator

SIZES = (2_500, 20_000)
COMPANIES = 500
COMMAND = Path(sys.executable).parent / "throughline"
STAGES = ("appointmentscheduled", "contractsent", "closedwon")


def serve(size: int, talk: Connection) -> None:
    """Be HubSpot: tell the address, then the calls since the last word, and change on request."""
    ago = timedelta(hours=1)  # what is there has not changed lately
    with HubSpotSimulator(lambda: datetime.now(UTC) - ago) as simulator:
        account = simulator.account
        companies = [account.create("0-2", {"name": str(n)}) for n in range(COMPANIES)]
        deals = []
        for number in range(size):
            stage = STAGES[number % len(STAGES)]
            told = {"dealname": f"Deal {number}", "amount": str(number), "dealstage": stage}
            deals.append(account.create("0-3", told))
            company = companies[number % COMPANIES]
            account.associate(deals[-1], company, [(HUBSPOT, 5)])
        ago = timedelta(0)
        talk.send(simulator.url)
        while (word := talk.recv()) != "stop":
            if word == "change":
                for deal in deals[::100]:
                    account.change(deal, {"amount": "7"})
            talk.send(simulator.calls.total())
            simulator.calls.clear()


def read(home: str, url: str, *more: str) -> float:
    """Return the seconds that one reading takes, the start of the program included."""
    started = time.perf_counter()
    subprocess.run(
        [COMMAND, "hubspot", "read", *more, "--json"],
        env=os.environ
        | {
            "THROUGHLINE_HOME": home,
            "THROUGHLINE_HUBSPOT_URL": url,
            "THROUGHLINE_HUBSPOT_TOKEN": "pat-na1-simulated",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def measured(talk: Connection) -> tuple[list[float], list[int]]:
    url = talk.recv()
    seconds, calls = [], []

    def look(*more: str, first: Callable[[], None] = lambda: None) -> None:
        first()
        seconds.append(read(home, url, *more))
        talk.send("count")
        calls.append(talk.recv())

    def change() -> None:
        talk.send("change")
        talk.recv()

    with tempfile.TemporaryDirectory() as home:
        look()
        look()
        look("--changes", first=change)
    talk.send("stop")
    return seconds, calls


def main() -> None:
    print(
        f"{'deals':>7} {'new':>9} {'unchanged':>10} {'changes':>9} {'calls':>15} {'peak memory':>12}"
    )
    for size in [int(one) for one in sys.argv[1:]] or SIZES:
        ours, theirs = multiprocessing.Pipe()
        account = multiprocessing.Process(target=serve, args=(size, theirs), daemon=True)
        account.start()
        seconds, calls = measured(ours)
        account.join()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        told = [f"{one:.1f} s" for one in seconds]
        print(f"{size:>7} {told[0]:>9} {told[1]:>10} {told[2]:>9} {calls!s:>15} {peak:>9.0f} MB")


if __name__ == "__main__":
    main()
