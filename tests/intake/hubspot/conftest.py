from datetime import timedelta
from random import Random

import pytest

from tests.factories import NOON
from throughline.connectors.hubspot.client import connect
from throughline.intake.hubspot.actions.reading import Source
from throughline.playbook.loader import shipped
from throughline.simulators.hubspot.schema import Pipeline, Property, Stage
from throughline.simulators.hubspot.server import HubSpotSimulator

# As an account is that calls its stages as our playbook does, with ids that HubSpot made up.
STAGES = {
    "Lead": "1001", "Qualified": "1002", "Proposal": "1003", "Negotiation": "1004",
    "Contract Admin": "1005", "Closed Won": "closedwon", "Closed Lost": "closedlost",
    "Parked": "1008",
}  # fmt: skip
SECRET = "the-apps-client-secret"
CHANCES = {"Closed Won": "1.0", "Closed Lost": "0.0"}


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self):
        self.at = NOON

    def __call__(self):
        return self.at

    def move(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def simulator(clock):
    with HubSpotSimulator(clock) as opened:
        stages = tuple(
            Stage(id=one, label=label, probability=CHANCES.get(label, "0.5"))
            for label, one in STAGES.items()
        )
        account = opened.account
        account.pipelines["0-3"] = [Pipeline(id="default", label="Communities", stages=stages)]
        for name in ("revenue_type", "shoe_size"):
            account.add_property("0-3", Property(name=name, label=name))
        for name in ("contract_start_date", "contract_end_date"):
            account.add_property("0-3", Property(name=name, label=name, type="date"))
        yield opened


@pytest.fixture
def account(simulator):
    return simulator.account


@pytest.fixture
def hubspot(simulator):
    with connect(simulator.token, base_url=simulator.url) as opened:
        yield opened


@pytest.fixture
def source(hubspot):
    return Source(hubspot, "0-410", shipped())


@pytest.fixture
def chance():
    return Random(7)
