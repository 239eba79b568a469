"""A process that has loaded the libraries already, and becomes a `throughline` command when asked.

Half of what a command takes is loading libraries. Pages run hundreds of commands, so one process
loads what needs no settings, and each command is a fork of it: with the words, the environment, the
folder and the open files of whoever calls, and nothing remembered from the one before.
"""

import array
import contextlib
import importlib
import json
import os
import socket
import sys
import traceback
from pathlib import Path

LIBRARIES = (
    "click", "django.contrib.admin.utils", "django.contrib.auth.hashers",
    "django.contrib.staticfiles", "django.core.management.commands.migrate", "django.forms",
    "django.db.backends.sqlite3.base", "django.db.migrations.executor", "django.template",
    "hcl2", "highspy", "holidays", "httpx", "icalendar", "jwt", "markdown_it", "numpy",
    "openpyxl", "pydantic", "tqdm", "typst", "yaml",
)  # fmt: skip

# A command of the shell that hands itself over: no site, no environment, as little as there can be.
CALLER = """#!{python} -ISE
import array, json, os, socket, sys
call = socket.socket(socket.AF_UNIX)
call.connect({address!r})
call.sendmsg(
    [json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode() + b"\\n"],
    [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))],
)
sys.exit(int(call.makefile().readline()))
"""
STAYS = frozenset({"up", "web", "worker", "simulate"})  # are stopped by a signal: real processes


def write_caller(folder: Path, address: str) -> None:
    """Write a `throughline` that asks the warm process."""
    caller = folder / "throughline"
    caller.write_text(CALLER.format(python=sys.executable, address=address))
    caller.chmod(0o755)


def serve(address: str) -> None:
    """Answer calls, one after the other, until nobody listens any more."""
    for name in LIBRARIES:
        importlib.import_module(name)
    door = socket.socket(socket.AF_UNIX)
    door.bind(address)
    door.listen()
    print("warm", flush=True)
    while True:
        call, _ = door.accept()
        with call:
            _answer(call)


def _answer(call: socket.socket) -> None:
    files = array.array("i")
    text, ancillary, _flags, _ = call.recvmsg(1 << 20, socket.CMSG_LEN(3 * files.itemsize))
    for _level, _kind, data in ancillary:
        files.frombytes(data)
    while not text.endswith(b"\n"):
        text += call.recv(1 << 20)
    words, environment, folder = json.loads(text)
    child = os.fork()
    if child == 0:
        os._exit(_become(words, environment, folder, files))
    for file in files:
        os.close(file)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(BrokenPipeError):
        call.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(words: list[str], environment: dict[str, str], folder: str, files: array.array) -> int:
    for place, file in enumerate(files):
        os.dup2(file, place)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if words and words[0] in STAYS:
        os.execv(sys.executable, [
            sys.executable, "-c", "from throughline.cli.main import main; main()", *words,
        ])  # fmt: skip
    sys.argv = ["throughline", *words]
    try:
        importlib.import_module("throughline.cli.main").main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- a process ends here, whatever was raised
        traceback.print_exc()
        code = 1
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    serve(sys.argv[1])
