"""An engagement on one cluster with costs in the ledger, and both homes of its columns."""

from typing import Any

from tests.billing.bills import APRIL, MAY, book, count_mau, source
from tests.factories import NOON, PS
from tests.handoff.world import SetClock, fresh
from throughline.delivery.models import Engagement
from throughline.handoff.actions.drifting import restore_outcome
from throughline.handoff.models import Outcome
from throughline.handoff.passes import continue_handoff
from throughline.handoff.wanted import Doing
from throughline.playbook.loader import shipped

ACCOUNT = "012345678901"
MONTHS = {"2026-04": APRIL, "2026-05": MAY}


def bill(cost: str, *, month=APRIL, users: int | None = None) -> None:
    """Book what a month cost, and how many used the hub."""
    book({ACCOUNT: cost}, month=month, file=source())
    if users is not None:
        count_mau({"maple": users}, month=month)


def go_on(engagement: Engagement, at=NOON) -> list[Outcome]:
    """Do what a worker does, whom nobody has asked."""
    doing = Doing("worker", at, SetClock(at))
    return continue_handoff(fresh(engagement), playbook=shipped(), holder="worker", doing=doing)


def restore(key: str, at=NOON) -> Outcome:
    doing = Doing(PS, at, SetClock(at))
    return restore_outcome(key, playbook=shipped(), holder="worker", doing=doing)


def billing(outcomes: list[Outcome], system: str) -> dict[str, str]:
    """Return how the billing outcomes of a system stand, by the end of their keys."""
    return {
        one.key.partition(":")[2].partition(":")[2]: str(one.state)
        for one in outcomes
        if one.system == system
    }


def wanted_of(key: str) -> dict[str, Any]:
    return dict(Outcome.objects.get(key=key).wanted)
