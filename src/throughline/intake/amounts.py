"""Numbers as spreadsheets of several countries write them: 1,234.56 and 1.234,56."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Literal

from throughline.kernel.errors import Refused

Style = Literal["point", "comma"]

_SYMBOLS = re.compile(r"[$€£¥\s\u00a0\u202f']|USD|EUR|GBP|CHF|CAD|AUD")
_POINT = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,2})?")
_COMMA = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)?(,\d*)?([eE][+-]?\d{1,2})?")
LARGEST = Decimal(10) ** 12
MOST_DIGITS = 40
SHOWN = 40


def plain(cell: str) -> str:
    """Return a number's text without currency signs and spaces; (12.30) is minus 12.30."""
    text = _SYMBOLS.sub("", cell).replace("\N{MINUS SIGN}", "-")
    return f"-{text[1:-1]}" if text.startswith("(") and text.endswith(")") else text


def style_of(cells: Iterable[tuple[int, str]], *, default: Style) -> Style:
    """Return how a file's numbers are written: by those that can be read in one way only.

    The cells come with their lines.

    Raises:
        Refused: some can only be read with a point, some only with a comma.
    """
    points, commas = "", ""
    for line, cell in cells:
        text = plain(cell)
        as_point, as_comma = bool(_POINT.fullmatch(text)), bool(_COMMA.fullmatch(text))
        if as_point and not as_comma:
            points = points or f"{cell.strip()[:SHOWN]!r} on line {line}"
        elif as_comma and not as_point:
            commas = commas or f"{cell.strip()[:SHOWN]!r} on line {line}"
    if points and commas:
        raise Refused(
            f"{points} has a decimal point and {commas} a decimal comma.",
            remedy="Download the file again, and do not save it with a spreadsheet.",
        )
    return "point" if points else "comma" if commas else default


def parse_localised(cell: str, style: Style) -> Decimal | None:
    """Return the number that a cell holds, with every digit; None where it is empty.

    Raises:
        Refused: it holds something else.
    """
    text = plain(cell)
    if not text:
        return None
    pattern, thousands = (_POINT, ",") if style == "point" else (_COMMA, ".")
    found = Decimal("NaN")
    if text.isascii() and len(text) <= MOST_DIGITS and pattern.fullmatch(text):
        try:
            found = Decimal(text.replace(thousands, "").replace(",", "."))
        except InvalidOperation:
            found = Decimal("NaN")
    if not (found.is_finite() and abs(found) < LARGEST):
        raise Refused(
            f"{cell.strip()[:SHOWN]!r} is not an amount.",
            remedy="Download the file again, and do not save it with a spreadsheet.",
        )
    return found


def decimals_of(amounts: Iterable[Decimal]) -> int:
    """Return to how many decimals the finest of some amounts is written, at least two."""
    exponents = (one.as_tuple().exponent for one in amounts)
    return max((2, *(-one for one in exponents if isinstance(one, int))))
