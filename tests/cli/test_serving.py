"""The processes, as processes: started, opened by a plain HTTP client, ended by a signal."""

import http.cookiejar
import importlib.util
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from django.db import connection

# What a shell without job control does to all that it starts in the background.
IGNORING_CTRL_C = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
START_S = 90  # generous: the figure itself is measured in benchmarks, on a quiet machine
demo_is_there = pytest.mark.skipif(
    importlib.util.find_spec("throughline.cli.demonstration") is None,
    reason="the demonstration is not there",
)


@contextmanager
def started(home, *words, through=(), **more):
    """Start `throughline WORDS…`, `through` another command, and end it whatever happens."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("THROUGHLINE_", "DATABASE_URL", "DJANGO_"))
    }
    process = subprocess.Popen(
        [*through, sys.executable, "-c", "from throughline.cli.main import main; main()", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home,
        env=environment | {"THROUGHLINE_HOME": str(home)} | more,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(stream):
    """Return the first line that a process prints."""
    assert select.select([stream], [], [], START_S)[0], "nothing was printed in time"
    return stream.readline()


def ended(process, number=signal.SIGTERM):
    """Send a signal and return how the process ended: exit code, the rest of stdout and stderr."""
    process.send_signal(number)
    out, err = process.communicate(timeout=START_S)
    return process.returncode, out, err


def opener():
    return urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )


def status(client, address):
    try:
        return client.open(address, timeout=START_S).status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def home(tmp_path):
    return tmp_path


@demo_is_there
@pytest.mark.parametrize("words", [("--demo",), ()])
def test_up_prints_one_address_that_signs_in_once_and_ends_cleanly(home, words):
    with started(home, "up", *words, "--port", "0") as process:
        line = first_line(process.stdout)
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32,}\n", line)
        address = line.strip()
        client = opener()

        answer = client.open(address, timeout=START_S)
        assert (answer.status, "token" in answer.url) == (200, False)
        assert "Sign out" in answer.read().decode()
        assert status(opener(), address) == 403  # the token is used up
        assert status(client, address.split("?")[0]) == 200  # the session goes on

        assert ended(process)[:2] == (0, "")


@demo_is_there
def test_up_in_the_background_of_a_script_ends_without_a_traceback(home):
    with started(home, "up", "--port", "0", through=IGNORING_CTRL_C) as process:
        first_line(process.stdout)
        code, _out, err = ended(process, signal.SIGINT)

    assert (code, "Traceback" in err) == (0, False)


@demo_is_there
def test_up_at_a_port_in_use_says_so_and_what_to_do(home):
    with started(home, "up", "--port", "0") as process:
        port = first_line(process.stdout).split(":")[2].split("/")[0]
        with started(home, "up", "--port", port) as second:
            _out, err = second.communicate(timeout=START_S)

    assert second.returncode == 1
    assert err.startswith(f"Error: 127.0.0.1:{port} cannot be used (Address already in use)")
    assert "--port" in err


def test_web_says_where_on_stderr_and_answers(home):
    with started(home, "web", "--port", "0") as process:
        address = first_line(process.stderr).strip()
        assert status(opener(), f"{address}healthz") == 200
        assert ended(process) == (0, "", "")


def sessions(name):
    """Return how many sessions on PostgreSQL go by a name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        return cursor.fetchone()[0]


@pytest.mark.both_databases
def test_web_keeps_its_connection_to_the_database_between_two_requests(home, committed_db):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL shows who is connected")
    own = connection.settings_dict
    url = f"postgres://{own['USER']}@{own['HOST']}:{own['PORT'] or 5432}/{own['NAME']}"
    with started(home, "web", "--port", "0", DATABASE_URL=url, PGAPPNAME="kept") as process:
        address = first_line(process.stderr).strip()
        before = sessions("kept")
        assert status(opener(), f"{address}healthz") == 200
        time.sleep(0.5)  # one that is not kept is closed after the answer has gone out
        assert sessions("kept") == before + 1


def test_worker_ends_cleanly_and_finishes_the_item_in_hand(home):
    with started(home, "worker") as process:
        assert first_line(process.stderr) == "Working.\n"
        time.sleep(0.5)
        assert ended(process) == (0, "", "")


def test_command_in_a_process_of_its_own_makes_the_database_and_answers(home):
    with started(home, "deal", "list", "--json") as process:
        out, err = process.communicate(timeout=START_S)

    assert (process.returncode, out, err) == (0, "[]\n", "")
    assert sorted(path.name for path in home.iterdir() if "sqlite3" in path.name)[0] == (
        "throughline.sqlite3"
    )


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("THROUGHLINE_BASE_URL", "foo", "is not an address"),
        ("THROUGHLINE_DEBUG", "maybe", "is neither yes nor no"),
        ("THROUGHLINE_SMTP_PORT", "x", "is not a whole number"),
        ("THROUGHLINE_LOG_LEVEL", "loud", "is no level"),
        ("DATABASE_URL", "nonsense", "cannot be read"),
        ("THROUGHLINE_HOME", "/dev/null", "cannot be made"),
    ],
)
def test_wrong_setting_is_one_clear_line_at_start(home, name, value, says):
    with started(home, "deal", "list", **{name: value}) as process:
        out, err = process.communicate(timeout=START_S)

    assert (process.returncode, out) == (1, "")
    assert err.startswith(f"Error: Settings: {name}")
    assert says in err


@pytest.mark.parametrize("command", ["doctor", "migrate", "deal"])
def test_database_that_does_not_answer_is_said_without_a_traceback(home, command):
    words = {"doctor": ("doctor",), "migrate": ("migrate",), "deal": ("deal", "list")}[command]
    nowhere = "postgres://nobody@127.0.0.1:1/nothing"
    with started(home, *words, DATABASE_URL=nowhere) as process:
        out, err = process.communicate(timeout=START_S)

    assert process.returncode == 1
    assert "The database does not answer" in out + err
    assert "Traceback" not in err
    assert "cannot be rewritten" not in out  # what could not be looked at is not said to be well
