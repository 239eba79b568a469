"""Under a storm of faults nothing is lost and nothing is doubled in GitHub."""

import random
from datetime import timedelta

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.test_github import REPOSITORY, doubled, github, in_github, issues  # noqa: F401 -- a fixture
from tests.handoff.world import apply, fresh
from throughline.handoff.outside.github import GitHubSystem
from throughline.simulators.github.replies import secondary_limit
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

FAULTS = (
    losing_the_answer, dropping, too_many, secondary_limit,
    lambda: answering(500), lambda: answering(502), lambda: answering(503),
)  # fmt: skip
ROUNDS = 40


def storm(github, chance, faults=FAULTS):  # noqa: F811 -- the fixture's value
    """Let one call in four fail, in any of the ways."""
    performing = github.take

    def take(call):
        if chance.random() < 0.25:
            github.fail_next(chance.choice(faults)())
        return performing(call)

    github.take = take


def apply_until_true(github, engagement):  # noqa: F811 -- the fixture's value
    """Apply again and again, an hour later each time, and return in how many rounds all was true."""
    for number in range(ROUNDS):
        github.catch_up()  # an hour is longer than lists were ever seen to lag
        outcomes = in_github(apply(fresh(engagement), at=NOON + timedelta(hours=number)))
        if {one.state for one in outcomes.values()} == {"converged"}:
            return number + 1
    raise AssertionError(f"not true after {ROUNDS} rounds")


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_storm_of_faults_and_a_lagging_list_loses_and_doubles_nothing(github, seed):  # noqa: F811 -- the fixture
    engagement = make_engagement(name="EarthScope 2026")
    storm(github, random.Random(seed))
    github.lag = 3

    rounds = apply_until_true(github, engagement)

    assert rounds > 1  # the storm was one
    assert doubled(github) == {}
    made = [one for one in in_github(apply(fresh(engagement))) if ".issue:" in one]
    assert len(made) == len(github.marked()) == len(issues(github))
    assert len(github.boards["2i2c-org", 7].cards) == len(made)


def test_storm_without_looking_first_makes_doubles(github, monkeypatch):  # noqa: F811 -- the fixture
    """The control: if this made none, the test above could not see any."""
    monkeypatch.setattr(GitHubSystem, "_look_at_issues", lambda *_none: None)
    monkeypatch.setattr(GitHubSystem, "_act", _without_the_label(GitHubSystem._act))
    engagement = make_engagement(name="EarthScope 2026")
    storm(github, random.Random(1), faults=(losing_the_answer,))

    for number in range(4):
        apply(fresh(engagement), at=NOON + timedelta(hours=number))

    assert doubled(github) != {}


def _without_the_label(act):
    def acting(self, one, before):
        self._labels.add(one.label)
        return act(self, one, before)

    return acting
