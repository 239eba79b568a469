"""Every account of every engagement beside its agreement, and alerts, as pages and commands have them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from throughline.budgets.accounts import support_address
from throughline.budgets.models import Alert, Arming, Crossing
from throughline.budgets.spending import Burn, burns_of, known_burns
from throughline.budgets.words import Source, Way
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.queries import engagements
from throughline.infrastructure.words import Payer
from throughline.kernel.looking import sought
from throughline.kernel.money import shown
from throughline.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One account of one engagement: how it stands, and how it is watched."""

    burn: Burn
    armings: tuple[Arming, ...]
    by_file: bool | None  # what Terraform's files say of the budget; None: nothing
    tested_at: datetime | None  # when a provider last told something of the account
    to: str  # who is to be told
    waiting: int  # alerts of the account that nobody has decided about

    @property
    def is_armed(self) -> bool | None:
        """Whether it is watched; None where nothing says either way."""
        if any(one.is_armed for one in self.armings) or self.by_file:
            return True
        return False if self.armings or self.by_file is False else None

    @property
    def ways(self) -> list[str]:
        """How it is watched, in words."""
        found = [Way(one.way).label for one in self.armings if one.is_armed]
        return list(dict.fromkeys(found + ([Way.TERRAFORM.label] if self.by_file else [])))

    @property
    def is_violation(self) -> bool:
        """Whether we pay for it, and nothing watches it."""
        return self.burn.place.is_ours and not self.is_armed

    @property
    def policy(self) -> str:
        """What is asked of the account."""
        payer = self.burn.place.payer
        if payer == Payer.US:
            return "We pay: must be watched"
        return (
            "Community pays: may be watched" if payer == Payer.COMMUNITY else "Who pays is unknown"
        )


def engagements_with_accounts(text: str = "") -> QuerySet[Engagement]:
    """Return the engagements that run anywhere, those whose names hold a text."""
    served = EngagementCluster.objects.filter(engagement=OuterRef("pk"))
    found = engagements().filter(Exists(served))
    if text := sought(text):
        in_account = served.filter(cluster__account__identifier__icontains=text)
        found = found.filter(
            Q(deal__name__icontains=text)
            | Q(deal__community__short_name__icontains=text)
            | Exists(in_account)
        )
    return found


def lines_of(
    found: Iterable[Engagement],
    *,
    on: date,
    playbook: Playbook,
    as_known: bool = False,
) -> list[BudgetLine]:
    """Return the accounts of engagements, violations first; a constant number of queries.

    As known: costs as they are remembered until something is done about them, for pages.
    """
    listed = list(found)
    burns = (known_burns if as_known else burns_of)(listed, on=on, playbook=playbook)
    armings: dict[tuple[int, int], list[Arming]] = {}
    for one in Arming.objects.filter(engagement__in=listed).order_by("way", "name"):
        armings.setdefault((one.engagement_id, one.account_id), []).append(one)
    accounts = {burn.place.account.pk for burn in burns if burn.place.account}
    tested = _tested(accounts)
    waiting = _waiting(accounts)
    lines = [_line(burn, armings, tested, waiting, playbook) for burn in burns]
    return sorted(lines, key=lambda one: (not one.is_violation, not one.burn.runs_out_early))


def _line(
    burn: Burn,
    armings: dict[tuple[int, int], list[Arming]],
    tested: dict[int | None, datetime],
    waiting: dict[int, int],
    playbook: Playbook,
) -> BudgetLine:
    place = burn.place
    pk = place.account.pk if place.account else 0
    said = {one.budget_alert for one in place.clusters}
    return BudgetLine(
        burn=burn,
        armings=tuple(armings.get((place.engagement.pk, pk), ())),
        by_file=True if True in said else False if False in said else None,
        tested_at=tested.get(pk),
        to=support_address(place.engagement, playbook),
        waiting=waiting.get(pk, 0),
    )


def _tested(accounts: Iterable[int]) -> dict[int | None, datetime]:
    """Return when a provider itself told anything of each account last: the way is proved."""
    told = Crossing.objects.filter(alert__account__in=set(accounts)).exclude(source=Source.COMPUTED)
    return dict(told.values_list("alert__account").annotate(newest=Max("last_at")))


def _waiting(accounts: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    rows = Alert.objects.filter(account__in=set(accounts), decided_at=None)
    for pk in rows.values_list("account", flat=True):
        if pk is not None:
            found[pk] = found.get(pk, 0) + 1
    return found


def line_shape(line: BudgetLine) -> dict[str, Any]:
    """Return a line as JSON. Units: money in whole units of `currency`, with two decimals."""
    burn, place = line.burn, line.burn.place
    ceiling = place.ceiling
    return {
        "engagement": place.engagement.pk,
        "deal": place.engagement.deal.reference,
        "name": place.engagement.deal.name,
        "provider": place.provider,
        "account": place.account.identifier if place.account else None,
        "clusters": [one.name for one in place.clusters],
        "payer": place.payer.value,
        "policy": line.policy,
        "currency": burn.currency,
        "ceiling": shown(ceiling.amount) if ceiling else None,
        "ceiling_currency": ceiling.currency if ceiling else None,
        "prepaid": ceiling.is_pot if ceiling else None,
        "spent": shown(burn.spent),
        "spent_pct": burn.pct,
        "month": f"{burn.month:%Y-%m}",
        "forecast": shown(burn.forecast),
        "monthly_rate": shown(burn.rate),
        "runs_out_on": _iso(burn.runs_out_on),
        "ends_on": _iso(place.engagement.deal.end_on),
        "armed": line.is_armed,
        "ways": line.ways,
        "tested_at": line.tested_at.isoformat() if line.tested_at else None,
        "to": line.to or None,
        "violation": line.is_violation,
        "alerts_waiting": line.waiting,
        "as_of": burn.as_of.isoformat() if burn.as_of else None,
        "months": {f"{month:%Y-%m}": shown(burn.share[month]) for month in sorted(burn.share)},
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def alert_shape(alert: Alert) -> dict[str, Any]:
    """Return an alert as JSON; its crossings come prefetched. Units: as `line_shape`."""
    return {
        "number": alert.pk,
        "about": alert.about,
        "account": alert.account.identifier if alert.account else None,
        "engagement": alert.engagement_id,
        "month": alert.month,
        "state": alert.state,
        "owner": alert.owner or None,
        "acknowledged_by": alert.acknowledged_by or None,
        "cause": alert.cause or None,
        "decision": alert.decision or None,
        "decided_by": alert.decided_by or None,
        "why": alert.decision_why or None,
        "champion_told_at": alert.told_at.isoformat() if alert.told_at else None,
        "credit_asked_at": alert.credit_asked_at.isoformat() if alert.credit_asked_at else None,
        "opened_at": alert.opened_at.isoformat(),
        "last_at": alert.last_at.isoformat(),
        "crossings": [
            {
                "source": one.source,
                "budget": one.budget,
                "spend": one.spend,
                "threshold": one.threshold,
                "amount": shown(one.amount),
                "limit": shown(one.limit),
                "currency": one.currency,
                "first_at": one.first_at.isoformat(),
                "last_at": one.last_at.isoformat(),
                "times": one.times,
            }
            for one in alert.crossings.all()
        ],
    }
