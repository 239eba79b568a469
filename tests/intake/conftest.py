import pytest


@pytest.fixture
def home(tmp_path, settings):
    """A home folder of the test's own: documents and workbook lie in it."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    return settings.HOME
