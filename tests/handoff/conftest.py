import pytest

from throughline.simulators.airtable import agreements_base


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
