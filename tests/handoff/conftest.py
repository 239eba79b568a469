import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    """A home folder of the test's own: workbook, documents and mail lie in it."""
    settings.HOME = tmp_path
    return tmp_path
