"""Running commands in this process, and looking at what they left behind."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner
from django.apps import apps

from throughline.cli.main import root


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the one document on stdout; anything beside it is an error."""
        return json.loads(self.out)


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.EMAIL_BACKEND = "throughline.mail.capture.CapturedBackend"  # as without an SMTP server
    return settings.HOME


@pytest.fixture
def run(db, home):
    """Run `throughline WORDS…`; an error that nobody foresaw is raised."""

    def runs(*words: object) -> Ran:
        result = CliRunner().invoke(
            root, [str(word) for word in words], prog_name="throughline", catch_exceptions=False
        )
        return Ran(result.exit_code, result.stdout, result.stderr)

    return runs


@pytest.fixture
def ask(run):
    """Run a command with --json, expect its exit code, and return its document."""

    def asks(*words: object, code: int = 0) -> Any:
        ran = run(*words, "--json")
        assert (ran.code, ran.err if code == 0 else "") == (code, "")
        return ran.json

    asks.run = run
    return asks


@pytest.fixture
def record(run):
    """Write a fact down."""

    def records(deal: object, code: str, by: str = "ada", **value: Any) -> Ran:
        return run("deal", "record", deal, code, "--by", by, "--value", json.dumps(value))

    return records


@pytest.fixture
def rows(db):
    """Count the rows of every table: nothing half-written is left where they stay the same."""

    def count() -> dict[str, int]:
        return {
            model._meta.label: model._base_manager.count()
            for model in apps.get_models()
            if model.__module__.startswith("throughline.")
        }

    return count


@pytest.fixture
def table(tmp_path):
    """Write a CSV export of deals and return its path."""

    def write(*lines: str, header: str = HEADER) -> Any:
        path = tmp_path / "deals.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write


HEADER = "id,dealname,revenue_type,amount,pipeline,dealstage,contract_start_date,contract_end_date"
