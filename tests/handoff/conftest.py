from pathlib import Path

import pytest

from tests.factories import NOON
from tests.handoff.hubspot_world import furnished, read_stages
from throughline.simulators.airtable import agreements_base
from throughline.simulators.hubspot.server import HubSpotSimulator
from throughline.simulators.sheets import SheetsSimulator


def pytest_collection_modifyitems(items):
    """A handoff is leases and transactions throughout: all of its tests run on both databases."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.both_databases)


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    """A home folder of the test's own: workbook, documents and mail lie in it."""
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def base(settings):
    """A simulated Airtable base that this installation is connected to."""
    with agreements_base() as simulator:
        settings.AIRTABLE_TOKEN, settings.AIRTABLE_BASE = simulator.token, simulator.base
        settings.AIRTABLE_URL = simulator.url
        settings.BASE_URL = "https://throughline.example"
        yield simulator


@pytest.fixture
def hubspot(settings):
    """A simulated HubSpot that this installation may write in; its clock stands still."""
    with HubSpotSimulator(lambda: NOON) as simulator:
        settings.HUBSPOT_TOKEN, settings.HUBSPOT_CONNECTED = simulator.token, True
        settings.HUBSPOT_URL, settings.HUBSPOT_PORTAL = simulator.url, "4242"
        settings.HUBSPOT_WRITE, settings.BASE_URL = True, "https://throughline.example"
        yield simulator


@pytest.fixture
def account(hubspot, db):
    """What the simulated HubSpot holds: our stages, and the properties that we write."""
    found = furnished(hubspot)
    read_stages()
    return found


@pytest.fixture
def spreadsheet(settings):
    """A simulated Google spreadsheet that is the home of the billing columns."""
    with SheetsSimulator() as simulator:
        settings.SHEETS_URL, settings.SHEETS_SPREADSHEET = simulator.url, simulator.book.id
        settings.SHEETS_KEY, settings.SHEETS_TAB = simulator.credentials, "Cloud costs"
        yield simulator
