"""kill -9 in the midst of an apply, five times, then once more in peace: everything exactly once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("seed", [1, 2])
def test_five_kills_during_apply_lose_nothing_and_double_nothing(tmp_path, seed):
    finished = subprocess.run(
        [sys.executable, "-m", "tests.handoff.killing", str(tmp_path / "home"), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    found = json.loads(finished.stdout)
    assert found["statements"] > 100
    assert sum(found["deaths"]) >= 3
    assert found["not_converged"] == {}
    assert found["found"] == found["control"]
