"""Blocks from lists of things: the first of them, and how many there are."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import Count, QuerySet, Window
from django.utils.text import slugify

from throughline.intake.week.look import Look
from throughline.web.today.shapes import Block, Holder, Item

SHOWN = 6
Found = TypeVar("Found")


def first(found: QuerySet[Any]) -> tuple[list[Any], int]:
    """Return the first things of a list and how many there are; one query where there are none.

    The numbers of the first come with the count, so that whatever hangs on a row is read and
    sorted for those that are shown alone.
    """
    counted = found.annotate(how_many=Window(Count("*"))).values_list("pk", "how_many")
    numbers = dict(counted[:SHOWN])
    if not numbers:
        return [], 0
    return list(found.filter(pk__in=list(numbers))), next(iter(numbers.values()))


def by_ball(blocks: Iterable[Block], look: Look) -> list[Holder]:
    """Return what blocks list by whose ball it is, whoever holds most first."""
    found: dict[str, list[tuple[Item, str]]] = {}
    for one in blocks:
        for item in one.items:
            found.setdefault(item.ball, []).append((item, one.title))
    ordered = sorted(found.items(), key=lambda held: (-len(held[1]), held[0]))
    return [
        Holder(
            ball, slugify(ball),
            tuple(sorted(held, key=lambda one: look.day(one[0].since) or date.max)),
        )
        for ball, held in ordered
    ]  # fmt: skip


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
