"""How long importing deals takes, and how that grows: run `.venv/bin/python benchmarks/import_deals.py`.

Each size goes into a fresh SQLite database through the command itself: the first time all
rows are new, the second nothing has changed; then every amount has. A third of the deals are won
and get an engagement.
"""

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

SIZES = (2_500, 5_000, 10_000, 20_000)
COMMAND = Path(sys.executable).parent / "throughline"
HEADER = [
    "id",
    "dealname",
    "revenue_type",
    "amount",
    "closedate",
    "pipeline",
    "dealstage",
    "contract_start_date",
    "contract_end_date",
    "hs_mrr",
    "hs_arr",
    "target_start_date",
    "target_end_date",
    "hs_deal_stage_probability",
    "hs_projected_amount",
    "amount_collected",
]
STAGES = ("Lead", "Proposal", "Closed Won")


def main() -> None:
    print(
        f"{'deals':>7} {'created in':>11} {'per deal':>9} {'unchanged in':>13} {'changed in':>11} {'peak memory':>12}"
    )
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "deals.csv"
            write_deals(file, size)
            first, again = (run(file, Path(folder) / "home") for _ in range(2))
            write_deals(file, size, raise_by=1)
            changed = run(file, Path(folder) / "home")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"{size:>7} {first:>9.1f} s {first / size * 1000:>6.2f} ms {again:>11.1f} s {changed:>9.1f} s"
            f" {peak:>9.0f} MB"
        )


def write_deals(file: Path, size: int, *, raise_by: int = 0) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(HEADER)
        for number in range(size):
            start = date(2025, 1, 1) + timedelta(days=number % 700)
            end = start + timedelta(days=364)
            writer.writerow([
                90_000_000_000 + number, f"Deal {number}", "membership-premier", 17500 + number + raise_by,
                start, "Membership Sales", STAGES[number % len(STAGES)], start, end, "", "",
                start, end, "0.5", "17500.0", "",
            ])  # fmt: skip


def run(file: Path, home: Path) -> float:
    """Return the seconds that one import takes, the start of the program included."""
    started = time.perf_counter()
    subprocess.run(
        [COMMAND, "import", "deals", file, "--json"],
        env=os.environ | {"THROUGHLINE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
