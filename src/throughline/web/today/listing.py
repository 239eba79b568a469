"""Blocks from lists of things: the first of them, and how many there are."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet

from throughline.web.today.shapes import Block, Item

SHOWN = 6
Found = TypeVar("Found")


def first(found: QuerySet[Any]) -> tuple[list[Any], int]:
    """Return the first things of a list and how many there are, by one query where all fit."""
    some = list(found[: SHOWN + 1])
    return some[:SHOWN], len(some) if len(some) <= SHOWN else found.count()


def block(
    head: tuple[str, str, str],
    things: tuple[Sequence[Found], int],
    item: Callable[[Found], Item],
    *,
    empty: str,
    more: str = "",
) -> Block:
    """Return a block: its code, title and icon, its things with their number, and each as an item."""
    code, title, icon = head
    listed, count = things
    return Block(code, title, icon, tuple(map(item, listed)), count, empty, more)
