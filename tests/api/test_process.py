"""The process over the API: the same numbers as the pages, and nothing that the caller may not see."""

import pytest
from django.test import Client

from tests.factories import make_deal, make_person
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db


def answer_for(role, query=""):
    client = Client()
    client.force_login(make_person(role.value.lower(), role))
    return client.get(f"/api/v1/process{query}")


def test_stages_are_counted_summed_and_weighted():
    make_deal(stage="proposal", amount="1000.00")

    found = answer_for(RoleName.LEAD, "?from=2026-01-01&to=2026-06-30").json()

    stage = next(one for one in found["stages"] if one["code"] == "proposal")
    assert stage == {
        "code": "proposal", "name": "Proposal", "figure": "in.proposal", "count": 1,
        "sums": [{"currency": "USD", "total": "1000.00", "weighted": "400.00"}],
    }  # fmt: skip
    assert (found["from"], found["to"]) == ("2026-01-01", "2026-06-30")
    assert found["monthless"] == {"committed": 0, "weighted": 1}
    assert (len(found["revenue"][0]["months"]), len(found["flow"])) == (12, 7)


def test_money_is_null_for_whoever_may_not_see_it():
    make_deal(stage="proposal", amount="1000.00")

    found = answer_for(RoleName.PS).json()

    assert {str(one["sums"]) for one in found["stages"]} == {"None"}
    assert (found["revenue"], found["monthless"]) == (None, None)
    assert len(found["load"]) == 12


def test_period_that_ends_before_it_begins_is_refused():
    refused = answer_for(RoleName.LEAD, "?from=2026-06-01&to=2026-01-01")

    assert refused.status_code == 422
    assert refused.json()["remedy"] == "Let the period begin before it ends."
