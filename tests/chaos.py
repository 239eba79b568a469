"""What `make chaos` does: thousands of handoffs under kills and faults; writes what it found.

Run as `python -m tests.chaos [HANDOFFS]`, HANDOFFS being those of each storm; or as
`python -m tests.chaos --notices [ENGAGEMENTS]` for the notices of six years alone. PostgreSQL takes
part where one answers at THROUGHLINE_TEST_POSTGRES. The figures go to docs/reference/chaos.md.
"""

import json
import os
import platform
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.handoff.databases import own_database
from tests.run import POSTGRES, ROOT, _no_postgres

PAGE = ROOT / "docs" / "reference" / "chaos.md"
HANDOFFS = 1200
BLIND_HANDOFFS = 60
SEED = 20260302
HUBSPOT_STORMS = 20
ENGAGEMENTS = 10_000  # whose notices are judged
NOTICES = "\n## Notices\n"  # what stands after it in the page is written by `notices`


@dataclass(slots=True)
class Row:
    """One line of the page."""

    name: str
    workers: str
    handoffs: int = 0
    effects: int = 0
    kills: int = 0
    calls: int = 0
    lost: int = 0
    doubled: int = 0
    hidden: int = 0
    asked: int = 0
    unsettled: int = 0
    seconds: int = 0


@dataclass(slots=True)
class Chaos:
    """The runs that were made, and those that could not be."""

    handoffs: int
    no_postgres: str = ""  # why PostgreSQL takes no part
    rows: list[Row] = field(default_factory=list)
    blind: list[Row] = field(default_factory=list)

    def keep(self, row: Row, *, is_blind: bool = False) -> None:
        """Keep a row, and write the page anew: a run that is stopped leaves what it has found."""
        (self.blind if is_blind else self.rows).append(row)
        _, _, kept = _written().partition(NOTICES)
        PAGE.write_text(page(self) + (NOTICES + kept if kept else ""), encoding="utf-8")

    def on(self, database: str, workers: int) -> None:
        """Do everything on one database with so many workers."""
        shape = f"{database}, {workers} worker{'s' if workers > 1 else ''}"
        number, few = str(workers), str(max(12, self.handoffs // 20))
        self.keep(of_cases("every boundary × every fault", shape, "matrix", number))
        self.keep(of_cases("GitHub and Airtable, any step", shape, "vendors", number, few, "1"))
        self.keep(of_storm("storm", shape, number, str(self.handoffs), str(SEED)))
        self.keep(of_cases("every statement", shape, "matrix", number, "--every-statement"))

    def without_looking(self) -> None:
        """Do some of it with observing switched off."""
        number, faults = ("1", ("--faults", "none", "lost", "--blind"))
        row = of_cases("every boundary × two faults", "SQLite, 1 worker", "matrix", number, *faults)
        self.keep(row, is_blind=True)
        few = str(min(BLIND_HANDOFFS, self.handoffs))
        storm = of_storm("storm", "SQLite, 2 workers", "2", few, str(SEED), "--blind")
        self.keep(storm, is_blind=True)


def main() -> int:
    words = sys.argv[1:]
    if words[:1] == ["--notices"]:
        return 0 if notices(int(words[1]) if words[1:] else ENGAGEMENTS) else 1
    chaos = Chaos(int(words[0]) if words else HANDOFFS, _no_postgres())
    chaos.on("SQLite", 1)
    if not chaos.no_postgres:
        chaos.on("PostgreSQL", 3)
    chaos.on("SQLite", 2)
    chaos.without_looking()
    is_equal = storms_over_hubspot()
    are_once = notices(ENGAGEMENTS if chaos.handoffs == HANDOFFS else chaos.handoffs * 8)
    wrong = sum(one.lost + one.doubled + one.hidden + one.unsettled for one in chaos.rows)
    print(f"Written to {PAGE.relative_to(ROOT)}. {'WRONG: see there' if wrong else 'All is well.'}")
    return 0 if is_equal and are_once and not wrong else 1


def notices(engagements: int) -> bool:
    """Play six years of so many engagements, and return whether each notice went out once."""
    no_postgres = _no_postgres()
    shapes = ["SQLite"] if no_postgres else ["SQLite", "PostgreSQL"]
    rows = []
    for place, shape in enumerate(shapes):
        words = ("tests.renewals.simulation", str(engagements), str(SEED + place))
        rows.append((shape, run(f"{shape}, 2 workers", *words)))
        before, _, _ = _written().partition(NOTICES)
        PAGE.write_text(before + notices_section(engagements, rows, no_postgres), encoding="utf-8")
    wrong = [found for _shape, found in rows
             if found["missing"] or found["forbidden"] or found["doubled"]]  # fmt: skip
    for found in wrong:
        print({name: found[name][:5] for name in ("missing", "forbidden", "doubled")})
    return not wrong


def notices_section(
    engagements: int, rows: list[tuple[str, dict[str, Any]]], no_postgres: str
) -> str:
    """Return the part of the page that tells of notices."""
    command = "make chaos" + ("" if engagements == ENGAGEMENTS else f" NOTICES={engagements}")
    skipped = f"\nPostgreSQL was skipped: {no_postgres}.\n" if no_postgres else ""
    lines = "".join(
        f"| {shape}, 2 workers | {found['zone']} | {found['engagements']:,} | {found['days']:,} |"
        f" {found['notices']:,} | {found['corrections']:,} | {found['kills']} | {found['repeats']:,} |"
        f" {len(found['missing'])} | {len(found['forbidden'])} | {len(found['doubled'])} |"
        f" {found['seconds']:,} |\n"
        for shape, found in rows
    )
    return f"""{NOTICES}
Six years (2027 to 2032, over two leap days) of {engagements:,} engagements whose ends move, come back, are forgotten, extended and renewed, with outages of up to 65 days, in a zone with clock changes or without. Two workers do what is due at some second of each day; one day in ten another one is killed with -9 at some statement before. The mail server asks one mail in ten to come back and loses its answer to one in twenty. A judge that knows only the rules, and counts days one by one, says what must have gone out: on which day, to whom, in which words.

Measured on {datetime.now(UTC):%-d %B %Y} with `{command}` on {os.cpu_count()} cores ({platform.machine()}), {platform.python_implementation()} {platform.python_version()}.
{skipped}
| where | zone | engagements | days run | notices | corrections | kills | repeated | missing | forbidden | doubled | seconds |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{lines}
*Repeated*: handed to the server again under the same Message-ID, because an answer was lost; whoever reads is shown it once. *Missing*: demanded, and not there. *Forbidden*: there, and not demanded. *Doubled*: a second mail for one step of one end, or a repeat for which no answer was lost.
"""


def _written() -> str:
    return PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""


def storms_over_hubspot() -> bool:
    """Play thousands of changes in HubSpot, and return whether both sides are equal afterwards."""
    print(f"{HUBSPOT_STORMS} storms over HubSpot, 2,000 changes each", flush=True)
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "tests/intake/hubspot/test_storm.py"],
        cwd=ROOT,
        env=os.environ | {"THROUGHLINE_STORMS": str(HUBSPOT_STORMS)},
        check=False,
    )
    return finished.returncode == 0


def of_cases(name: str, shape: str, module: str, *words: str) -> Row:
    """Run cases, one handoff each, and return what they found together."""
    begun = time.monotonic()
    found = run(shape, f"tests.handoff.{module}", *words)
    row = Row(name, shape, len(found), seconds=_since(begun))
    for one in found:
        row.effects += one["effects"]
        row.kills += one["died"]
        row.calls += one["calls"]
        for what in ("lost", "doubled", "hidden", "unsettled"):
            setattr(row, what, getattr(row, what) + len(one[what]))
    return row


def of_storm(name: str, shape: str, *words: str) -> Row:
    """Run a storm and return what it found."""
    found = run(shape, "tests.handoff.storm", *words)
    found.pop("rounds")
    return Row(name, shape, **found)


def run(shape: str, module: str, *words: str) -> Any:
    print(f"{shape}: {module} {' '.join(words)}", flush=True)
    with database(shape) as address:
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        finished = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=environment | ({"DATABASE_URL": address} if address else {}),
            stdout=subprocess.PIPE,
            check=True,
        )
    return json.loads(finished.stdout)


@contextmanager
def database(shape: str) -> Any:
    if shape.startswith("SQLite"):
        yield ""
    else:
        with own_database(POSTGRES) as address:
            yield address


def _since(begun: float) -> int:
    return round(time.monotonic() - begun)


HEAD = (
    "| what | where | handoffs | effects | kills | calls | lost | doubled | hidden | asked | not settled |"
    " seconds |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
)


def page(chaos: Chaos) -> str:
    """Return the page of the last figures."""
    total = [
        sum(getattr(one, name) for one in chaos.rows) for name in ("handoffs", "effects", "kills")
    ]
    command = f"make chaos{'' if chaos.handoffs == HANDOFFS else f' HANDOFFS={chaos.handoffs}'}"
    skipped = f"\nPostgreSQL was skipped: {chaos.no_postgres}.\n" if chaos.no_postgres else ""
    return f"""# Figures of the chaos

Workers are killed with -9 while they hand engagements over to outside systems that answer "too many requests", break, drop calls, perform them and lose the answer, and list what they made nine minutes late. Afterwards everything is counted, in the outside systems themselves. [What a handoff guarantees](../explanation/handoff-guarantees.md) says why it comes out so.

Measured on {datetime.now(UTC):%-d %B %Y} with `{command}` on {os.cpu_count()} cores ({platform.machine()}), {platform.python_implementation()} {platform.python_version()}: {total[0]:,} handoffs with {total[1]:,} effects and {total[2]:,} kills.
{skipped}
{HEAD}{_lines(chaos.rows)}
*Lost*: wanted, and not there in the end. *Doubled*: there more than once. *Hidden*: made, while no row said so nor that it was unknown. *Asked*: how often a person was asked to look, because the answer was lost several times in a row. *Not settled*: neither true nor with a person in the end.

Every boundary: before and after looking, writing the intent, sending, performing, answering, writing the result, and each commit. Every statement: before each statement to the database of one pass. Any step: handoffs to the simulated GitHub and Airtable, each killed at a call or a statement by chance. A storm: all of it by chance, in every round anew: 15 % of calls answered 429, 20 % performed and the answer lost, 5 % performed and answered 500, 5 % dropped; seven of ten workers die.
{_without_looking(chaos)}"""


def _without_looking(chaos: Chaos) -> str:
    if not chaos.blind:
        return ""
    return f"""
## Without looking first

The same, with observing switched off. It must show doubles, or the figures above would say nothing:

{HEAD}{_lines(chaos.blind)}"""


def _lines(rows: list[Row]) -> str:
    return "".join(
        f"| {one.name} | {one.workers} | {one.handoffs:,} | {one.effects:,} | {one.kills:,} |"
        f" {one.calls:,} | {one.lost} | {one.doubled} | {one.hidden} | {one.asked} |"
        f" {one.unsettled} | {one.seconds} |\n"
        for one in rows
    )


if __name__ == "__main__":
    sys.exit(main())
