"""A simulated account that deals of ours are in, as people and as a pass see it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.factories import NOON, make_engagement
from tests.handoff.world import fresh
from throughline.delivery.models import Engagement
from throughline.handoff.models import Outcome
from throughline.handoff.outside.hubspot_fields import COMMUNITY_FIELDS, DEAL_FIELDS, Kind
from throughline.intake.hubspot.actions.reading import learn
from throughline.intake.hubspot.connecting import source_from_settings
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal
from throughline.simulators.hubspot.account import Account
from throughline.simulators.hubspot.records import Record
from throughline.simulators.hubspot.schema import Pipeline, Property, Stage
from throughline.simulators.hubspot.server import HubSpotSimulator
from throughline.simulators.server import Call, Fault, Reply

LATER = NOON + timedelta(minutes=10)
LATER_STILL = LATER + timedelta(minutes=10)
STAGES = {
    "Negotiation": "1004", "Contract Admin": "1005", "Closed Won": "closedwon", "Parked": "1008",
}  # fmt: skip
DEALS, COMMUNITIES = "0-3", "0-410"


def furnished(simulator: HubSpotSimulator) -> Account:
    """Return an account with our stages, and with the properties that a handoff writes."""
    account = simulator.account
    stages = tuple(
        Stage(id=one, label=label, probability="1.0" if one == "closedwon" else "0.5")
        for label, one in STAGES.items()
    )
    account.pipelines[DEALS] = [Pipeline(id="default", label="Communities", stages=stages)]
    for of, fields in ((DEALS, DEAL_FIELDS), (COMMUNITIES, COMMUNITY_FIELDS)):
        for field in fields:
            kind = "datetime" if field.kind is Kind.INSTANT else "string"
            account.add_property(of, Property(name=field.name, label=field.label, type=kind))
    return account


def read_stages(at: datetime = NOON) -> None:
    """Learn what HubSpot's stages stand for, as a reading does first."""
    source = source_from_settings(shipped())
    with source.hubspot:
        learn(source, at=at)


def sold(account: Account, **more: Any) -> tuple[Engagement, Record]:
    """Return an engagement, and its deal in HubSpot."""
    told = {"dealname": "EarthScope 2026", "dealstage": STAGES["Contract Admin"]}
    there = account.create(DEALS, told)
    here = make_engagement(name="EarthScope 2026", **more)
    Deal.objects.filter(pk=here.pk).update(hubspot_id=there.id, stage_elsewhere="Contract Admin")
    return fresh(here), there


@contextmanager
def meddling(
    simulator: HubSpotSimulator, pick: Callable[[Call, int], Fault | None]
) -> Iterator[None]:
    """Have some calls fail: `pick` gets each one, with how many came before it."""
    healthy, before = simulator.take, count()

    def take(call: Call) -> Reply | None:
        if fault := pick(call, next(before)):
            simulator.fail_next(fault)
        return healthy(call)

    simulator.take = take  # type: ignore[method-assign]
    try:
        yield
    finally:
        simulator.take = healthy  # type: ignore[method-assign]


def ours(record: Record) -> dict[str, str]:
    """Return what a record says in our properties, as people see them."""
    return {
        name.removeprefix("throughline_"): value
        for name, value in record.properties.items()
        if name.startswith("throughline_")
    }


def in_hubspot(outcomes: Iterable[Outcome]) -> dict[str, Outcome]:
    return {
        one.key.partition(":")[0].removeprefix("hubspot."): one
        for one in outcomes
        if one.system == "hubspot"
    }


def states(outcomes: Iterable[Outcome]) -> dict[str, str]:
    return {kind: str(one.state) for kind, one in in_hubspot(outcomes).items()}


def writes(simulator: HubSpotSimulator) -> list[str]:
    """Return the calls that changed something, by their path."""
    reads = ("batch/read", "search")
    return sorted(
        path
        for (method, path), count in simulator.calls.items()
        for _ in range(count)
        if method != "GET" and not path.endswith(reads)
    )
