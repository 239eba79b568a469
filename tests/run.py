"""What `make test` does: checks, tests on SQLite, then again on PostgreSQL what needs both.

It ends by saying what ran and what did not, and why.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SHARED = ROOT.parent / "shared"
POSTGRES = os.environ.get(
    "THROUGHLINE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres"
)
PYTEST = [
    sys.executable, "-m", "pytest", "--ds=tests.settings", "-n", "3", "--dist", "loadgroup", "-q",
]  # fmt: skip

CHECKS = {
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "types": [str(BIN / "mypy")],
    "import contracts": [str(BIN / "lint-imports")],
    "migrations": [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
}


def main() -> int:
    """Run everything and return the exit code: 0 only if all is well."""
    failed = [name for name, command in CHECKS.items() if not _run(name, command)]
    ran: list[str] = []
    if "--checks-only" not in sys.argv:
        failed += _tests(ran)
    print("\nWhat ran:", flush=True)
    for line in [*ran, f"checks: {', '.join(CHECKS)}"]:
        print(f"  {line}")
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'All is well.'}", flush=True)
    return 1 if failed else 0


def _tests(ran: list[str]) -> list[str]:
    failed = []
    if not _run("tests on SQLite", PYTEST):
        failed.append("tests on SQLite")
    ran.append("SQLite: all tests")
    if reason := _no_postgres():
        ran.append(f"PostgreSQL: skipped, {reason}")
    else:
        ran.append("PostgreSQL: the tests that touch locks, leases and transactions")
        if not _run("tests on PostgreSQL", [*PYTEST, "-m", "both_databases"], POSTGRES):
            failed.append("tests on PostgreSQL")
    ran.append(f"browser: {_browser() or 'skipped, no Chromium on PATH or THROUGHLINE_CHROMIUM'}")
    found = (SHARED / "real").is_dir()
    ran.append(f"real input: {'read' if found else 'skipped, no ../shared/real'}")
    named = {"GitHub": "github", "Google Sheets": "google"}  # those that tests read
    read = [name for name, folder in named.items() if (SHARED / "specs" / folder).is_dir()]
    ran.append(f"specifications: {', '.join(read) or 'skipped, no ../shared/specs'}")
    return failed


def _run(name: str, command: list[str], database_url: str = "") -> bool:
    print(f"\n── {name} ──", flush=True)
    with tempfile.TemporaryDirectory(prefix="throughline-check-") as home:
        environment = os.environ | {
            "THROUGHLINE_HOME": home,
            "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
            "PYTHONPATH": str(ROOT),
        }
        environment.pop("DATABASE_URL", None)
        if database_url:
            environment["DATABASE_URL"] = database_url
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def _no_postgres() -> str:
    """Return why PostgreSQL cannot be used; "" where it can."""
    import psycopg

    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return f"none answers at THROUGHLINE_TEST_POSTGRES ({str(error).strip().splitlines()[0]})"
    return ""


def _browser() -> str:
    named = os.environ.get("THROUGHLINE_CHROMIUM", "")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or ""


if __name__ == "__main__":
    sys.exit(main())
