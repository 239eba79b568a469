"""What runs without an agreement: since when, who allowed it, who decides, and what is planned."""

from decimal import Decimal

import pytest

from tests.factories import BD, LEAD, PS, make_cluster, make_deal, make_deal_at
from tests.renewals.endings import (
    make_people,
    make_running,
    make_signed,
    one_running,
    renew,
    running,
)
from tests.renewals.world import acts, day, make_hub, nine
from throughline.delivery.actions.engagements import link_clusters, open_engagement
from throughline.delivery.models import Engagement, Project
from throughline.intake.jobs import rehearse_day, run_instant
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.playbook.loader import shipped
from throughline.renewals.actions_lapse import decide_lapse, extend_lapse, plan_what_is_over
from throughline.renewals.lapse_jobs import ending_events
from throughline.renewals.models import Decommission, LapseToken, Offboarding
from throughline.sales.actions.waive import allow_early_start
from throughline.sales.models import Deal

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def allow(engagement, on, *, by=BD, why="The renewal is being signed."):
    subject = engagement.deal.subject
    return extend_lapse(subject, why=why, playbook=shipped(), by=by, at=nine(on))


def decide(engagement, verdict, on, *, until=None, by=LEAD):
    return decide_lapse(
        engagement.deal.subject, verdict, until_on=day(until) if until else None, why="As agreed.",
        playbook=shipped(), by=by, at=nine(on),
    )  # fmt: skip


def plan(on):
    return [
        (one.subject, one.planned_on.isoformat())
        for one in plan_what_is_over(playbook=shipped(), by="worker", at=nine(on))
    ]


def codes(on):
    return [one.code for one in ending_events(on=day(on), playbook=shipped())]


def test_a_hub_is_lapsed_from_the_day_after_the_last_one():
    engagement = make_running()  # until 30 June 2026

    assert running("2026-06-30") == []
    (first,) = running("2026-07-01")
    assert (first.kind, first.days, first.since_on, first.hubs) == (
        "lapsed", 1, day("2026-07-01"), ("tide/prod",),
    )  # fmt: skip
    found = one_running(engagement, "2026-08-11")
    assert (found.days, found.decide_on, found.must_be_decided) == (42, day("2026-08-12"), False)
    assert one_running(engagement, "2026-08-12").must_be_decided is True


def test_a_token_lasts_two_weeks_and_the_next_one_follows_it():
    make_people()
    engagement = make_running()

    first = allow(engagement, "2026-07-01")
    second = allow(engagement, "2026-07-03")
    with pytest.raises(Refused) as ahead:
        allow(engagement, "2026-07-04")

    assert [(one.from_on, one.until_on) for one in (first, second)] == [
        (day("2026-07-01"), day("2026-07-14")),
        (day("2026-07-15"), day("2026-07-28")),
    ]
    assert ahead.value.message == "It may run until 2026-07-28 already."
    found = one_running(engagement, "2026-07-20")
    assert (found.kind, found.kept_until_on) == ("lapsed", day("2026-07-28"))  # not in force again


def test_the_last_token_ends_the_day_before_the_lead_decides_and_then_there_is_none():
    make_people()
    engagement = make_running()

    last = allow(engagement, "2026-08-05")
    assert last.until_on == day("2026-08-11")
    with pytest.raises(Refused) as refused:
        allow(engagement, "2026-08-12")

    assert refused.value.remedy.startswith("The BD lead decides")


@pytest.mark.parametrize("why", ["", "  "])
def test_a_token_needs_a_reason_somebody_of_bd_and_something_that_runs(why):
    make_people()
    engagement = make_running()

    with pytest.raises(Refused) as bare:
        allow(engagement, "2026-07-02", why=why)
    with pytest.raises(NotEntitled):
        allow(engagement, "2026-07-02", by=PS)
    with pytest.raises(Refused) as early:
        allow(engagement, "2026-06-30")

    assert bare.value.message == "Why may it run on?"
    assert early.value.message.startswith("Nothing runs without agreement")
    assert LapseToken.objects.count() == 0


def test_after_six_weeks_only_a_lead_keeps_it_and_within_a_year():
    make_people()
    engagement = make_running()

    with pytest.raises(NotEntitled):
        decide(engagement, "keep", "2026-08-12", until="2026-09-30", by=BD)
    with pytest.raises(Refused):
        decide(engagement, "keep", "2026-08-12")
    with pytest.raises(Refused):
        decide(engagement, "keep", "2026-08-12", until="2027-08-14")
    decide(engagement, "keep", "2026-08-12", until="2026-09-30")

    assert one_running(engagement, "2026-09-30").must_be_decided is False
    assert one_running(engagement, "2026-10-01").must_be_decided is True
    assert plan("2026-09-30") == []


def test_without_a_decision_it_is_planned_to_be_taken_down_once_and_nothing_is_deleted():
    engagement = make_running()

    assert plan("2026-08-11") == []
    assert plan("2026-08-12") == [(engagement.deal.subject, "2026-09-11")]
    assert plan("2026-08-13") == []

    assert Offboarding.objects.get().hubs == ["tide/prod"]
    project = Project.objects.get(engagement=engagement, kind="offboarding")
    assert project.title == "Decommission the hub (11 September 2026)"
    found = one_running(engagement, "2026-08-20")
    assert (found.kind, found.ball, found.plan.planned_on) == ("lapsed", "PS", day("2026-09-11"))


def test_a_lead_who_keeps_it_calls_the_plan_off():
    make_people()
    engagement = make_running()
    plan("2026-08-12")

    decide(engagement, "keep", "2026-08-20", until="2026-10-31")

    assert Decommission.objects.get().called_off_by == LEAD
    assert Offboarding.objects.get().called_off_by == LEAD
    assert plan("2026-08-21") == []


def test_a_plan_is_called_off_by_itself_once_an_agreement_is_in_force_again():
    engagement = make_running()
    plan("2026-08-12")
    signed = make_signed("2026-08-15", "2027-08-14", community=engagement.deal.community)
    renew(engagement, "2026-08-14", deal=str(signed.pk))

    assert plan("2026-08-14") == []
    assert Decommission.objects.get().called_off_at is None  # still a day of the gap
    plan("2026-08-15")

    assert Decommission.objects.get().called_off_why == "An agreement is in force again."


def test_between_two_agreements_is_a_state_of_its_own_and_a_seamless_renewal_none():
    engagement = make_running()
    signed = make_signed("2026-07-11", "2027-06-30", community=engagement.deal.community)
    renew(engagement, deal=str(signed.pk))

    kinds = [
        one.kind if (one := one_running(engagement, on)) else None
        for on in ("2026-06-30", "2026-07-01", "2026-07-10", "2026-07-11", "2027-06-30")
    ]
    assert kinds == [None, "gap", "gap", None, None]
    late = one_running(engagement, "2027-07-01")  # the renewal is over as well
    assert (late.kind, late.since_on) == ("lapsed", day("2027-07-01"))


def test_an_early_start_runs_with_leave_and_then_without():
    deal = make_deal_at("contract_admin", hubspot_id="900")
    make_cluster("early", deal_id="900", hubs={"prod": ("", "early.example")})
    allow_early_start(
        deal.pk, reason="A course.", money_limit=Decimal(100), until=day("2026-04-30"),
        playbook=shipped(), by=LEAD, at=nine("2026-03-03"),
    )  # fmt: skip
    open_engagement(deal.pk, playbook=shipped(), by=BD, at=nine("2026-03-03"))
    engagement = Engagement.objects.get()

    (within,), (over,) = running("2026-04-30"), running("2026-05-01")

    assert (within.kind, within.kept_until_on) == ("early_start", day("2026-04-30"))
    assert (over.kind, over.since_on, over.kept_until_on) == (
        "early_start_over", day("2026-05-01"), None,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        allow(engagement, "2026-04-30")
    assert refused.value.message == "Its early start has leave until 2026-04-30."


def test_a_lost_lead_with_a_hub_is_planned_to_be_taken_down_at_once():
    """E37: the deal never had an engagement, and its hub is in the files."""
    deal = make_deal(name="Never signed", hubspot_id="77", stage="closed_lost")
    make_cluster("never", deal_id="77", hubs={"prod": ("", "never.example")})

    (found,) = running("2026-03-05")
    assert (found.kind, found.subject, found.since_on) == ("lost", deal.subject, day("2026-03-02"))
    assert codes("2026-03-05") == ["lost_with_hub"]
    assert plan("2026-03-05") == [(deal.subject, "2026-04-04")]
    assert Offboarding.objects.get().hubs == ["never/prod"]


def test_a_hub_of_which_no_deal_is_known_waits_for_a_decision_and_is_never_planned_away():
    make_people()
    make_cluster("ours", hubs={"prod": ("", "ours.example")})
    make_cluster("theirs", deal_id="123", hubs={"prod": ("", "theirs.example")})
    make_cluster("empty", deal_id="123")

    assert [(one.subject, one.kind, one.days) for one in running("2027-01-01")] == [
        ("cluster:ours", "no_agreement", None),
        ("cluster:theirs", "no_agreement", None),
    ]
    assert plan("2027-01-01") == []
    decide_lapse(
        "cluster:ours", "keep", until_on=day("2027-12-31"), why="It is our own.",
        playbook=shipped(), by=LEAD, at=nine("2027-01-01"),
    )  # fmt: skip
    assert codes("2027-01-02") == ["hub_without_agreement"]


def test_a_lapse_costs_as_many_queries_for_three_as_for_one(django_assert_num_queries):
    make_running()
    make_cluster("ours", hubs={"prod": ("", "ours.example")})
    with django_assert_num_queries(7):
        assert len(running("2026-07-05")) == 2
    make_running(hub="ebb", community="Ebb")
    make_running(hub="flow", community="Flow")
    with django_assert_num_queries(7):
        assert len(running("2026-07-05")) == 4


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-07-01", ["lapsed"]),
        ("2026-07-14", []),
        ("2026-07-15", ["lapse_token_over"]),
        ("2026-08-12", ["lapse_decision_due"]),
        ("2026-08-13", []),
    ],
)
def test_a_rehearsed_day_says_which_token_and_which_decision_it_brings(on, expected):
    engagement = make_running()
    allow(engagement, "2026-07-01")

    brought = rehearse_day(on=day(on), today=day("2026-07-01"), playbook=shipped())

    assert [one.code for one in brought.alerts] == expected
    assert Decommission.objects.count() == 0


def test_the_worker_plans_and_tells_and_does_so_once():
    engagement = make_running()

    first, second = (
        run_instant(at=nine("2026-08-12"), playbook=shipped(), by="worker", holder="h")
        for _ in range(2)
    )

    assert [one.code for one in first.alerts] == ["lapse_decision_due"]
    assert [one.code for one in second.alerts] == ["lapse_decision_due"]
    assert acts("renewals.decommission") == ["renewals.decommission.planned"]
    assert codes("2026-09-11") == ["decommission_due"]
    assert Deal.objects.get(pk=engagement.pk).stage == "closed_won"


def test_a_plan_leaves_out_the_project_where_others_would_lose_their_hub():
    engagement = make_running()
    make_running(hub="ebb", end_on="2028-01-01")  # the same community goes on with another deal

    assert plan("2026-08-12") == [(engagement.deal.subject, "2026-09-11")]
    assert Project.objects.filter(kind="offboarding").count() == 0
    assert Offboarding.objects.get().hubs == ["tide/prod"]


def test_links_to_a_hub_follow_its_file():
    engagement = make_running()
    assert one_running(engagement, "2026-07-01") is not None

    other = make_running(hub="ebb", end_on="2028-01-01")
    make_cluster("tide", deal_id=other.deal.reference, hubs={"prod": ("", "tide.example")})
    link_clusters(by=BD, at=nine("2026-07-01"))

    assert one_running(engagement, "2026-07-01") is None
    make_hub("back", engagement)
    assert one_running(engagement, "2026-07-01").hubs == ("back/prod",)


@pytest.mark.parametrize(
    "subject", ["deal:4711", f"deal:{'9' * 30}", "deal:-1", "cluster:none", ""]
)
def test_what_is_not_there_is_refused_with_where_its_name_stands(subject):
    with pytest.raises(Refused) as refused:
        extend_lapse(subject, why="Wait.", playbook=shipped(), by=BD, at=nine("2026-05-01"))

    assert refused.value.remedy == "Name it as `throughline renewals running` does."
