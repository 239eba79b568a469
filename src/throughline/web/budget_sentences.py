"""Sentences of the journal about budgets and alerts. None says an amount."""

from collections.abc import Callable
from typing import Final

from throughline.web.phrases import Facts

Say = str | Callable[[Facts], str]


def _armed(facts: Facts) -> str:
    stands = "is watched now" if facts.get("armed") else "is not watched any more"
    return (
        f"The account {facts.get('account', 'of the engagement')} {stands}: {facts.get('budget')}"
    )


BUDGETS: Final[dict[str, tuple[str, Say]]] = {
    "budgets.account.armed": ("check", _armed),
}
