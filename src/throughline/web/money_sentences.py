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
    "billing.workbook.replaced": (
        "document",
        "The workbook was brought back rearranged: {name}; the one before it is kept",
    ),
    "billing.month.reopened": ("back", "{month} is open again: {because}"),
    "billing.month.reviewed": ("eye", "{month} was reviewed"),
    "billing.month.sent": (
        "mail",
        lambda f: f"{f.get('month')} was sent; {f.get('reviewed_by')} had reviewed it",
    ),
    "billing.month.closed": ("lock", "{month} is closed"),
    "billing.invoice.entered": ("check", "Invoice {number} was entered as {receipt}"),
    "billing.customer.numbered": ("person", "The Sponsor keeps {buyer} as {number}"),
    "billing.account.assigned": (
        "link",
        lambda f: (
            f"The account {f.get('account')} is for {f.get('cluster') or 'ourselves'}"
            f"{tail(', because ', f.get('why'))}"
        ),
    ),
    "billing.name.assigned": ("link", "“{name}” means the cluster {cluster}"),
    "billing.split.set": (
        "drift",
        "The account {account} is split by version {version} from {from_month}",
    ),
    "billing.entry.corrected": (
        "hand",
        lambda f: (
            f"A {f.get('kind')} was booked in {f.get('month')}, of {f.get('of_month')}:"
            f" {f.get('why')}"
        ),
    ),
    "billing.cost.borne": ("hand", "We bear a cost of {month}: {why}"),
}
