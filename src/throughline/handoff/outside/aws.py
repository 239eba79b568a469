"""Budgets as outcomes: looked at by name, made in one send, and put right call by call.

A budget's name is unique in its account, so it is what a repeat finds; one that AWS does not show
yet is a duplicate to it, and nothing is doubled. What people add to a budget, stays.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from throughline.connectors.aws.refusals import AccessDenied, Duplicate
from throughline.connectors.aws.shapes import Budget, Threshold
from throughline.connectors.http import AnswerLost
from throughline.handoff.outcomes.budgets import MAKE
from throughline.handoff.outside.aws_wanted import NAME, BudgetStands, said
from throughline.handoff.systems import Done, Failure
from throughline.handoff.wanted import Change, Doing, Seen, WaitsForPerson, Wanted, bare
from throughline.handoff.words import Verb
from throughline.kernel.errors import Permanent

if TYPE_CHECKING:
    from throughline.connectors.aws.budgets import Budgets

NOBODYS = "throughline-looks"  # no budget is called so: asking for it shows whether we may ask
SETTLING = timedelta(seconds=60)
CONSOLE = "https://us-east-1.console.aws.amazon.com/costmanagement/home#/budgets"
Told = Mapping[Threshold, frozenset[str]]


class AwsBudgets:
    """The budgets of linked accounts during one pass."""

    name = NAME
    settling = SETTLING
    batch = 1
    look = 3  # the budget, what it tells, and whom; one more for each further threshold

    def __init__(self, budgets: "Budgets") -> None:
        self._budgets = budgets
        self._ours: dict[str, BudgetStands] = {}
        self._denied: dict[str, WaitsForPerson] = {}  # by account: asked once is enough

    def calls(self) -> int:
        """Return how many requests were sent."""
        return self._budgets.calls

    def observe(self, wanted: Sequence[Wanted]) -> Mapping[str, Seen | Failure]:
        """Return the budgets of these names. An account that refuses stops its own alone.

        Raises:
            Transient: AWS is down or asks to wait; nothing is known.
        """
        found: dict[str, Seen | Failure] = {}
        for one in wanted:
            stands = bare(one)
            if not isinstance(stands, BudgetStands):  # pragma: no cover -- ours alone come here
                continue
            self._ours[stands.key] = stands
            if stands.held:
                continue
            if (seen := self._look(stands)) is not None:
                found[stands.key] = seen
        return found

    def reach(self, account: str) -> None:
        """Ask an account for a budget that nobody makes, as handoffs would ask. It reads only.

        Raises:
            WaitsForPerson: AWS does not let us in, with what to mend.
            Transient: AWS is down or asks to wait.
        """
        try:
            self._budgets.find(account, NOBODYS)
        except AccessDenied as error:
            denied = _not_let_in(account, error)
            raise denied from error
        except Permanent as error:
            raise WaitsForPerson(
                f"AWS refuses to be read in account {account}. ({error})"
            ) from error

    def receipt(self, outcome: str) -> Seen | None:
        """Return the receipt of what was found for an outcome."""
        return _receipt(self._ours[outcome]) if outcome in self._ours else None

    def _look(self, stands: BudgetStands) -> Seen | Failure | None:
        if stands.account in self._denied:
            return self._denied[stands.account]
        try:
            budget = self._budgets.find(stands.account, stands.budget.name)
            if budget is None:
                return None
            told = self._budgets.thresholds(stands.account, stands.budget.name)
        except Permanent as error:
            return self._waits(stands, error)
        return _seen(stands, budget, told)

    def act(self, changes: Sequence[Change], _doing: Doing) -> Mapping[str, Done | Failure]:
        """Make one budget what it should be.

        Raises:
            AnswerLost: sent, and no answer came.
            Transient: AWS asks to wait; what is right already, stays.
        """
        (change,) = changes
        stands = self._ours[change.outcome]
        try:
            self._make(stands) if change.verb == Verb.CREATE else self._put_right(stands)
        except Permanent as error:
            return {change.outcome: self._waits(stands, error)}
        return {change.outcome: Done(_receipt(stands), stands.wanted)}

    def _make(self, stands: BudgetStands) -> None:
        try:
            self._budgets.create(stands.account, stands.budget, stands.thresholds, to=stands.to)
        except Duplicate:
            self._put_right(stands)

    def _put_right(self, stands: BudgetStands) -> None:
        """Send what differs: the budget itself, then each threshold that does not tell us.

        Raises:
            AnswerLost: AWS has it and does not show it yet.
        """
        account, name = stands.account, stands.budget.name
        budget = self._budgets.find(account, name)
        if budget is None:
            raise AnswerLost(f"AWS has a budget {name} and does not show it yet: look again.")
        if budget != stands.budget:
            self._budgets.update(account, stands.budget)
        told = self._budgets.thresholds(account, name)
        for one in stands.thresholds:
            if one not in told:
                self._budgets.tell(account, name, one, to=stands.to)
            elif stands.to not in told[one]:
                self._budgets.subscribe(account, name, one, to=stands.to)

    def _waits(self, stands: BudgetStands, error: Permanent) -> WaitsForPerson:
        """Return what a person has to mend, in words; AWS's own come last."""
        if isinstance(error, AccessDenied):
            waits = _not_let_in(stands.account, error)
            self._denied[stands.account] = waits
            return waits
        return WaitsForPerson(
            f"AWS refuses the budget {stands.budget.name} of account {stands.account}: mend what it"
            f" names, then apply again. ({error})"
        )


def _not_let_in(account: str, error: AccessDenied) -> WaitsForPerson:
    role = settings.AWS_ROLE or "our keys"
    return WaitsForPerson(
        f"AWS does not let {role} see to the budgets of account {account}: let it be assumed by us"
        " there, with budgets:ViewBudget and budgets:ModifyBudget, or correct THROUGHLINE_AWS_ROLE"
        f" and the keys. ({error})"
    )


def _seen(stands: BudgetStands, budget: Budget, told: Told) -> Seen:
    """Return of a budget what is ours to say: of what it tells, that which tells us."""
    ours = [one for one in stands.thresholds if stands.to in told.get(one, frozenset())]
    return said(stands.account, budget, ours, stands.to if ours else "")


def _receipt(stands: BudgetStands) -> Seen:
    name = stands.budget.name
    return {"id": f"arn:aws:budgets::{stands.account}:budget/{name}", "address": CONSOLE}


def connect_aws() -> AwsBudgets | None:
    """Return the budgets that the settings let us make; None where AWS is not asked."""
    if settings.AWS_BUDGETS != MAKE:
        return None
    from throughline.connectors.aws.budgets import WayIn, connect  # noqa: PLC0415 -- slow import

    return AwsBudgets(
        connect(
            WayIn(
                settings.AWS_KEY_ID, settings.AWS_SECRET, settings.AWS_ROLE, settings.AWS_URL,
                settings.AWS_STS_URL,
            )
        )
    )  # fmt: skip
