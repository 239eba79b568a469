"""SIGINT and SIGTERM as a question that the work looks at, rather than as something thrown at it.

An exception that a signal raises lands wherever the main thread happens to be, and is lost in
whatever lets nothing out: a weak reference's callback, an import, `except BaseException`.
"""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

NUMBERS: Final = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether this process was asked to stop. A signal's handler may set it, and any thread wait.

    No threading.Event: its `set` takes a lock that the very thread may hold which the signal
    interrupts, and would then wait for itself.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._waited_at, self._woken_by = os.pipe()

    def set(self) -> None:
        """Ask to stop; again changes nothing."""
        if not self._is_set:
            self._is_set = True
            os.write(self._woken_by, b".")  # never read, so that everybody who waits is woken

    def is_set(self) -> bool:
        """Return whether it was asked."""
        return self._is_set

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is asked, or for so many seconds, and return whether it was."""
        select.select([self._waited_at], [], [], timeout)
        return self._is_set

    def close(self) -> None:
        """Give back what waiting takes; nobody may wait any more."""
        os.close(self._waited_at)
        os.close(self._woken_by)


@contextmanager
def asked_to_stop() -> Iterator[Stop]:
    """Let the first SIGINT or SIGTERM ask; a second one ends the process on the spot.

    Also where a shell started it in the background, and so had it ignore SIGINT.
    """
    stop = Stop()

    def ask(_number: int, _frame: FrameType | None) -> None:
        for number in NUMBERS:
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    before = {number: signal.signal(number, ask) for number in NUMBERS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
