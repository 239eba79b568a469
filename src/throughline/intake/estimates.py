"""Estimates in a statement of work: rows and bullets as items, with the totals they state."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from throughline.intake.estimate_tables import Row, Table, unfenced_rows
from throughline.intake.hours import (
    CAP,
    HAS_UNIT,
    PLACEHOLDER,
    RANGE,
    REMEDY,
    SPAN,
    Item,
    Notice,
    SowError,
    Span,
    read_hours,
    read_span,
    refusal,
    shown,
    stated_in_line,
)
from throughline.intake.myst import LISTS, Node, line_of, plain

BULLET = re.compile(
    rf"(?P<text>.*?)(?P<sign>\s*[:(,]\s*|\s+[-\u2013\u2014]\s+|\s+|^)(?P<span>{SPAN})\s*[).]*$",
    re.IGNORECASE,
)
TOTAL_LABEL = re.compile(
    r"(?:overall |grand[ -]|sub-?)?(?:totals?|sum)(?:\s+(?:estimated?|estimates|hours|effort|time|h))*"
    r"(?:\s+for\b.*|\s+deliverable.*)?\s*(?:\([^)]*\))?\s*[:=]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Estimates:
    """What a table or a list says: items, the totals it states, and what to tell the reader."""

    items: tuple[Item, ...] = ()
    stated: tuple[Span, ...] = ()
    notices: tuple[Notice, ...] = ()

    def __add__(self, other: "Estimates") -> "Estimates":
        return Estimates(
            self.items + other.items, self.stated + other.stated, self.notices + other.notices
        )


def read_table(table: Table) -> Estimates:
    """Return a table's items and totals; none where all of it is still a placeholder.

    Raises:
        SowError: a row's hours are missing, cannot be read, are negative or the wrong way round.
    """
    if all(_is_placeholder(row) for row in table.rows):
        return Estimates()
    found = Estimates()
    for row in table.rows:
        if TOTAL_LABEL.fullmatch(row.label) or (not row.label and row is table.rows[-1]):
            if not _is_placeholder(row):
                found += Estimates(stated=(_read_row(row, is_total=True),))
        else:
            span = _read_row(row, is_total=False)
            found += _item(row.label, span, row.line, role=row.role)
    return found


def peek_row(row: Row) -> Span | None:
    """Return a row's hours, or None where they cannot be read: for tables that nothing counts."""
    try:
        return _read_row(row, is_total=True)
    except SowError:
        return None


def read_bullets(nodes: Sequence[Node]) -> Estimates:
    """Return the estimates in plain list items, such as "Governance - Capped at 20h."."""
    found = Estimates()
    for node in nodes:
        if node.type in LISTS and not any(unfenced_rows(node)):
            for item in node.children:
                found += _read_bullet(item)
    return found


def _read_bullet(node: Node) -> Estimates:
    text = next((plain(child) for child in node.children if child.type == "paragraph"), "")
    line = line_of(node)
    if (total := stated_in_line(text)) is not None:
        return Estimates(stated=(total,))
    found = BULLET.fullmatch(text)
    is_single = found is not None and bool(found["one"])
    if (
        found is None
        or not HAS_UNIT.search(found["span"].lower())
        or (is_single and not found["sign"].strip())
    ):
        return Estimates(notices=_unread(text, line))
    span = read_span(found["span"])
    if span is None or span.low_h > span.high_h:
        raise refusal(line, text, "low is above high", remedy="Write the lower hours first.")
    once = Notice(
        "one_figure", f"Line {line}: {text!r} gives one figure, counted as both low and high."
    )
    return _item(found["text"].strip() or text, span, line) + Estimates(
        notices=(once,) if is_single else ()
    )


def _unread(text: str, line: int) -> tuple[Notice, ...]:
    if not HAS_UNIT.search(text.lower()):
        return ()
    message = f"Line {line}: {text!r} mentions hours but is not counted. {REMEDY}"
    return (Notice("estimate_unread", message),)


def _item(text: str, span: Span, line: int, *, role: str = "") -> Estimates:
    message = f"Line {line}: {text!r} is capped at {shown(span.high_h)} hours, read as {span}."
    return Estimates(
        items=(Item(text, span.low_h, span.high_h, role),),
        notices=(Notice("capped", message),) if span.capped else (),
    )


def _read_row(row: Row, *, is_total: bool) -> Span:
    cells = [cell for cell in row.hours if cell.strip()]
    if not row.label and not is_total:
        raise refusal(row.line, row.found, "the item has no text")
    span = read_span(cells[0]) if len(cells) == 1 else _two_cells(row, cells)
    if any(re.match(r"[-\u2212]\s*[0-9]", cell) for cell in cells):
        raise refusal(row.line, row.found, "hours cannot be negative")
    is_single = (
        len(cells) == 1
        and span is not None
        and not re.fullmatch(rf"{CAP}|{RANGE}", cells[0].lower().rstrip("."))
    )
    if not cells or (is_single and not is_total):
        raise refusal(row.line, row.found, "the low or the high hours are missing")
    if span is None:
        raise refusal(row.line, row.found, "the hours cannot be read")
    if span.low_h > span.high_h:
        raise refusal(
            row.line,
            row.found,
            f"{shown(span.low_h)} is above {shown(span.high_h)}",
            remedy="Write the low hours first, then the high hours.",
        )
    return span


def _two_cells(row: Row, cells: Sequence[str]) -> Span | None:
    if len(cells) < 2:  # noqa: PLR2004 -- low and high
        return None
    if len(cells) > 2 and read_hours(cells[2]) is not None:  # noqa: PLR2004 -- low and high
        raise refusal(row.line, row.found, "there are more than two figures")
    high = read_span(cells[1])
    low = read_hours(cells[0]) if not PLACEHOLDER.fullmatch(cells[0]) else Decimal(0)
    if high is not None and high.capped and low is not None:
        return Span(low, high.high_h, capped=True)
    plain_low, plain_high = read_hours(cells[0]), read_hours(cells[1])
    return None if plain_low is None or plain_high is None else Span(plain_low, plain_high)


def _is_placeholder(row: Row) -> bool:
    cells = row.hours or (row.label,)
    return all(PLACEHOLDER.fullmatch(cell.strip()) for cell in cells)
