"""What the clock does: the index follows what happened."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from throughline.playbook.model import Playbook
from throughline.search.actions.following import catch_up

log = logging.getLogger(__name__)
A_STEP: Final = 200  # things or entries in one transaction: others write between two
STEPS: Final = 25  # of one turn of the worker


def follow_journal(*, playbook: Playbook, at: datetime) -> None:
    """Bring the index on by one turn. Nobody else waits for it, and nobody fails with it."""
    try:
        for left in steps(playbook=playbook, at=at, most=STEPS):
            if not left:
                return
    except Exception:
        log.exception("the index of search could not be brought on; searching still works")


def steps(*, playbook: Playbook, at: datetime, most: int) -> Iterator[int]:
    """Bring the index on step by step, and yield after each how much is left; at most so many."""
    left = -1
    for _step in range(most):
        before, left = left, catch_up(most=A_STEP, playbook=playbook, at=at)
        yield left
        if not left or left == before:  # somebody else is at it
            return
