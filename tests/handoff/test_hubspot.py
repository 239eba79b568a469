"""What HubSpot is told by a handoff: our fields, the stage, the community; and what it is not."""

from datetime import timedelta

import pytest

from tests.factories import NOON, PS, make_engagement
from tests.handoff.hubspot_world import (
    COMMUNITIES,
    DEALS,
    LATER,
    LATER_STILL,
    STAGES,
    in_hubspot,
    meddling,
    ours,
    read_stages,
    sold,
    states,
    writes,
)
from tests.handoff.world import apply, fresh, plan, verify
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.actions.engagements import report_health
from throughline.delivery.models import Deliverable
from throughline.delivery.words import Health
from throughline.handoff.connected import connected
from throughline.handoff.drift import drift_of
from throughline.handoff.outside.hubspot_wanted import InHubSpot
from throughline.handoff.wanted import Doing, diff
from throughline.intake.hubspot.actions.reading import read_all
from throughline.intake.hubspot.connecting import source_from_settings
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal, GateException
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
ALL = {"stage": "converged", "deal": "converged", "community": "converged",
       "community-link": "converged"}  # fmt: skip


def advance(engagement, stage):
    Deal.objects.filter(pk=engagement.pk).update(stage=stage)


def of_hubspot(engagement, at=NOON):
    return {one.outcome.partition(":")[0]: one for one in plan(engagement, at).lines
            if one.system == "hubspot"}  # fmt: skip


def test_plan_says_what_hubspot_would_be_told_and_tells_it_nothing(hubspot, account):
    engagement, there = sold(account)
    hubspot.calls.clear()

    lines = of_hubspot(engagement)

    assert [(kind, line.verb.value) for kind, line in lines.items()] == [
        ("hubspot.stage", "keep"), ("hubspot.deal", "update"), ("hubspot.community", "create"),
        ("hubspot.community-link", "create"),
    ]  # fmt: skip
    assert "Delivery state: Waits for PS" in lines["hubspot.deal"].preview
    assert (writes(hubspot), ours(there)) == ([], {})


def test_apply_tells_the_deal_and_makes_the_community_and_associates_them(hubspot, account):
    engagement, there = sold(account)

    done = apply(engagement)

    assert states(done) == ALL
    number = engagement.number
    assert ours(there) == {
        "engagement": f"https://throughline.example/engagements/{number}/",
        "delivery": "Waits for PS",
    }
    ((community, ways),) = account.linked(there, COMMUNITIES)
    assert (community.properties["hs_course_name"], len(ways)) == ("EarthScope", 1)
    told = ours(community)
    assert (told["community_id"], told["community"]) == (
        "earthscope", f"https://throughline.example/communities/{engagement.deal.community_id}/",
    )  # fmt: skip
    assert in_hubspot(done)["deal"].receipt == {
        "id": there.id, "address": f"https://app.hubspot.com/contacts/4242/record/0-3/{there.id}",
    }  # fmt: skip
    assert in_hubspot(done)["community"].receipt["id"] == community.id


def test_apply_again_reads_five_times_and_writes_nothing(hubspot, account):
    engagement, _there = sold(account)
    apply(engagement)
    hubspot.calls.clear()

    apply(engagement, at=LATER)

    assert (writes(hubspot), hubspot.calls.total()) == ([], 5)


def test_stage_and_fields_of_a_deal_are_one_write(hubspot, account):
    engagement, there = sold(account)
    apply(engagement)
    advance(engagement, "closed_won")
    report_health(engagement.number, Health.AT_RISK, why="GPUs are late.", by=PS, at=NOON)
    accept_engagement(engagement.number, by=PS, at=NOON)
    hubspot.calls.clear()

    done = apply(engagement, at=LATER)

    assert states(done) == ALL
    assert writes(hubspot) == ["/crm/objects/2026-09/deals/batch/update"]
    assert there.properties["dealstage"] == "closedwon"
    assert (ours(there)["delivery"], ours(there)["accepted_by"]) == ("In delivery, at risk", PS)


def test_verified_at_is_when_the_last_promise_was_verified(hubspot, account):
    engagement, there = sold(account)
    apply(engagement)
    Deliverable.objects.filter(project__engagement=engagement).update(
        state="verified", done_at=NOON, verdict_at=NOON, verdict_by="bea", done_by="pia"
    )

    apply(engagement, at=LATER)

    assert (ours(there)["delivery"], ours(there)["verified_at"]) == (
        "Verified", "2026-03-02T12:00:00Z",
    )  # fmt: skip
    assert states(verify(engagement, at=LATER_STILL)) == ALL


def test_what_somebody_wrote_over_our_field_is_shown_with_both_sides(hubspot, account):
    engagement, there = sold(account)
    apply(engagement)
    account.change(there, {"throughline_delivery": "All done!", "description": "BD's own"})

    assert states(verify(engagement, at=LATER))["deal"] == "drifted"
    (line,) = [one for one in drift_of(engagement, on=LATER.date()) if one.differing]
    assert [(side.field, side.wanted, side.seen) for side in line.differing] == [
        ("Delivery state", "Waits for PS", "All done!"),
    ]
    assert "change it here, or restore it" in line.differing[0].why_not

    apply(engagement, at=LATER_STILL)
    assert ours(there)["delivery"] == "Waits for PS"
    assert there.properties["description"] == "BD's own"


def test_a_stage_that_moved_there_since_the_last_reading_is_not_written_over(hubspot, account):
    engagement, there = sold(account)
    apply(engagement)
    account.change(there, {"dealstage": STAGES["Negotiation"]})
    advance(engagement, "closed_won")

    line = of_hubspot(engagement, LATER)["hubspot.stage"]
    done = apply(engagement, at=LATER)

    assert there.properties["dealstage"] == STAGES["Negotiation"]
    assert line.verb not in {"create", "update"}
    assert "HubSpot has moved it to Negotiation since it was last read" in line.remedy
    assert states(done)["deal"] == "converged"


def test_a_reverted_stage_is_written_back_once_somebody_applies(hubspot, account):
    engagement, there = sold(account)
    apply(engagement)
    account.change(there, {"dealstage": STAGES["Closed Won"]})
    Deal.objects.filter(pk=engagement.pk).update(
        stage_elsewhere="Closed Won"
    )  # read, then reverted

    assert states(verify(engagement, at=LATER))["stage"] == "drifted"
    assert there.properties["dealstage"] == STAGES["Closed Won"]
    assert states(apply(engagement, at=LATER_STILL))["stage"] == "converged"
    assert there.properties["dealstage"] == STAGES["Contract Admin"]


def test_a_stage_that_nothing_stands_for_waits_for_somebody_to_say(hubspot, account):
    engagement, _there = sold(account)
    (pipeline,) = account.pipelines[DEALS]
    left = tuple(one for one in pipeline.stages if one.label != "Closed Won")
    account.pipelines[DEALS] = [type(pipeline)(id="default", label="Communities", stages=left)]
    read_stages()
    advance(engagement, "closed_won")

    done = apply(engagement)

    assert states(done)["stage"] == "waiting"
    assert "throughline hubspot map" in in_hubspot(done)["stage"].remedy


def test_what_was_written_is_read_back_as_nothing_new(hubspot, account):
    engagement, _there = sold(account)
    apply(engagement)
    source = source_from_settings(shipped())
    with source.hubspot:
        read_all(source, at=LATER)
        entries = Entry.objects.count()
        read = read_all(source, at=LATER)

    deal = Deal.objects.get(pk=engagement.pk)
    assert (read.updated, read.unchanged, Entry.objects.count()) == (0, 1, entries)
    assert (deal.stage, [one for one in deal.extra if "throughline" in one]) == (
        "contract_admin", [],
    )  # fmt: skip
    assert GateException.objects.count() == 0
    hubspot.calls.clear()
    apply(engagement, at=LATER_STILL)
    assert writes(hubspot) == []


def test_a_missing_property_is_named_with_its_type_and_hinders_no_other(hubspot, account):
    engagement, there = sold(account)
    del account.properties[DEALS]["throughline_verified_at"]

    done = apply(engagement)

    assert states(done) == ALL | {"deal": "waiting"}
    assert "“Verified at” with the internal name throughline_verified_at (date and time)" in (
        in_hubspot(done)["deal"].remedy
    )
    assert ours(there) == {}


def test_the_community_that_the_deal_belongs_to_is_told_and_keeps_its_name(hubspot, account):
    engagement, there = sold(account)
    known = account.create(COMMUNITIES, {"hs_course_name": "EARTHSCOPE"})
    account.associate(there, known, [("HUBSPOT_DEFINED", 863)])

    assert states(apply(engagement)) == ALL
    assert known.properties["hs_course_name"] == "EARTHSCOPE"
    assert ours(known)["community_id"] == "earthscope"
    assert len(account.records(COMMUNITIES)) == 1


def test_a_community_that_hubspot_has_already_is_found_by_listing_and_not_doubled(hubspot, account):
    engagement, there = sold(account)
    for number in range(120):
        account.create(COMMUNITIES, {"hs_course_name": f"Community {number}"})
    known = account.create(COMMUNITIES, {"hs_course_name": "EarthScope"})

    assert states(apply(engagement)) == ALL
    assert len(account.records(COMMUNITIES)) == 121
    assert [one.id for one, _ways in account.linked(there, COMMUNITIES)] == [known.id]


def test_another_community_is_never_written_and_both_names_are_shown(hubspot, account):
    engagement, there = sold(account)
    other = account.create(COMMUNITIES, {"hs_course_name": "Atoll"})
    account.associate(there, other, [("HUBSPOT_DEFINED", 863)])

    done = apply(engagement)

    assert states(done) == ALL | {"community": "waiting", "community-link": "waiting"}
    assert "belongs to “Atoll”, here to “EarthScope”" in in_hubspot(done)["community"].remedy
    assert ours(other) == {}


def test_a_merged_deal_is_left_alone_until_the_merge_is_read(hubspot, account):
    engagement, there = sold(account)
    other = account.create(DEALS, {"dealname": "Another"})
    survivor = account.merge(DEALS, other.id, there.id)

    done = apply(engagement)

    assert set(states(done).values()) <= {"wanted", "failed"}
    assert (ours(survivor), account.records(COMMUNITIES)) == ({}, [])
    Deal.objects.filter(pk=engagement.pk).update(hubspot_id=survivor.id)
    assert states(apply(engagement, at=LATER))["deal"] == "converged"
    assert ours(survivor)["delivery"] == "Waits for PS"


def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(hubspot, account):
    engagement, there = sold(account)

    def lose(call, _before):
        return losing_the_answer() if call.path.endswith(("update", "create")) else None

    for hours in range(8):
        with meddling(hubspot, lose):
            apply(engagement, at=NOON + timedelta(hours=hours))

    assert len(writes(hubspot)) == 3  # the deal, the community, the association
    assert states(apply(engagement, at=NOON + timedelta(days=1))) == ALL
    assert len(account.records(COMMUNITIES)) == 1
    assert ours(there)["delivery"] == "Waits for PS"


@pytest.mark.parametrize(
    "fault",
    [too_many(), answering(423), answering(502), answering(503), dropping(), losing_the_answer()],
)
def test_a_fault_at_any_call_ends_with_everything_told_once(hubspot, account, fault):
    engagement, there = sold(account)
    for place in range(12):
        with meddling(hubspot, lambda _call, before, place=place: before == place and fault):
            apply(engagement, at=NOON + timedelta(hours=place))
        report_health(
            engagement.number, Health.AT_RISK if place % 2 else Health.ON_TRACK,
            why=f"Week {place}.", by=PS, at=NOON,
        )  # fmt: skip

    assert states(apply(engagement, at=NOON + timedelta(days=1))) == ALL
    assert len(account.records(COMMUNITIES)) == 1
    assert [len(ways) for _one, ways in account.linked(there, COMMUNITIES)] == [1]


def test_one_deal_of_a_batch_that_is_refused_does_not_hinder_the_others(hubspot, account):
    numbers = [
        account.create(DEALS, {"dealname": name, "dealstage": STAGES["Contract Admin"]}).id
        for name in "AB"
    ]
    (system,) = [one.system for one in connected() if one.system.name == "hubspot"]
    wanted = [
        InHubSpot(f"hubspot.stage:{place}", "", {"Stage": name}, number, code, "contract_admin")
        for place, (number, name, code) in enumerate(
            zip(numbers, ["Closed Won", "Negotiation"], ["closed_won", "negotiation"], strict=True)
        )
    ]
    seen = system.observe(wanted)
    (pipeline,) = account.pipelines[DEALS]
    left = tuple(one for one in pipeline.stages if one.label != "Negotiation")
    account.pipelines[DEALS] = [type(pipeline)(id="default", label="Communities", stages=left)]
    hubspot.calls.clear()

    became = system.act([diff(one, seen[one.key]) for one in wanted], Doing("pia", NOON))

    assert became["hubspot.stage:0"].seen == {"Stage": "Closed Won"}
    assert "1004 was not one of the allowed options" in str(became["hubspot.stage:1"])
    assert account.get(DEALS, numbers[0]).properties["dealstage"] == "closedwon"
    assert hubspot.calls.total() == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_may_not_write_waits_and_says_which_scopes(hubspot, account, status):
    engagement, _there = sold(account)
    if status == 403:
        hubspot.scopes = {
            "crm.objects.deals.read", "crm.schemas.deals.read", "crm.objects.courses.read",
            "crm.schemas.courses.read",
        }  # fmt: skip
    else:
        hubspot.token = "another"

    done = apply(engagement)

    assert states(done)["deal"] == "waiting"
    said = in_hubspot(done)["deal"].remedy
    assert ("crm.objects.deals.write" if status == 403 else "THROUGHLINE_HUBSPOT_TOKEN") in said


def test_a_deal_that_is_not_in_hubspot_and_a_read_only_installation_tell_nothing(
    hubspot, account, settings
):
    engagement = make_engagement(name="Ours alone")
    assert of_hubspot(engagement) == {}
    settings.HUBSPOT_WRITE = False
    elsewhere, _there = sold(account)
    hubspot.calls.clear()

    assert (of_hubspot(fresh(elsewhere)), hubspot.calls.total()) == ({}, 0)
