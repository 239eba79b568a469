"""Running the ```console blocks of a page and holding their output against the page.

`$ ` begins a command, `> ` goes on with it, the lines below are what it says; `…` stands for
anything on its line, and alone on a line for any lines. All blocks of a page run one after the other, as a reader would.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BLOCK = re.compile(r"^( *)```console\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page with the output that the page shows."""
    for indent, block in BLOCK.findall(text):
        command, shown = "", []
        for line in (line.removeprefix(indent) for line in block.splitlines()):
            if line.startswith("$ "):
                if command:
                    yield command, "\n".join(shown)
                command, shown = line[2:], []
            elif line.startswith("> ") and not shown:
                command += "\n" + line[2:]
            else:
                shown.append(line)
        if command:
            yield command, "\n".join(shown)


def says(shown: str, said: str) -> bool:
    """Return whether an output is what a page shows."""
    lines = [
        "(?s:.+)" if line == "…" else re.escape(line).replace("…", ".*")
        for line in shown.strip("\n").split("\n")
    ]
    pattern = "\n".join(lines)
    return re.fullmatch(pattern, said.strip("\n")) is not None


class Shell:
    """A shell in a folder of its own, with a fresh home; `$?` is the last command's.

    `first` is a folder in which its programs are looked for before all others.
    """

    def __init__(self, folder: Path, first: Path | None = None) -> None:
        self.folder = folder
        self.status = 0
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("THROUGHLINE_", "DATABASE_URL", "DJANGO_"))
        }
        self.environment = kept | {
            "THROUGHLINE_HOME": str(folder / "home"),
            "PATH": os.pathsep.join(
                [*([str(first)] if first else []), str(Path(sys.executable).parent), kept["PATH"]]
            ),
        }

    def run(self, command: str) -> str:
        """Run a command and return what it says, on stdout and stderr together."""
        command = command.replace("$?", str(self.status))
        ran = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.folder, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        self.status = ran.returncode
        return ran.stdout


def differences(page: Path, folder: Path, first: Path | None = None) -> list[str]:
    """Return each command of a page that says something else than the page."""
    shell = Shell(folder, first)
    found = []
    for command, shown in steps(page.read_text(encoding="utf-8")):
        said = shell.run(command)
        if not says(shown, said):
            found.append(f"$ {command}\n--- the page shows\n{shown}\n--- it says\n{said}")
    return found
