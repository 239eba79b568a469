"""What alerts tell becomes tickets: one for an account and a month, however many thresholds."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from throughline.budgets.matching import Match
from throughline.budgets.models import Alert, Crossing, Received
from throughline.budgets.told import Told
from throughline.budgets.words import AlertState, Source
from throughline.journal.actions import record


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one thing that was told."""

    alert: Alert
    crossing: Crossing
    is_new: bool  # the threshold was not told of before


@transaction.atomic
def hear(told: Told, match: Match, *, received: Received | None, by: str, at: datetime) -> Heard:
    """Keep what an alert tells; told again, by whatever way, it is the same threshold.

    Something new about an account opens its ticket of the month again, if that was decided.
    """
    alert = _alert(told, match, by=by, at=at)
    crossing, is_new = Crossing.objects.get_or_create(
        key=_crossing_key(told, match),
        defaults={
            "alert": alert, "received": received, "source": told.source,
            "budget": told.budget[:200], "spend": told.spend, "threshold": told.threshold[:60],
            "amount": told.amount, "limit": told.limit, "currency": told.currency[:3],
            "first_at": told.at, "last_at": told.at,
        },
    )  # fmt: skip
    if is_new:
        _note_news(alert, told, by=by, at=at)
    else:
        _again(crossing, told)
    return Heard(crossing.alert if not is_new else alert, crossing, is_new)


def _alert(told: Told, match: Match, *, by: str, at: datetime) -> Alert:
    about = str(match.account) if match.account else told.budget
    alert, created = Alert.objects.get_or_create(
        key=_alert_key(told, match),
        defaults={
            "account": match.account, "engagement": match.engagement, "about": about[:200],
            "month": told.month, "opened_at": at, "last_at": at,
        },
    )  # fmt: skip
    if created:
        record("budgets.alert.opened", alert, by=by, at=at, about=about, month=told.month)
    return Alert.objects.select_for_update().get(pk=alert.pk)


def _alert_key(told: Told, match: Match) -> str:
    whose = f":{match.engagement.pk}" if match.engagement else ""
    if match.account:
        return f"{match.account.provider}:{match.account.identifier}{whose}:{told.month}"
    return f"budget:{told.provider}:{told.budget[:120]}{whose}:{told.month}"


def _crossing_key(told: Told, match: Match) -> str:
    """Return what makes it the same threshold: of one budget and period, however it came in."""
    if told.source == Source.COMPUTED:  # its series says all; a forecast that comes true is no news
        return f"computed:{told.series}:{told.threshold}"
    where = match.account.identifier if match.account else ""
    period = told.series or told.month
    said = " ".join(told.threshold.split())
    return f"{told.provider}:{where}:{told.budget[:100]}:{period[:60]}:{told.spend}:{said[:40]}"


def _note_news(alert: Alert, told: Told, *, by: str, at: datetime) -> None:
    was_decided = alert.state == AlertState.DECIDED
    if was_decided:
        alert.state = AlertState.OPEN
        alert.decision, alert.decision_why = "", ""
        alert.decided_by, alert.decided_at = "", None
        alert.acknowledged_by, alert.acknowledged_at = "", None
        record("budgets.alert.reopened", alert, by=by, at=at, budget=told.budget)
    alert.last_at = at
    alert.save()


def _again(crossing: Crossing, told: Told) -> None:
    crossing.times += 1
    crossing.last_at = max(crossing.last_at, told.at)
    if told.at >= crossing.last_at and told.amount is not None:
        crossing.amount = told.amount
    crossing.save(update_fields=["times", "last_at", "amount"])
