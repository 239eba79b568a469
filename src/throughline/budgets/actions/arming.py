"""Who watches which account: what a handoff made, and what Throughline computes by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from throughline.budgets.accounts import places_of, support_address
from throughline.budgets.models import Arming
from throughline.budgets.words import Way
from throughline.delivery.models import Engagement
from throughline.infrastructure.models import CloudAccount
from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class Armed:
    """How an account stands in one way."""

    engagement: int
    account: int
    way: Way
    name: str
    to: str
    is_armed: bool
    receipt: str = ""

    @property
    def key(self) -> tuple[int, int, str, str]:
        """What names it."""
        return (self.engagement, self.account, self.way.value, self.name)


def keep_armed(found: Sequence[Armed], *, by: str, at: datetime) -> list[Arming]:
    """Keep how accounts stand, and return what is news; two queries where nothing is."""
    standing = {
        (one.engagement_id, one.account_id, one.way, one.name): one
        for one in Arming.objects.filter(way__in={one.way for one in found})
    }
    news = [one for one in found if _is_news(standing.get(one.key), one)]
    return [_keep(one, by=by, at=at) for one in news]


def _is_news(before: Arming | None, one: Armed) -> bool:
    return before is None or (before.to, before.is_armed, before.receipt) != (
        one.to, one.is_armed, one.receipt,
    )  # fmt: skip


@transaction.atomic
def _keep(one: Armed, *, by: str, at: datetime) -> Arming:
    engagement = Engagement.objects.select_for_update().get(pk=one.engagement)
    kept, created = Arming.objects.get_or_create(
        engagement=engagement, account_id=one.account, way=one.way, name=one.name,
        defaults={"to": one.to, "is_armed": one.is_armed, "receipt": one.receipt, "since": at},
    )  # fmt: skip
    was_armed = None if created else kept.is_armed
    if not created:
        kept.since = kept.since if kept.is_armed == one.is_armed else at
        kept.to, kept.is_armed, kept.receipt = one.to, one.is_armed, one.receipt
        kept.save(update_fields=["to", "is_armed", "receipt", "since"])
    if was_armed != one.is_armed:
        account = kept.account
        record(
            "budgets.account.armed", engagement, by=by, at=at, account=str(account), way=one.way,
            budget=one.name, armed=one.is_armed,
        )  # fmt: skip
    return kept


def note_looked(numbers: Iterable[int], *, at: datetime) -> None:
    """Note that the costs of what is watched here were looked at."""
    Arming.objects.filter(pk__in=list(numbers)).update(looked_at=at)


def watch_here(
    engagement: Engagement, account: CloudAccount, name: str, *, to: str, by: str, at: datetime
) -> Arming:
    """Have Throughline watch what an account costs, and tell an address."""
    return _keep(
        Armed(engagement.pk, account.pk, Way.COMPUTED, name, to, is_armed=True), by=by, at=at
    )


def watch_by_hand(
    engagement: Engagement, identifier: str, *, playbook: Playbook, by: str, at: datetime
) -> Arming:
    """Have an account watched here that need not be: the community pays, and wants to know (E15).

    Raises:
        Refused: the engagement does not run in such an account, or nobody could be told.
    """
    on = day_in_zone(at, playbook.organisation.zone)
    places = [one for one in places_of([engagement], on=on) if one.account]
    known = {one.name: one.account for one in places}
    account = known.get(identifier.strip())
    if account is None:
        raise Refused(
            f"{engagement.deal.name} does not run in an account {identifier!r}.",
            remedy=f"Use one of: {', '.join(known) or 'none is known; import its cluster file'}.",
        )
    to = support_address(engagement, playbook)
    if not to:
        raise Refused(
            "Nobody could be told: the community has no id.",
            remedy="Reserve its community_id first.",
        )
    return watch_here(engagement, account, "month", to=to, by=by, at=at)
