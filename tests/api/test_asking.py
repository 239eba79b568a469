"""The computed answer of capacity, and plans of handoffs before anybody approves them."""

import pytest

from tests.capacity.line import make_team
from tests.factories import make_deal
from throughline.handoff.models import Outcome, Plan
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db


def test_capacity_is_computed_for_a_deal_and_nothing_is_kept(bd):
    make_team(("Ada", "app_engineer", "infrastructure_engineer"), ("Bo", "app_engineer"))
    deal = make_deal(name="Tidewater")

    found = bd.get(f"/api/v1/capacity/deals/{deal.pk}?start=2027-01-04").json()
    offered = bd.get(f"/api/v1/deals/{deal.pk}/capacity").json()

    assert (found["deal"], found["answer"], found["start_on"]) == (
        deal.reference, "yes", "2027-01-04",
    )  # fmt: skip
    assert found["sentence"]
    assert offered["answer"] is None


def test_capacity_without_a_team_is_only_if_and_an_unknown_deal_is_not_found(bd):
    deal = make_deal()

    assert bd.get(f"/api/v1/capacity/deals/{deal.pk}?start=soon").status_code == 422
    assert bd.get("/api/v1/capacity/deals/nothing").status_code == 404


def test_plan_is_previewed_without_a_trace_and_kept_by_a_call(bd, won):
    [made] = won(1)
    path = f"/api/v1/engagements/{made.number}"

    preview = bd.get(f"{path}/plan").json()
    assert (Outcome.objects.count(), Plan.objects.count()) == (0, 0)
    kept = bd.post(f"{path}/plans", {}, content_type="application/json")
    again = bd.post(f"{path}/plans", {}, content_type="application/json")

    assert preview["engagement"] == made.number
    assert {one["verb"] for one in preview["changes"]} <= {"create", "update"}
    assert len(preview["changes"]) > 5
    assert (kept.status_code, again.status_code) == (201, 201)
    assert [one["plan"] for one in bd.get(f"{path}/plans").json()["items"]][-1] == (
        kept.json()["plan"]
    )
    approved = bd.post(f"/api/v1/plans/{again.json()['plan']}/approve", {}, "application/json")
    assert approved.json()["state"] == "approved"


def test_sponsor_reads_no_plan(signed_in, won):
    [made] = won(1)

    assert (
        signed_in(RoleName.SPONSOR).get(f"/api/v1/engagements/{made.number}/plan").status_code
        == 403
    )
