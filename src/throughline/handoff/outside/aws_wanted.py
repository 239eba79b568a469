"""What must be true at AWS of an engagement: a budget on each account that we pay for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from throughline.budgets.accounts import AWS, Place, support_address, support_slug
from throughline.connectors.aws.shapes import Budget, Threshold
from throughline.delivery.models import Engagement
from throughline.handoff.outcomes.budgets import ours, waits_of
from throughline.handoff.wanted import Seen
from throughline.kernel.money import shown
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts

NAME: Final = "aws"
# A hub that runs on after the agreement's end goes on spending, and AWS drops a budget at its end.
BEYOND: Final = timedelta(days=366)
MONTHLY, POT = "monthly", "pot"


@dataclass(frozen=True, slots=True)
class BudgetStands:
    """An account has this budget, and it tells our address of each of these thresholds."""

    number: int
    account: str
    kind: str  # "monthly" or "pot"
    budget: Budget
    thresholds: tuple[Threshold, ...]
    to: str
    held: str = ""  # what a person has to do first
    system: str = NAME
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"aws.budget:{self.number}:{self.account}:{self.kind}"

    @property
    def summary(self) -> str:
        return f"AWS budget {self.budget.name} on {self.account}, which tells {self.to or 'nobody'}"

    @property
    def wanted(self) -> Seen:
        return said(self.account, self.budget, self.thresholds, self.to)

    def waits_for(self) -> str:
        return self.held


def said(account: str, budget: Budget, thresholds: Iterable[Threshold], to: str) -> Seen:
    """Return a budget in words, as it is wanted or was seen."""
    return {
        "account": account,
        "budget": budget.name,
        "amount": _amount(budget),
        "from": budget.first.isoformat() if budget.first else None,
        "until": budget.last.isoformat() if budget.last else None,
        "alerts": [_threshold(one) for one in sorted(thresholds)],
        "to": to,
    }


def _amount(budget: Budget) -> str:
    if budget.months_back:
        return f"adjusts itself: the mean of {budget.months_back} months"
    return f"{shown(budget.limit)} {budget.currency}"


def _threshold(one: Threshold) -> str:
    return f"{'forecast' if one.spend == 'FORECASTED' else 'spent'} above {one.percent:g} %"


def wanted_of_aws(
    engagement: Engagement, _facts: DealFacts, playbook: Playbook
) -> Iterator[BudgetStands]:
    """Yield the budgets of the AWS accounts that we pay for.

    One adjusts itself to the months before; another is for the ceiling or pot, where that is the
    account's alone.
    """
    to, slug = support_address(engagement, playbook), support_slug(engagement)
    for place in ours(engagement):
        if place.provider == AWS:
            yield _monthly(place, slug, to, playbook)
            if place.watches_ceiling:
                yield _pot(place, slug, to, playbook)


def _monthly(place: Place, slug: str, to: str, playbook: Playbook) -> BudgetStands:
    rule = playbook.budgets
    budget = Budget(f"community-{slug}-monthly", months_back=rule.history_months)
    above = (Threshold("FORECASTED", float(rule.forecast_above_pct)),)
    return _stands(place, MONTHLY, budget, above, to)


def _pot(place: Place, slug: str, to: str, playbook: Playbook) -> BudgetStands:
    ceiling, number = place.ceiling, place.engagement.pk
    if ceiling is None or ceiling.last is None:  # pragma: no cover -- `watches_ceiling` says so
        raise ValueError("nothing to watch")
    budget = Budget(
        f"community-{slug}-{ceiling.word}-{number}", limit=ceiling.amount,
        currency=ceiling.currency, first=ceiling.first or place.engagement.deal.created_at.date(),
        last=ceiling.last + BEYOND,
    )  # fmt: skip
    steps = tuple(Threshold("ACTUAL", float(one)) for one in playbook.budgets.ceiling_steps_pct)
    return _stands(place, POT, budget, steps, to)


def _stands(
    place: Place, kind: str, budget: Budget, thresholds: Sequence[Threshold], to: str
) -> BudgetStands:
    return BudgetStands(
        place.engagement.pk, place.name, kind, budget, tuple(thresholds), to,
        waits_of(place.account, to),
    )  # fmt: skip
