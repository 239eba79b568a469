"""Changing single values in a playbook's text; every other line, and every remark, stays."""

import json
import re
from collections.abc import Mapping

from throughline.playbook.source import PlaybookError

Place = tuple[str, str]  # the block's name and the key in it
HEAD = re.compile(r"\[([\w.]+)\]")
LINE = re.compile(
    r'(?P<off># *)?(?P<key>\w+)(?P<is> *= *)"(?:[^"\\]|\\.)*"(?P<rest> *(?:#.*)?)', re.DOTALL
)


def with_texts(text: str, values: Mapping[Place, str], *, name: str) -> str:
    """Return a playbook's text with other values; "" makes a line a remark, so that it says nothing.

    Raises:
        PlaybookError: no line of the text holds one of the values.
    """
    lines, left, block = [], dict(values), ""
    for line in text.splitlines():
        block = _block_of(line, block)
        found = LINE.fullmatch(line)
        if found and (value := left.pop((block, found["key"]), None)) is not None:
            line = _line(found, value)  # noqa: PLW2901 -- the line as it is from now on
        lines.append(line)
    if missing := [f"[{where}] {key}" for (where, key), value in left.items() if value]:
        raise PlaybookError(
            f"{name} has no line for {', '.join(missing)}.",
            line=0,
            remedy="Write it in by hand, as the shipped playbook has it.",
        )
    return "\n".join(lines) + "\n"


def _block_of(line: str, before: str) -> str:
    if found := HEAD.match(line):
        return found[1]
    return "[[" if line.startswith("[[") else before


def _line(found: re.Match[str], value: str) -> str:
    if not value:
        return found[0] if found["off"] else f"# {found[0]}"
    # What JSON writes of a text is a text of TOML, too.
    return f"{found['key']}{found['is']}{json.dumps(value, ensure_ascii=False)}{found['rest']}"
