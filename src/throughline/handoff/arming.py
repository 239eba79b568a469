"""What handoffs have armed, told to the floor below: pages and checks there ask it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from throughline.budgets.actions.arming import Armed, keep_armed
from throughline.budgets.models import Arming
from throughline.budgets.words import Way
from throughline.handoff.models import Outcome
from throughline.infrastructure.models import CloudAccount

KIND: Final = "aws.budget:"


def keep_armings(*, by: str, at: datetime) -> list[Arming]:
    """Keep which accounts AWS watches, as the last looks saw it; three queries if that is no news.

    What was never seen says nothing: that is not the same as not armed.
    """
    rows = Outcome.objects.filter(key__startswith=KIND).only(
        "key", "engagement_id", "wanted", "seen", "receipt"
    )
    seen = [one for one in rows if one.seen is not None or one.receipt is not None]
    return keep_armed(list(_armed(seen)), by=by, at=at) if seen else []


def _armed(rows: list[Outcome]) -> Iterator[Armed]:
    numbers = {_account_of(one) for one in rows}
    accounts = dict(
        CloudAccount.objects.filter(provider="aws", identifier__in=numbers).values_list(
            "identifier", "pk"
        )
    )
    for one in rows:
        account = accounts.get(_account_of(one))
        if account is not None:
            to = (one.seen or {}).get("to") or ""
            yield Armed(
                one.engagement_id, account, Way.AWS, str(one.wanted["budget"]),
                str(one.wanted["to"]), is_armed=bool(to) and to == one.wanted["to"],
                receipt=str((one.receipt or {}).get("id", "")),
            )  # fmt: skip


def _account_of(outcome: Outcome) -> str:
    return outcome.key.split(":")[2]
