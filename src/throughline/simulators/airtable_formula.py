"""The part of Airtable's formulas that filters records by what is in their cells."""

import re
from collections.abc import Callable, Mapping
from typing import Any

RECORD_ID = "RECORD_ID"
Row = Mapping[str, Any]  # cells by the name of the field, and the record's id under RECORD_ID
Test = Callable[[Row], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<field>\{(?:[^}\\]|\\.)*\})
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_]+)
    | (?P<sign>[(),=])
    )""",
    re.VERBOSE,
)


class NoFormula(ValueError):
    """The text is no formula that we know."""


def filter_of(formula: str, names: frozenset[str]) -> Test:
    """Return the test that a formula is; fields are named by name, as Airtable wants them.

    Raises:
        NoFormula: it cannot be read, or names a field that the table has not.
    """
    parser = _Parser(_tokens(formula), names)
    test = parser.test()
    if parser.rest:
        raise NoFormula("Invalid formula. Please check your formula text.")
    return test


def _tokens(formula: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while formula[at:].strip():
        match = _TOKEN.match(formula, at)
        if match is None or match.lastgroup is None:
            raise NoFormula("Invalid formula. Please check your formula text.")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    """Reads one formula from left to right."""

    def __init__(self, tokens: list[tuple[str, str]], names: frozenset[str]) -> None:
        self.rest = tokens
        self._names = names

    def test(self) -> Test:
        """Read OR(…), AND(…), NOT(…) or a comparison of two values."""
        kind, text = self._next()
        if kind == "word" and text.upper() != RECORD_ID:
            return self._combined(text.upper())
        left = self._value(kind, text)
        self._expect("=")
        right = self._value(*self._next())
        return lambda row: _same(left(row), right(row))

    def _combined(self, word: str) -> Test:
        self._expect("(")
        tests = [self.test()]
        while self.rest and self.rest[0] == ("sign", ","):
            self._next()
            tests.append(self.test())
        self._expect(")")
        match word:
            case "OR":
                return lambda row: any(one(row) for one in tests)
            case "AND":
                return lambda row: all(one(row) for one in tests)
            case "NOT" if len(tests) == 1:
                return lambda row: not tests[0](row)
            case _:
                raise NoFormula(f"Unknown function names: {word}")

    def _value(self, kind: str, text: str) -> Callable[[Row], Any]:
        if kind == "field":
            name = _unescaped(text)
            if name not in self._names:
                raise NoFormula(f"Unknown field names: {name.lower()}")
            return lambda row: row.get(name, "")
        if kind == "word" and text.upper() == RECORD_ID:
            self._expect("(")
            self._expect(")")
            return lambda row: row[RECORD_ID]
        if kind == "text":
            fixed = _unescaped(text)
            return lambda _row: fixed
        if kind == "number":
            number = float(text)
            return lambda _row: number
        raise NoFormula("Invalid formula. Please check your formula text.")

    def _next(self) -> tuple[str, str]:
        if not self.rest:
            raise NoFormula("Invalid formula. Please check your formula text.")
        return self.rest.pop(0)

    def _expect(self, sign: str) -> None:
        if self._next() != ("sign", sign):
            raise NoFormula("Invalid formula. Please check your formula text.")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _same(left: Any, right: Any) -> bool:
    return bool(left == right)
