"""Which line of a TOML text each key and entry stands on: `tomllib` does not say."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
      (?P<skip>  [ \t\r]+ | \#[^\n]* )
    | (?P<line>  \n )
    | (?P<text>  \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
    | (?P<mark>  [\[\]{}=,.] )
    | (?P<bare>  [^\s\[\]{}=,.#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS = {",", "]", "}", "\n", ""}


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int


def lines_of(text: str) -> Mapping[Path, int]:
    """Return the line of every key and every entry of a list, by its path; `()` is line 1.

    The text must be TOML that `tomllib` accepts: this only looks where things are.
    """
    walk = _Walk(_tokens(text))
    walk.document()
    return walk.found


def _tokens(text: str) -> list[_Token]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            tokens.append(_Token(match.group(), line))
        line += match.group().count("\n")
    tokens.append(_Token("", line))
    return tokens


def _plain(key: str) -> str:
    """Return a key without its quotation marks, escapes resolved."""
    if key[0] not in "\"'":
        return key
    return str(tomllib.loads(f"key = {key}")["key"])


@dataclass(slots=True)
class _Walk:
    """A position in the tokens, and what was found before it."""

    tokens: list[_Token]
    position: int = 0
    found: dict[Path, int] = field(default_factory=lambda: {(): 1})
    entries: Counter[Path] = field(default_factory=Counter)

    def document(self) -> None:
        table: Path = ()
        while self._peek() != "":
            if self._peek() == "\n":
                self._take()
            elif self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _peek(self) -> str:
        return self.tokens[self.position].text

    def _take(self) -> _Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def _note(self, path: Path, line: int) -> None:
        # A table may be opened by its first child; where it is first seen is where it stands.
        for end in range(1, len(path) + 1):
            self.found.setdefault(path[:end], line)

    def _header(self) -> Path:
        line = self._take().line
        many = self._peek() == "["
        if many:
            self._take()
        *parents, last = self._keys(until="]")
        while self._peek() == "]":
            self._take()
        path: Path = ()
        for key in parents:
            path = self._entered((*path, key))
        path = (*path, last)
        self._note(path, line)
        if many:
            self.entries[path] += 1
            path = self._entered(path)
            self._note(path, line)
        return path

    def _entered(self, path: Path) -> Path:
        """Return the newest entry where the path is a list of tables, else the path itself."""
        count = self.entries[path]
        return (*path, count - 1) if count else path

    def _keys(self, *, until: str) -> list[str]:
        keys = []
        while self._peek() != until:
            key = self._take().text
            if key != ".":
                keys.append(_plain(key))
        return keys

    def _pair(self, table: Path) -> None:
        line = self.tokens[self.position].line
        path = (*table, *self._keys(until="="))
        self._take()
        self._note(path, line)
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._peek() == "[":
            self._list(path)
        elif self._peek() == "{":
            self._inline_table(path)
        else:
            while self._peek() not in _ENDS:
                self._take()

    def _list(self, path: Path) -> None:
        self._take()
        index = 0
        while self._peek() != "]":
            if self._peek() in {",", "\n"}:
                self._take()
                continue
            self._note((*path, index), self.tokens[self.position].line)
            self._value((*path, index))
            index += 1
        self._take()

    def _inline_table(self, path: Path) -> None:
        self._take()
        while self._peek() != "}":
            if self._peek() == ",":
                self._take()
            else:
                self._pair(path)
        self._take()
