"""Budgets and alerts over the API: what the command says, without money for whoever need not see it."""

import json
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.billing.bills import ACCOUNT, APRIL, JUNE, MAY, book
from tests.factories import NOON, make_engagement
from tests.handoff.world import fresh, with_cluster
from tests.intake.alerts.texts import MAIL
from throughline.budgets.listing import (
    alert_shape,
    engagements_with_accounts,
    line_shape,
    lines_of,
)
from throughline.budgets.models import Alert
from throughline.budgets.queries import find_alert
from throughline.intake.alerts.doors import take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.journal.models import Entry
from throughline.people.words import RoleName
from throughline.sales.models import Agreement

pytestmark = pytest.mark.django_db


@pytest.fixture
def engagement():
    made = make_engagement(name="EarthScope 2026")
    with_cluster(made)
    return fresh(made)


@pytest.fixture
def alert(engagement, playbook):
    take_text(MAIL, by="ada", at=NOON)
    return read_alerts(playbook=playbook, at=NOON).heard[0].alert


def post(client, alert, step, body=None, **headers):
    address = f"/api/v1/alerts/{alert.pk}/{step}"
    return client.post(address, json.dumps(body or {}), content_type="application/json", **headers)


def test_budgets_are_the_lines_of_the_command_on_a_day(bd, engagement, playbook):
    Agreement.objects.filter(deal=engagement.deal).update(ceiling="1000.00", is_prepaid=True)
    for month in (APRIL, MAY, JUNE):
        book({ACCOUNT: "150.00"}, month=month, at=datetime(2026, 7, 2, tzinfo=UTC))
    on = date(2026, 7, 10)

    answer = bd.get("/api/v1/budgets?on=2026-07-10").json()

    (line,) = lines_of(engagements_with_accounts(), on=on, playbook=playbook)
    assert answer == {"count": 1, "limit": 50, "offset": 0, "items": [line_shape(line)]}
    (item,) = answer["items"]
    assert (item["spent"], item["spent_pct"], item["violation"]) == ("450.00", 45, True)


def test_budgets_hold_no_money_for_who_need_not_see_it(signed_in, engagement):
    Agreement.objects.filter(deal=engagement.deal).update(ceiling="1000.00", is_prepaid=True)
    book({ACCOUNT: "150.00"}, month=MAY, at=datetime(2026, 7, 2, tzinfo=UTC))

    answer = signed_in(RoleName.PS).get("/api/v1/budgets?on=2026-07-10")

    (item,) = answer.json()["items"]
    assert [item[name] for name in ("ceiling", "spent", "forecast", "monthly_rate", "months")] == [
        None, None, None, None, None,
    ]  # fmt: skip
    assert (item["spent_pct"], "150.00" in answer.content.decode()) == (15, False)


def test_alerts_that_wait_are_listed_and_shown_as_the_command_has_them(bd, alert):
    shape = alert_shape(find_alert(alert.pk))

    assert bd.get("/api/v1/alerts").json()["items"] == [shape]
    assert bd.get(f"/api/v1/alerts/{alert.pk}").json() == shape
    assert shape["crossings"][0]["amount"] == "1712.35"


def test_alert_tells_no_money_to_who_need_not_see_it(signed_in, alert):
    answer = signed_in(RoleName.PS).get(f"/api/v1/alerts/{alert.pk}")

    (crossing,) = answer.json()["crossings"]
    assert (crossing["threshold"], crossing["amount"], crossing["limit"]) == (None, None, None)
    assert "$" not in answer.content.decode()


def test_alert_is_taken_acknowledged_explained_and_decided_and_is_then_no_longer_listed(bd, alert):
    taken = post(bd, alert, "take").json()
    seen = post(bd, alert, "acknowledge").json()
    early = post(bd, alert, "decide", {"decision": "expected", "because": "It was planned."})
    explained = post(bd, alert, "cause", {"text": "A workshop."}).json()
    decided = post(bd, alert, "decide", {"decision": "expected", "because": "It was planned."})

    assert (taken["owner"], seen["state"], explained["cause"]) == (
        "BD", "acknowledged", "A workshop.",
    )  # fmt: skip
    assert (early.status_code, early.json()["remedy"]) == (422, "Write down the cause first.")
    assert (decided.json()["state"], decided.json()["decided_by"]) == ("decided", "BD")
    assert bd.get("/api/v1/alerts").json()["count"] == 0
    assert bd.get("/api/v1/alerts?all=true").json()["count"] == 1


def test_cause_sent_twice_under_one_key_is_written_once(bd, alert):
    first, again = (
        post(bd, alert, "cause", {"text": "A workshop."}, HTTP_IDEMPOTENCY_KEY="k-1")
        for _ in range(2)
    )

    assert (first.status_code, again.json()) == (200, first.json())
    assert Entry.objects.filter(act="budgets.alert.explained").count() == 1


def test_alert_that_is_not_there_is_404_with_a_remedy(bd):
    shown = bd.get("/api/v1/alerts/7")
    taken = bd.post("/api/v1/alerts/7/take")

    assert (shown.status_code, taken.status_code, Alert.objects.count()) == (404, 404, 0)
    assert shown.json()["detail"] == "There is no alert 7."


def test_looking_takes_the_same_queries_for_one_and_for_three(bd, won):
    asked = []
    for number in (1, 2, 3):
        won(number)
        with CaptureQueriesContext(connection) as queries:
            bd.get("/api/v1/budgets")
        asked.append(len(queries))

    assert asked[0] == asked[2] < 50
