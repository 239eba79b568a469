"""What changed from one version of a statement of work to another."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from throughline.sales.statements.content import Content, RoleHours, hours, hours_by_role
from throughline.sales.statements.render import markdown

SIMILAR = 0.5  # of the words of two deliverables: above, it was renamed and not replaced
CONTEXT = 2  # unchanged lines around a changed one


@dataclass(frozen=True, slots=True)
class Span:
    """Hours before and after, from low to high."""

    before: tuple[Decimal, Decimal]
    after: tuple[Decimal, Decimal]

    @property
    def is_changed(self) -> bool:
        """Whether they differ."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Lines:
    """What a list has more and less than before."""

    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything came or went."""
        return bool(self.added or self.removed)


@dataclass(frozen=True, slots=True)
class ChangedDeliverable:
    """A deliverable that both versions have."""

    title: str
    title_before: str  # the same where it was not renamed
    hours: Span
    definition_of_done: Lines
    items: Lines
    people: Lines
    risks: Lines
    words: tuple[str, ...]  # "overview", "demo": which texts are worded anew

    @property
    def is_renamed(self) -> bool:
        """Whether it has a new title."""
        return self.title != self.title_before


@dataclass(frozen=True, slots=True)
class Line:
    """One line of both texts: " " stays, "-" goes, "+" comes, "@" stands for lines left out."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that two versions differ in; `lines` has it word for word."""

    total: Span
    added: tuple[Content, ...]
    removed: tuple[Content, ...]
    changed: tuple[ChangedDeliverable, ...]
    out_of_scope: Lines
    people: Lines
    overhead: Lines
    by_role: tuple[tuple[str, Span], ...]  # roles whose hours differ
    lines: tuple[Line, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not self.lines


def changes_between(before: Content, after: Content) -> Changes:
    """Return what changed from one content to another."""
    pairs = list(_pairs(before["deliverables"], after["deliverables"]))
    kept, gone = {id(new) for _, new in pairs}, {id(old) for old, _ in pairs}
    return Changes(
        Span(_hours(before["total"]), _hours(after["total"])),
        tuple(one for one in after["deliverables"] if id(one) not in kept),
        tuple(one for one in before["deliverables"] if id(one) not in gone),
        tuple(one for pair in pairs if (one := _changed(*pair)) is not None),
        _lines(before.get("out_of_scope", ()), after.get("out_of_scope", ())),
        _lines(_people(before), _people(after)),
        _lines(_items(before.get("overhead", {})), _items(after.get("overhead", {}))),
        tuple(_roles(before, after)),
        tuple(_wording(before, after)),
    )


def _pairs(
    before: Sequence[Content], after: Sequence[Content]
) -> Iterator[tuple[Content, Content]]:
    """Yield each deliverable with what became of it: by title, else by what it says."""
    rest = {one["title"]: one for one in before}
    unmatched = []
    for new in after:
        if old := rest.pop(new["title"], None):
            yield old, new
        else:
            unmatched.append(new)
    for new in unmatched:
        old = max(rest.values(), key=lambda one: _likeness(one, new), default=None)
        if old is not None and _likeness(old, new) > SIMILAR:
            yield rest.pop(old["title"]), new


def _likeness(one: Content, other: Content) -> float:
    """Return how much of what two deliverables say is said by both, from 0 to 1."""
    words, others = _words(one), _words(other)
    return len(words & others) / len(words | others) if words and others else 0.0


def _words(one: Content) -> set[str]:
    return set(" ".join([*_items(one), *one.get("definition_of_done", ())]).casefold().split())


def _changed(old: Content, new: Content) -> ChangedDeliverable | None:
    if old == new:
        return None
    return ChangedDeliverable(
        new["title"],
        old["title"],
        Span(_hours(old), _hours(new)),
        _lines(old.get("definition_of_done", ()), new.get("definition_of_done", ())),
        _lines(_items(old), _items(new)),
        _lines(old.get("people", ()), new.get("people", ())),
        _lines(old.get("risks", ()), new.get("risks", ())),
        tuple(name for name in ("overview", "demo") if old.get(name) != new.get(name)),
    )


def _hours(part: Content) -> tuple[Decimal, Decimal]:
    return hours(part.get("low_h", 0)), hours(part.get("high_h", 0))


def hours_words(low: Any, high: Any) -> str:
    """Return hours for people: "10–20 h", "4 h"."""
    return f"{float(low):g} h" if low == high else f"{float(low):g}–{float(high):g} h"


def _items(part: Content) -> list[str]:
    return [
        f"{item['text']}: {hours_words(item['low_h'], item['high_h'])}"
        + (f", {item['role']}" if item.get("role") else "")
        for item in part.get("items", ())
    ]


def _people(content: Content) -> list[str]:
    return [person["text"] for person in content.get("people", ())]


def _lines(before: Iterable[str], after: Iterable[str]) -> Lines:
    old, new = list(before), list(after)
    added = [text for text in new if text not in old]
    return Lines(tuple(added), tuple(text for text in old if text not in new))


def _roles(before: Content, after: Content) -> Iterator[tuple[str, Span]]:
    old, new = _by_role(before), _by_role(after)
    nothing = (Decimal(0), Decimal(0))
    for role in dict.fromkeys([*new, *old]):
        span = Span(old.get(role, nothing), new.get(role, nothing))
        if span.is_changed:
            yield role, span


def _by_role(content: Content) -> Mapping[str, tuple[Decimal, Decimal]]:
    found: list[RoleHours] = hours_by_role(content)
    return {one.role: (one.low_h, one.high_h) for one in found}


def _wording(before: Content, after: Content) -> Iterator[Line]:
    """Yield the lines of both documents that differ, with a little of what is around them."""
    old, new = (markdown(one).split("\n") for one in (before, after))
    compared = difflib.unified_diff(old, new, n=CONTEXT, lineterm="")
    for at, line in enumerate(compared):
        if line.startswith("@@"):
            yield Line("@", "")
        elif at > 1:  # the first two lines name files
            yield Line(line[0], line[1:])
