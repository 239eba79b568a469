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


def _taken(facts: Facts) -> str:
    before = facts.get("before")
    return "Sees to the alert now" + (f", in place of {before}" if before else "")


BUDGETS: Final[dict[str, tuple[str, Say]]] = {
    "budgets.account.armed": ("check", _armed),
    "budgets.alert.acknowledged": ("eye", "The alert was acknowledged"),
    "budgets.alert.champion_told": ("outbox", "The community's champion was written to"),
    "budgets.alert.credit_asked": ("document", "The Sponsor was asked for a credit"),
    "budgets.alert.decided": ("check", "Decided about the alert: {decision}, because {why}"),
    "budgets.alert.explained": ("info", "The cause of the costs: {cause}"),
    "budgets.alert.matched": ("link", "The alert is about engagement {engagement}"),
    "budgets.alert.opened": ("warning", "An alert came in about {about} in {month}"),
    "budgets.alert.reopened": ("back", "Something new was told, and the alert is open again"),
    "budgets.alert.taken": ("person", _taken),
    "budgets.word.kept": ("outbox", "An alert came in by {source}, and was kept whole"),
    "budgets.word.unreadable": ("warning", "What came in by {source} cannot be read"),
    "budgets.word.settled": ("check", "Somebody saw to what could not be read: {why}"),
    "budgets.words.forgotten": ("info", "{count} old texts that told nothing new were deleted"),
}
