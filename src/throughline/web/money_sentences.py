"""Sentences of the journal about bills, fees and months. None says an amount."""

from collections.abc import Callable
from typing import Final

from throughline.web.phrases import Facts, tail

Say = str | Callable[[Facts], str]


def _costs(facts: Facts) -> str:
    changes = facts.get("changes")
    changed = f"; {changes} amounts differ from an earlier file" if changes else ""
    provider = str(facts.get("provider", "")).upper()
    return f"A bill of {provider} came in for {facts.get('months')}: {facts.get('file')}{changed}"


def _counted(facts: Facts) -> str:
    users = facts.get("users")
    said = "not known" if users is None else users
    return (
        f"Active users of {facts.get('cluster')} in {facts.get('month')}: {said}"
        f"{tail(', ', facts.get('why'))}"
    )


MONEY: Final[dict[str, tuple[str, Say]]] = {
    "billing.costs.imported": ("document", _costs),
    "billing.users.imported": ("document", "Active users came in for {months}: {file}"),
    "billing.users.counted": ("person", _counted),
    "billing.month.reopened": ("back", "{month} is open again: {because}"),
}
