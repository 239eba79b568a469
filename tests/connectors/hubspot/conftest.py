from datetime import UTC, datetime, timedelta

import pytest

from throughline.connectors.hubspot.client import connect
from throughline.simulators.hubspot.server import HubSpotSimulator

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


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
        yield opened


@pytest.fixture
def account(simulator):
    return simulator.account


@pytest.fixture(params=["2026-09", "v3"])
def hubspot(request, simulator):
    with connect(simulator.token, base_url=simulator.url, version=request.param) as opened:
        yield opened
