"""Estimate tables in a statement of work: fenced, Markdown, or a list; as rows without header."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughline.intake.hours import PLACEHOLDER, SowError, read_span, refusal
from throughline.intake.myst import LISTS, Node, line_of, plain, plain_lines

LOW_WORDS = {"low", "lower", "min", "minimum", "best", "optimistic", "from", "least"}
HIGH_WORDS = {"high", "higher", "upper", "max", "maximum", "worst", "pessimistic", "to", "most"}
SPAN_WORDS = {"hours", "hour", "h", "estimate", "estimates", "estimated", "range", "effort", "time"}
ROLE_COLUMN = 3  # of a table without a header: item, low, high, role
OTHER_UNITS = {"day", "days", "week", "weeks", "month", "months", "points", "minutes"}
ROLE_WORDS = {"role", "roles", "who", "person", "people"}
LABEL_WORDS = {"item", "items", "task", "tasks", "work", "deliverable", "activity", "description", "what"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its label, its cells of hours, all its words, its line, and who does it."""

    label: str
    hours: tuple[str, ...]
    found: str
    line: int
    role: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one estimate table, without its header."""

    line: int
    rows: tuple[Row, ...]


def tables_in(nodes: Sequence[Node], *, is_estimate: bool) -> Iterator[Table]:
    """Yield the estimate tables among blocks.

    Args:
        nodes: the blocks of a section.
        is_estimate: the heading promises estimates, so that plain tables and lists count too.

    Raises:
        SowError: an estimate table is never closed.
    """
    for node in nodes:
        if node.type == "directive" and node.info == "estimate-table":
            if not node.meta["closed"]:
                raise SowError(
                    "the estimate table that starts here is never closed.",
                    remedy="Close it with a line of the same fence, such as ``` or :::.",
                    line=line_of(node),
                )
            yield Table(line_of(node), tuple(_rows(node.children)))
        elif node.type == "table" and (is_estimate or _has_hours_columns(node)):
            yield Table(line_of(node), tuple(_table_rows(node)))
        elif is_estimate and (rows := tuple(unfenced_rows(node))):
            yield Table(line_of(node), rows)
        elif node.type in {"directive", "blockquote", "list_item", *LISTS}:
            yield from tables_in(node.children, is_estimate=False)


def _rows(nodes: Sequence[Node]) -> Iterator[Row]:
    """Yield the rows of an estimate table: of its lists, and of a Markdown table in it."""
    for node in nodes:
        if node.type in LISTS:
            cells = [(tuple(_cells(item)), line_of(item)) for item in node.children]
            yield from _without_header(cells)
        elif node.type == "table":
            yield from _table_rows(node)
        elif node.type == "paragraph":
            yield from _pipe_rows(node)


def unfenced_rows(node: Node) -> Iterator[Row]:
    """Yield the rows of a list below "Estimates" that is written like a table, without a fence."""
    if node.type == "paragraph":
        yield from _pipe_rows(node)
    elif node.type in LISTS:
        rows = tuple(_rows([node]))
        if any(read_span(cell) for row in rows for cell in row.hours):
            yield from rows


def _cells(item: Node) -> Iterator[str]:
    for child in item.children:
        if child.type in LISTS:
            yield from (plain(cell) for cell in child.children)
        else:
            yield plain(child)


def _table_rows(table: Node) -> Iterator[Row]:
    rows = [row for part in table.children for row in part.children]
    yield from _without_header(
        [(tuple(plain(cell) for cell in row.children), line_of(row)) for row in rows]
    )


def _pipe_rows(paragraph: Node) -> Iterator[Row]:
    """Yield the rows of a table without the line of dashes: Markdown takes it for prose."""
    lines = plain_lines(paragraph)
    if all(line.startswith("|") and line.count("|") > 2 for line in lines):  # noqa: PLR2004 -- two cells
        cells = [tuple(cell.strip() for cell in line.strip("| ").split("|")) for line in lines]
        first = line_of(paragraph)
        yield from _without_header([(row, first + at) for at, row in enumerate(cells)])


def _has_hours_columns(table: Node) -> bool:
    header = [_name_words(plain(cell)) for cell in table.children[0].children[0].children]
    return any(words & LOW_WORDS for words in header) and any(
        words & HIGH_WORDS for words in header
    )


def _without_header(rows: Sequence[tuple[tuple[str, ...], int]]) -> Iterator[Row]:
    if not rows:
        return
    first, line = rows[0]
    label, hours = 0, list(range(1, max(len(cells) for cells, _ in rows)))
    role = ROLE_COLUMN
    has_header = _is_header(first)
    if has_header:
        _check_units(first, line)
        label, hours = _columns(first, hours)
        role = _role_column(first, label)
    for cells, line in rows[1:] if has_header else rows:
        yield Row(
            cells[label] if label < len(cells) else "",
            tuple(cells[at] for at in hours if at < len(cells)),
            " / ".join(cells),
            line,
            cells[role] if 0 <= role < len(cells) and not _is_hours(cells[role]) else "",
        )


def _is_hours(cell: str) -> bool:
    return bool(PLACEHOLDER.fullmatch(cell.strip()) or read_span(cell))


def _role_column(header: Sequence[str], label: int) -> int:
    """Return the column that says who does an item; -1 where there is none."""
    names = [_name_words(cell) for cell in header]
    return next((at for at, name in enumerate(names) if name & ROLE_WORDS and at != label), -1)


def _name_words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def _is_header(cells: Sequence[str]) -> bool:
    """Return whether no cell has a figure, and each names a column of hours or nothing."""
    if not any(cells):
        return True
    words = [_name_words(cell) for cell in cells[1:]]
    known = LOW_WORDS | HIGH_WORDS | SPAN_WORDS
    if re.search(r"[0-9]", "".join(cells[1:])) or all(PLACEHOLDER.fullmatch(c) for c in cells[1:]):
        return False
    return any(name & known for name in words)


def _check_units(cells: Sequence[str], line: int) -> None:
    if any(_name_words(cell) & OTHER_UNITS for cell in cells[1:]):
        raise refusal(
            line,
            " / ".join(cells),
            "the table is not in hours",
            remedy="Give its figures in hours.",
        )


def _columns(header: Sequence[str], default: list[int]) -> tuple[int, list[int]]:
    """Return the column of the items and the columns of the hours."""
    names = [_name_words(cell) for cell in header]
    label = next((at for at, words in enumerate(names) if words & LABEL_WORDS), 0)
    rest = [at for at in range(len(names)) if at != label]
    low = next((at for at in rest if names[at] & LOW_WORDS), None)
    high = next((at for at in rest if names[at] & HIGH_WORDS and at != low), None)
    if low is not None and high is not None:
        return label, [low, high]
    one = next((at for at in rest if names[at] & SPAN_WORDS), None)
    return label, default if one is None else [one]
