"""Terraform variables that are plain literals, read without building the grammar of all of HCL.

Building it takes two seconds of a process, which a file of literals alone can do without. What
is anything more (templates, escapes, heredocs, null, blocks, mistakes) is left to the real parser.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

TOKEN: Final = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<end>\n)
    |(?P<text>"[^"\\$%\n]*")
    |(?P<number>-?(?:0|[1-9][0-9]*)(?![\w.]))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<mark>[={}\[\],:])""",
    re.VERBOSE | re.DOTALL,
)
SWITCHES: Final = {"true": True, "false": False}
Token = tuple[str, str]
OVER: Final[Token] = ("over", "")


class NotPlain(Exception):
    """The file is more than literals, or wrong: the real parser says which."""


def plain_variables(text: str) -> dict[str, Any]:
    """Return the variables of a file that has nothing but literals.

    Raises:
        NotPlain: it has something else.
    """
    tokens = _Tokens(text)
    found: dict[str, Any] = {}
    while tokens.skip_ends() != OVER:
        name = tokens.take("name")
        tokens.take("mark", "=")
        _put(found, name, _value(tokens))
        if tokens.next != OVER:
            tokens.take("end")
    return found


class _Tokens:
    """The tokens of a text, with the one that comes next."""

    def __init__(self, text: str) -> None:
        self._rest = _tokens(text)
        self.next = next(self._rest)

    def skip_ends(self) -> Token:
        """Pass over ends of lines, and return what comes next."""
        while self.next[0] == "end":
            self.next = next(self._rest)
        return self.next

    def take(self, kind: str, text: str = "") -> str:
        """Take what comes next, which must be of this kind, and this text where one is given.

        Raises:
            NotPlain: it is something else.
        """
        found = self.next
        if found[0] != kind or (text and found[1] != text):
            raise NotPlain(found)
        self.next = next(self._rest)
        return found[1]


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise NotPlain(text[at : at + 20])
        at = found.end()
        if found.lastgroup and found.lastgroup != "blank":
            yield found.lastgroup, found.group()
    yield OVER
    yield OVER


def _value(tokens: _Tokens) -> Any:
    kind, text = tokens.next
    match kind:
        case "text":
            return tokens.take(kind)[1:-1]
        case "number":
            return int(tokens.take(kind))
        case "name" if text in SWITCHES:
            return SWITCHES[tokens.take(kind)]
        case "mark" if text == "[":
            return _list(tokens)
        case "mark" if text == "{":
            return _object(tokens)
    raise NotPlain(tokens.next)


def _list(tokens: _Tokens) -> list[Any]:
    tokens.take("mark", "[")
    found: list[Any] = []
    while tokens.skip_ends() != ("mark", "]"):
        found.append(_value(tokens))
        if tokens.skip_ends() != ("mark", "]"):
            tokens.take("mark", ",")
    tokens.take("mark", "]")
    return found


def _object(tokens: _Tokens) -> dict[str, Any]:
    tokens.take("mark", "{")
    found: dict[str, Any] = {}
    while tokens.skip_ends() != ("mark", "}"):
        key = tokens.take("text")[1:-1] if tokens.next[0] == "text" else tokens.take("name")
        tokens.take("mark", ":" if tokens.next[1] == ":" else "=")
        _put(found, key, _value(tokens))
        if tokens.next == ("mark", ","):
            tokens.take("mark")
        elif tokens.next != ("mark", "}"):
            tokens.take("end")
    tokens.take("mark", "}")
    return found


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    if name in found:
        raise NotPlain(name)
    found[name] = value
