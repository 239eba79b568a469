"""Who had a server on a hub, as Prometheus tells it, and how it fails."""

from datetime import date

import pytest

from throughline.connectors.http import Declined, NotSendable, UnknownShape
from throughline.connectors.prometheus.client import UserOnDay, connect
from throughline.kernel.errors import Transient
from throughline.simulators.prometheus import LABEL, PrometheusSimulator
from throughline.simulators.server import answering, dropping

FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (1, 2, 3))


@pytest.fixture
def simulator():
    with PrometheusSimulator() as opened:
        opened.ran("prod", "ada@example.org", FIRST, THIRD)
        opened.ran("prod", "grace", SECOND)
        opened.ran("staging", "linus", SECOND)
        yield opened


def users(simulator, namespace="prod", *, first_on=FIRST, last_on=THIRD, token=""):
    with connect(simulator.url, token=token) as prometheus:
        return prometheus.users(namespace, first_on=first_on, last_on=last_on)


def test_users_are_those_of_the_namespace_by_day(simulator):
    assert users(simulator) == [
        UserOnDay("ada@example.org", FIRST), UserOnDay("grace", SECOND),
        UserOnDay("ada@example.org", THIRD),
    ]  # fmt: skip
    assert simulator.calls == {("GET", "/api/v1/query_range"): 1}


def test_first_and_last_day_are_included_and_no_other(simulator):
    assert users(simulator, first_on=SECOND, last_on=SECOND) == [UserOnDay("grace", SECOND)]


def test_hub_that_nobody_used_has_no_users(simulator):
    assert users(simulator, "quiet") == []


@pytest.mark.parametrize(
    ("token", "sent"), [("secret", "Bearer secret"), ("ada:pass", "Basic YWRhOnBhc3M=")]
)
def test_token_is_a_bearers_or_a_name_with_its_password(simulator, token, sent):
    simulator.authorization = sent

    assert len(users(simulator, token=token)) == 3
    with pytest.raises(Declined):
        users(simulator, token="wrong")


@pytest.mark.parametrize("namespace", ["", "Prod", 'prod"} or up{x="', "-prod", "p" * 64])
def test_what_is_no_namespace_is_not_sent(simulator, namespace):
    with pytest.raises(NotSendable):
        users(simulator, namespace)
    assert simulator.calls.total() == 0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answering(503, {"status": "error", "errorType": "timeout", "error": "late"}), Transient),
        (dropping(), Transient),
        (answering(422, {"status": "error", "errorType": "execution", "error": "no"}), Declined),
        (answering(200, {"status": "error"}), UnknownShape),
        (answering(200, {"status": "success", "data": {"resultType": "vector", "result": []}}),
         UnknownShape),
    ],
)  # fmt: skip
def test_failures_are_those_of_every_system(simulator, fault, error):
    simulator.fail_next(fault)

    with pytest.raises(error):
        users(simulator)


def test_answer_with_a_warning_may_be_incomplete_and_is_none(simulator):
    simulator.warnings = ["a shard did not answer"]

    with pytest.raises(UnknownShape, match="a shard did not answer"):
        users(simulator)


def test_series_without_a_name_is_refused(simulator):
    matrix = {"resultType": "matrix", "result": [{"metric": {}, "values": [[1.0, "1"]]}]}
    simulator.fail_next(answering(200, {"status": "success", "data": matrix}))

    with pytest.raises(UnknownShape, match=LABEL):
        users(simulator)
