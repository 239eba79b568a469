"""A playbook's text, and the refusal that points at a line of it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from throughline.kernel.errors import Refused
from throughline.playbook.lines import Path, lines_of

_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


class PlaybookError(Refused):
    """A playbook that cannot be used as it is; the message names the file and the line."""

    def __init__(self, message: str, *, line: int, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.line = line


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name, and where its keys stand."""

    name: str
    lines: Mapping[Path, int]

    def refuse(self, at: Path, message: str, *, remedy: str) -> NoReturn:
        """Raise the refusal for what stands at a path, or for the table that lacks it.

        Raises:
            PlaybookError: always.
        """
        while at not in self.lines:
            at = at[:-1]
        line = self.lines[at]
        raise PlaybookError(f"{self.name}, line {line}: {message}", line=line, remedy=remedy)


def read_toml(text: str, *, name: str) -> tuple[dict[str, Any], Source]:
    """Return what a TOML text says, and where.

    Raises:
        PlaybookError: it is not TOML.
    """
    plain = text.replace("\r\n", "\n")
    try:
        said = tomllib.loads(plain, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        position = _POSITION.search(str(error))
        found = position.group("line") if position else None
        line = int(found) if found else plain.count("\n") + 1
        reason = _POSITION.sub("", str(error))
        raise PlaybookError(
            f"{name}, line {line}: this is not TOML: {reason}.",
            line=line,
            remedy="Look on this line, or just above, for a missing quotation mark, bracket,"
            " comma or equals sign, or for a key that stands twice.",
        ) from error
    except RecursionError as error:
        raise PlaybookError(
            f"{name}, line 1: brackets are nested far deeper than in any playbook.",
            line=1,
            remedy="Look for brackets that are never closed.",
        ) from error
    return said, Source(name, lines_of(plain))
