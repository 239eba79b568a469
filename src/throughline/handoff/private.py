"""What of outcomes those may read who see no money."""

from typing import Any, Final

from throughline.billing.columns import CODES, MONEY, PAID_BY_US
from throughline.handoff.wanted import Seen
from throughline.kernel.money import HIDDEN, without_amounts

MONTH: Final = ".month"  # how the kind of a key ends whose cells are numbers without a currency
_COLUMNS: Final = frozenset(
    name for code, name in zip(CODES, PAID_BY_US, strict=True) if code in MONEY
)
_TELLS: Final = "It tells amounts: ask somebody who may see them."


def fields_for(key: str, fields: Seen | None, *, sees_money: bool) -> Seen | None:
    """Return the fields of an outcome as a person may read them: all of them, without amounts."""
    if sees_money or fields is None:
        return fields
    return {name: value_for(key, name, value, sees_money=False) for name, value in fields.items()}


def value_for(key: str, name: str, value: Any, *, sees_money: bool) -> Any:
    """Return one value of an outcome as a person may read it."""
    if sees_money:
        return value
    if _is_month(key) and name in _COLUMNS:
        return None if value is None else HIDDEN
    return _bare(value)


def text_for(key: str, text: str, *, sees_money: bool) -> str:
    """Return what is said about an outcome as a person may read it."""
    if sees_money:
        return text
    if _is_month(key) and any(name in text for name in _COLUMNS):
        return _TELLS
    return without_amounts(text)


def _is_month(key: str) -> bool:
    return key.partition(":")[0].endswith(MONTH)


def _bare(value: Any) -> Any:
    if isinstance(value, str):
        return without_amounts(value)
    if isinstance(value, dict):
        return {name: _bare(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(part) for part in value]
    return value
