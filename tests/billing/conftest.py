import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    """A home folder of the test's own: files and workbook lie in it."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    return settings.HOME
