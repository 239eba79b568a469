"""The tutorial and the how-to guides do what they say."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.consoles import BLOCK, Shell, differences, says, steps
from tests.docs.warm import write_caller

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    if BLOCK.search(page.read_text(encoding="utf-8"))
)


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A folder with a `throughline` that need not load its libraries each time."""
    folder = tmp_path_factory.mktemp("warm")
    address = str(folder / "door")
    words = [sys.executable, "-m", "tests.docs.warm", address]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "warm\n"
        write_caller(folder, address)
        yield folder
        process.kill()


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_say_what_the_page_shows(page, tmp_path, warm):
    assert differences(ROOT / page, tmp_path, warm) == []


def test_warm_command_answers_and_ends_as_a_cold_one_does(tmp_path, warm):
    warmed, cold = Shell(tmp_path / "warmed", warm), Shell(tmp_path / "cold")
    for shell in (warmed, cold):
        shell.folder.mkdir()
    commands = [
        "throughline deal list",
        "throughline deal show 7",
        "throughline nothing",
        "echo $?",
    ]

    assert [warmed.run(one) for one in commands] == [cold.run(one) for one in commands]


def test_tutorial_is_among_the_pages():
    assert "docs/tutorial/first-agreement.md" in PAGES


def test_steps_are_commands_with_their_output():
    page = "```console\n$ a <<END\n> b\n> END\nsaid\n$ c\n```\n```sh\n$ d\n```\n  ```console\n  $ e\n  said\n  ```\n"

    assert list(steps(page)) == [("a <<END\nb\nEND", "said"), ("c", ""), ("e", "said")]


@pytest.mark.parametrize(
    ("shown", "said", "same"),
    [
        ("due …", "due 2031-01-01", True),
        ("due …", "due\n", False),
        ("one", "two", False),
        ("a …", "a one\ntwo", False),
        ("…\nlast", "one\ntwo\nlast", True),
        ("one\n…", "one\n", False),
        ("(a) [b]", "(a) [b]\n", True),
    ],
)
def test_ellipsis_stands_for_anything_on_its_line_or_alone_for_any_lines(shown, said, same):
    assert says(shown, said) is same


def test_shell_remembers_how_the_last_command_ended(tmp_path):
    shell = Shell(tmp_path)
    shell.run("exit 3")

    assert shell.run("echo $?") == "3\n"
