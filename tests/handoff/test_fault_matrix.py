"""kill -9 at every boundary of a pass, crossed with every way in which the outside fails."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from tests.handoff.databases import address_of_test_database, own_database
from tests.handoff.matrix import BOUNDARIES, FAULTS

ROOT = Path(__file__).resolve().parents[2]
ALONE = connection.vendor == "sqlite"

SHARED = ("none", "lost and lagging", "performed, 500 and lagging")

pytestmark = pytest.mark.both_databases


@pytest.fixture
def empty_database():
    """Return the address of a database of its own; "" on SQLite, where the home folder holds it."""
    if ALONE:
        yield ""
        return
    server = address_of_test_database().rsplit("/", 1)[0]
    with own_database(f"{server}/postgres") as address:
        yield address


def matrix(database_url, workers, *options):
    """Return what every case of the matrix found."""
    return run("tests.handoff.matrix", database_url, str(workers), *options)


def run(module, database_url, *words):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    finished = subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=environment | ({"DATABASE_URL": database_url} if database_url else {}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def is_wrong(one):
    return one["lost"] or one["doubled"] or one["hidden"] or one["unsettled"]


# All faults with one worker; with several, those where another's going on can do harm.
WORKERS = {1: FAULTS, 2: SHARED} if ALONE else {3: SHARED}


@pytest.mark.parametrize("workers", WORKERS)
def test_workers_killed_anywhere_under_any_fault_lose_double_and_hide_nothing(
    empty_database, workers
):
    faults = WORKERS[workers]

    found = matrix(empty_database, workers, "--faults", *faults)

    assert [one for one in found if is_wrong(one)] == []
    deaths = Counter(one["case"]["boundary"] for one in found if one["died"])
    assert deaths == {name: len(faults) for name in BOUNDARIES if name != "nowhere"}


def test_without_looking_first_the_same_matrix_shows_doubles(empty_database):
    found = matrix(empty_database, 1 if ALONE else 3, "--blind", "--faults", "none", "lost")

    doubled = {(one["case"]["boundary"], one["case"]["fault"]) for one in found if one["doubled"]}
    assert doubled >= {("call performed, not answered", "none"), ("nowhere", "lost")}
    assert ("nowhere", "none") not in doubled


def test_workers_killed_on_their_way_to_github_airtable_and_aws_lose_and_double_nothing(
    empty_database,
):
    found = run("tests.handoff.vendors", empty_database, "1" if ALONE else "3", "6", "5")

    assert [one for one in found if is_wrong(one)] == []
    assert sum(one["died"] for one in found) >= 4
