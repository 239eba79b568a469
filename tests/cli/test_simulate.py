"""`throughline simulate` as a process: its settings lead to systems that answer."""

import socket
import urllib.request

from tests.cli.test_serving import ended, first_line, started
from tests.factories import NOON
from throughline.connectors.aws.notifications import check_signed, fetch_from, read_message
from throughline.connectors.github.client import GitHub
from throughline.connectors.github.tokens import FixedToken


def settings_in(lines):
    pairs = [line.removeprefix("export ").partition("=") for line in lines if "export" in line]
    return {name: value for name, _equals, value in pairs}


def posted(address, body):
    with urllib.request.urlopen(address, data=body, timeout=5) as answer:
        return answer.read()


def printed(process):
    """Return what is printed up to the address of the last system."""
    lines = [first_line(process.stdout)]
    while not lines[-2:-1] or not lines[-2].startswith("# JupyterHub"):
        lines.append(process.stdout.readline())  # all of it was written at once
    return [line.rstrip("\n") for line in lines]


def test_simulators_answer_with_the_settings_that_are_printed_and_stop_cleanly(tmp_path):
    with started(tmp_path, "simulate") as process:
        lines = printed(process)
        hub = lines[-1].removeprefix("# at ")
        named = settings_in(lines)
        token = FixedToken(named["THROUGHLINE_GITHUB_TOKEN"])
        with GitHub(
            named["THROUGHLINE_GITHUB_URL"], token, named["THROUGHLINE_GITHUB_REPOSITORY"]
        ) as github:
            github.create_issue("x", "", [])
            fields = github.board_fields(int(named["THROUGHLINE_GITHUB_PROJECT"]))
        signed = read_message(posted(f"{named['THROUGHLINE_SNS_URL']}/sign", b"Budget Name: test"))
        check_signed(signed, at=NOON, fetch=fetch_from(named["THROUGHLINE_SNS_URL"]))
        with urllib.request.urlopen(f"{hub}/hub/api", timeout=5) as answer:
            assert answer.status == 200

        code, rest, told = ended(process)

    assert (signed.Message, signed.TopicArn) == (
        "Budget Name: test", named["THROUGHLINE_SNS_TOPICS"],
    )  # fmt: skip
    assert {"Status", "Due date", "Engagement"} <= {one.name for one in fields}
    assert (code, rest) == (0, "")
    assert "GitHub got 2 calls." in told


def test_simulators_take_the_ports_that_follow_the_first_one(tmp_path):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with started(tmp_path, "simulate", "--port", str(port)) as process:
        lines = printed(process)
        ended(process)

    assert settings_in(lines)["THROUGHLINE_GITHUB_URL"] == f"http://127.0.0.1:{port}"
    assert settings_in(lines)["THROUGHLINE_AIRTABLE_URL"] == f"http://127.0.0.1:{port + 1}"
    assert settings_in(lines)["THROUGHLINE_SHEETS_URL"] == f"http://127.0.0.1:{port + 2}"


def test_port_in_use_is_said_with_what_to_do(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started(tmp_path, "simulate", "--port", str(port)) as process:
            out, told = process.communicate(timeout=60)

    assert (process.returncode, out) == (1, "")
    assert f"Port {port} cannot be used (Address already in use): choose another" in told
