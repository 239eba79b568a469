"""Reads plain TOML values into dataclasses: the classes say which keys there are, and of what kind."""

import dataclasses
import types
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from throughline.playbook.lines import Path
from throughline.playbook.registry import did_you_mean
from throughline.playbook.source import Source

KINDS: dict[type, str] = {
    str: "text in quotation marks",
    int: "a whole number",
    bool: "true or false",
    Decimal: "a number",
    list: "a list in [square brackets]",
    dict: "a table of keys",
}


def read(shape: Any, raw: Any, *, at: Path, source: Source, signed: bool = False) -> Any:
    """Return a TOML value as the type `shape`; negative numbers only where `signed`.

    Raises:
        PlaybookError: a key is unknown or missing, or a value is not what it should be.
    """
    if dataclasses.is_dataclass(shape):
        return _read_table(shape, raw, at, source)
    origin = get_origin(shape)
    if origin is Literal:
        return _read_choice(get_args(shape), raw, at, source)
    if origin is types.UnionType:  # a key that may be left out: TOML has no null
        return read(get_args(shape)[0], raw, at=at, source=source, signed=signed)
    if origin is tuple:
        return _read_many(get_args(shape)[0], raw, at, source)
    return _read_plain(shape, raw, at, source, signed)


def _read_table(shape: Any, raw: Any, at: Path, source: Source) -> Any:
    _check_kind(dict, raw, at, source)
    fields = {field.name: field for field in dataclasses.fields(shape)}
    for key in raw:
        if key not in fields:
            source.refuse(
                (*at, key),
                f"{key!r} is not a key of {_described(at)}.",
                remedy=did_you_mean(key, fields),
            )
    for name, field in fields.items():
        if name not in raw and field.default is dataclasses.MISSING:
            source.refuse(
                at, f"{_described(at)} lacks the key {name!r}.", remedy=f"Add: {name} = …"
            )
    hints = _hints(shape)
    return shape(
        **{
            key: read(
                hints[key],
                value,
                at=(*at, key),
                source=source,
                signed=fields[key].metadata.get("signed", False),
            )
            for key, value in raw.items()
        }
    )


def _read_many(item: Any, raw: Any, at: Path, source: Source) -> tuple[Any, ...]:
    """Read a list; or, where the items are pairs, a table whose keys are for its author to choose."""
    if get_origin(item) is tuple and Ellipsis not in get_args(item):
        _check_kind(dict, raw, at, source)
        _key, value = get_args(item)
        return tuple(
            (key, read(value, found, at=(*at, key), source=source)) for key, found in raw.items()
        )
    _check_kind(list, raw, at, source)
    return tuple(
        read(item, found, at=(*at, index), source=source) for index, found in enumerate(raw)
    )


def _read_choice(choices: tuple[str, ...], raw: Any, at: Path, source: Source) -> str:
    _check_kind(str, raw, at, source)
    if raw not in choices:
        source.refuse(
            at,
            f"{_named(at)} is {raw!r}, which means nothing here.",
            remedy=f"Use one of: {', '.join(choice for choice in choices if choice)}.",
        )
    return str(raw)


def _read_plain(shape: type, raw: Any, at: Path, source: Source, signed: bool) -> Any:  # noqa: FBT001 -- one of a table of readers
    is_whole_amount = shape is Decimal and type(raw) is int
    value = Decimal(raw) if is_whole_amount else raw
    _check_kind(shape, value, at, source)
    if isinstance(value, str) and not value.strip():
        source.refuse(at, f"{_named(at)} is empty.", remedy="Fill it in, or take the key out.")
    if isinstance(value, Decimal) and not value.is_finite():
        source.refuse(at, f"{_named(at)} is not a number.", remedy="Write digits, such as 2.50.")
    if isinstance(value, (int, Decimal)) and value < 0 and not signed:
        source.refuse(
            at, f"{_named(at)} is {value}: it cannot be negative.", remedy="Write 0 or more."
        )
    return value


def _check_kind(kind: type, raw: Any, at: Path, source: Source) -> None:
    if type(raw) is not kind:  # not isinstance: to Python, True is a whole number
        source.refuse(
            at,
            f"{_named(at)} should be {KINDS[kind]}, and is {KINDS.get(type(raw), 'something else')}.",
            remedy=f"Write {KINDS[kind]}.",
        )


def _named(at: Path) -> str:
    last = at[-1] if at else ""
    return _described(at) if isinstance(last, int) or not at else repr(last)


def _described(at: Path) -> str:
    names = ".".join(part for part in at if isinstance(part, str))
    if not names:
        return "the playbook"
    return f"an entry of {names!r}" if isinstance(at[-1], int) else repr(names)


@cache
def _hints(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)
