import pytest

from throughline.connectors.github.client import GitHub
from throughline.connectors.github.tokens import FixedToken
from throughline.simulators.github import GitHubSimulator
from throughline.simulators.github.server import TOKEN

REPOSITORY = "2i2c-org/infrastructure"


@pytest.fixture
def simulator():
    with GitHubSimulator() as opened:
        opened.add_repository(REPOSITORY)
        opened.add_board("2i2c-org", 7, Due_date="date", Engagement="text")
        yield opened


@pytest.fixture
def github(simulator):
    with GitHub(simulator.url, FixedToken(TOKEN), REPOSITORY) as opened:
        yield opened
