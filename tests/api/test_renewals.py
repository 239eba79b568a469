from dataclasses import asdict
from datetime import date

import pytest
import time_machine

from tests.factories import NOON, make_cluster
from throughline.delivery.queries import engagements
from throughline.renewals.queries import renewals
from throughline.renewals.reconcile import findings
from throughline.renewals.shapes import renewal_shape

pytestmark = pytest.mark.django_db


def test_renewals_are_listed_as_they_end_with_their_ladders_on_a_day(bd, won, playbook):
    won(1, 2)
    on = date(2026, 11, 1)

    answer = bd.get("/api/v1/renewals?on=2026-11-01").json()

    shapes = [renewal_shape(one) for one in renewals(engagements(), on=on, playbook=playbook)]
    assert answer == {"count": 2, "limit": 50, "offset": 0, "items": shapes}
    assert [one["deal"] for one in shapes] == ["772", "771"]
    assert (shapes[0]["end_on"], shapes[0]["state"]) == ("2026-12-29", "expiring")
    assert shapes[0]["notices"] == [
        {"step": "180", "due_on": "2026-07-02", "state": "flagged", "sent_at": None, "to": ""},
        {
            "step": "60", "due_on": "2026-10-30", "state": "planned", "sent_at": None,
            "to": "partnerships@2i2c.org",
        },
    ]  # fmt: skip


def test_renewals_of_a_page_are_those_after_the_offset(bd, won):
    won(1, 2, 3)

    answer = bd.get("/api/v1/renewals?limit=1&offset=1").json()

    assert (answer["count"], [one["deal"] for one in answer["items"]]) == (3, ["772"])


def test_renewals_without_a_day_are_those_of_today(bd, won):
    won(1)

    with time_machine.travel(NOON, tick=False):
        early = bd.get("/api/v1/renewals").json()["items"][0]
    with time_machine.travel(NOON.replace(month=12), tick=False):
        late = bd.get("/api/v1/renewals").json()["items"][0]

    assert (early["state"], late["state"]) == ("running", "expiring")


def test_findings_are_those_of_the_command_line_on_a_day(bd, won, playbook):
    won(1)
    make_cluster("orphan", budget_alert=True)
    on = date(2027, 1, 2)

    answer = bd.get("/api/v1/findings?on=2027-01-02").json()

    assert answer["items"] == [
        asdict(one) | {"remedy": one.remedy} for one in findings(on=on, playbook=playbook)
    ]
    assert [(one["code"], one["cluster"], one["deal_id"]) for one in answer["items"]] == [
        ("agreement_lapsed", "cluster-1", "771"),
        ("alert_missing", "cluster-1", "771"),
        ("community_id_legacy", "cluster-1", "771"),
        ("deal_missing", "orphan", None),
    ]


def test_findings_of_a_page_are_those_after_the_offset(bd, won):
    won(1)
    make_cluster("orphan", budget_alert=True)

    answer = bd.get("/api/v1/findings?on=2027-01-02&limit=2&offset=3").json()

    assert (answer["count"], [one["code"] for one in answer["items"]]) == (4, ["deal_missing"])


@pytest.mark.parametrize("on", ["tomorrow", "2026-13-01", "0206-01-01", "9999-12-31"])
@pytest.mark.parametrize("address", ["renewals", "findings"])
def test_day_that_cannot_be_meant_is_refused(bd, address, on):
    answer = bd.get(f"/api/v1/{address}?on={on}")

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("on: Input should be ")


@pytest.mark.parametrize(("address", "queries"), [("renewals", 11), ("findings", 18)])
def test_looking_takes_the_same_queries_for_one_and_for_three(
    bd, won, django_assert_num_queries, address, queries
):
    for number in (1, 2, 3):
        won(number)
        if number in {1, 3}:
            with django_assert_num_queries(queries):
                bd.get(f"/api/v1/{address}?on=2026-11-01")
