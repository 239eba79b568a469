"""Watched accounts where no provider can be asked: by Throughline itself, or by Terraform."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from throughline.budgets.accounts import AWS, Place, places_of, support_address
from throughline.budgets.actions.arming import watch_here
from throughline.budgets.models import Arming
from throughline.budgets.terraform import variables_for
from throughline.budgets.words import Way
from throughline.delivery.models import Engagement
from throughline.delivery.payers import EVENTUALLY
from throughline.handoff.wanted import Doing, Seen, WaitsForPerson, Wanted
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.playbook.model import Playbook

MONTH, CEILING = "month", "ceiling"
MAKE, TERRAFORM = "make", "terraform"
NO_ID = "Reserve the community's id first: alerts go to the address that carries it."
NO_ACCOUNT = (
    "Nobody knows which account it is: name it in the cluster's file, and import that again."
)


@dataclass(frozen=True, slots=True)
class AlertComputed:
    """Throughline watches what an account costs, by the imported costs, and sends the alert."""

    engagement: Engagement
    account: CloudAccount | None
    called: str
    name: str  # "month" or "ceiling"
    watches: str
    to: str
    system: str = "budgets"
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"budgets.computed:{self.engagement.pk}:{self.called}:{self.name}"

    @property
    def summary(self) -> str:
        return f"Throughline watches {self.called}: {self.watches}"

    @property
    def wanted(self) -> Seen:
        return {"account": self.called, "watches": self.watches, "to": self.to}

    def observe(self) -> Seen | None:
        """Return what is watched; what it is measured by is looked up each time."""
        found = Arming.objects.filter(
            engagement=self.engagement, account=self.account, way=Way.COMPUTED, name=self.name,
            is_armed=True,
        ).first()  # fmt: skip
        return None if found is None else self.wanted | {"to": found.to}

    def act(self, doing: Doing) -> Seen:
        if self.account is None:
            raise WaitsForPerson(NO_ACCOUNT)
        kept = watch_here(
            self.engagement, self.account, self.name, to=self.to, by=doing.by, at=doing.at
        )
        return {"id": f"watch {kept.pk}", "address": f"{settings.BASE_URL}/budgets/"}

    def waits_for(self) -> str:
        return waits_of(self.account, self.to)


@dataclass(frozen=True, slots=True)
class TerraformArms:
    """Terraform's variables arm the budget of an account: somebody writes them, and we check."""

    engagement: Engagement
    cluster: Cluster
    to: str
    system: str = "budgets"
    audience: str = "staff"

    @property
    def key(self) -> str:
        return f"budgets.terraform:{self.engagement.pk}:{self.cluster.name}"

    @property
    def summary(self) -> str:
        return f"{self.cluster.name}.tfvars arms the budget of {self.cluster.account}"

    @property
    def wanted(self) -> Seen:
        return {"file": f"{self.cluster.name}.tfvars", "armed": True}

    def observe(self) -> Seen | None:
        """Return what the file said when it was imported last; None where it was not."""
        armed = Cluster.objects.values_list("budget_alert", flat=True).get(pk=self.cluster.pk)
        return None if armed is None else self.wanted | {"armed": armed}

    def act(self, _doing: Doing) -> Seen:
        raise WaitsForPerson(self.waits_for())

    def waits_for(self) -> str:
        if not self.to:
            return NO_ID
        return (
            f"Terraform makes this budget: put this into {self.cluster.name}.tfvars, apply it, and"
            f" import the file: {variables_for(self.to)}"
        )


def waits_of(account: CloudAccount | None, to: str) -> str:
    """Return what a person has to do before an account can be watched; "" if nothing."""
    if account is None:
        return NO_ACCOUNT
    return "" if to else NO_ID


def budgets_of(engagement: Engagement, playbook: Playbook) -> Iterator[Wanted]:
    """Yield how the accounts that we pay for are watched here; where AWS is asked, no more."""
    return (
        one
        for place in ours(engagement)
        for one in _watched_here(place, support_address(engagement, playbook), playbook)
    )


def ours(engagement: Engagement) -> list[Place]:
    """Return the accounts of an engagement that we pay for (E15: for others nothing is wanted)."""
    return [one for one in places_of([engagement], on=EVENTUALLY) if one.is_ours]


def _watched_here(place: Place, to: str, playbook: Playbook) -> Iterable[Wanted]:
    is_aws = place.provider == AWS
    if not (is_aws and settings.AWS_BUDGETS in {MAKE, TERRAFORM}):
        rule = playbook.budgets
        watches = (
            f"each month, above {rule.forecast_above_pct} % of the mean of"
            f" {rule.history_months} months"
        )
        yield _computed(place, MONTH, watches, to)
    elif settings.AWS_BUDGETS == TERRAFORM:
        yield from (TerraformArms(place.engagement, one, to) for one in place.clusters)
    if place.ceiling and not (is_aws and settings.AWS_BUDGETS == MAKE and place.watches_ceiling):
        # Without its amount: what an outcome wants is read by those who see no money, too.
        yield _computed(place, CEILING, f"the {place.ceiling.word}", to)


def _computed(place: Place, name: str, watches: str, to: str) -> AlertComputed:
    return AlertComputed(place.engagement, place.account, place.name, name, watches, to)
