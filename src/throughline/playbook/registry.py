"""Codes that rooms register: the playbook names them, the room that knows how provides them."""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from throughline.kernel.errors import Permanent, Refused

Provided = TypeVar("Provided", bound=Callable[..., Any])


class RegisteredTwice(Permanent):
    """Two functions claim one code: the code must change, not the data."""


class UnknownCode(Refused):
    """A code that nobody registered or defined."""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return a remedy: the nearest known word, or the words that may be used."""
    words = sorted(known)
    if near := get_close_matches(wrong, words, n=1):
        return f"Did you mean {near[0]!r}?"
    return f"Use one of: {', '.join(words)}." if words else ""


class Registry(Generic[Provided]):
    """Functions by code. A room registers its own when it is imported, and each code once."""

    def __init__(self, what: str) -> None:
        """Start empty; `what` names one entry in messages, such as "condition"."""
        self.what = what
        self._provided: dict[str, Provided] = {}

    def register(self, code: str) -> Callable[[Provided], Provided]:
        """Return a decorator that registers a function under a code and leaves it as it is."""

        def keep(function: Provided) -> Provided:
            if code in self._provided:
                first = self._provided[code]
                raise RegisteredTwice(
                    f"The {self.what} {code!r} is registered twice: by {_name(first)} and by"
                    f" {_name(function)}. Give one of them another code."
                )
            self._provided[code] = function
            return function

        return keep

    def get(self, code: str) -> Provided:
        """Return the function of a code.

        Raises:
            UnknownCode: nobody registered it.
        """
        if code not in self._provided:
            raise UnknownCode(
                f"Nobody knows the {self.what} {code!r}.",
                remedy=did_you_mean(code, self._provided),
            )
        return self._provided[code]

    def codes(self) -> frozenset[str]:
        """Return every registered code."""
        return frozenset(self._provided)

    def __contains__(self, code: object) -> bool:
        return code in self._provided

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._provided))

    def __len__(self) -> int:
        return len(self._provided)


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{getattr(function, '__qualname__', repr(function))}"
