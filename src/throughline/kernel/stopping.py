"""Being asked to stop: what is in hand is finished, and what is left stays due."""

from collections.abc import Callable

Stop = Callable[[], bool]  # whether somebody asked: looked at between two items


def never() -> bool:
    """Go on to the end."""
    return False
