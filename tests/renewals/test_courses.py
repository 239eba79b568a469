"""Deciding what becomes of an engagement: renew, extend, amend, end; and taking it back."""

import pytest

from tests.factories import BD, PS, make_cluster, make_deal, make_engagement, sign, tell
from tests.renewals.endings import END, make_people, make_running, make_signed, renew
from tests.renewals.world import acts, day, make_representative, nine
from throughline.communities.actions import Told, answer_question
from throughline.communities.models import ContextAnswer
from throughline.communities.queries import roles_by_subject
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.playbook.loader import shipped
from throughline.renewals.actions_courses import (
    amend_engagement,
    end_engagement,
    extend_engagement,
    link_arrived,
    withdraw_course,
)
from throughline.renewals.courses import following_of, standing_course
from throughline.renewals.models import Course, Offboarding
from throughline.sales.models import Deal

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def fresh(engagement) -> Engagement:
    return engagements().select_related("successor").get(pk=engagement.pk)


def test_renewing_makes_the_deal_that_follows_for_the_same_community_and_people():
    engagement = make_running(tier="premier", revenue_type="membership-premier")
    make_representative(engagement, "rae@example.org")
    community = engagement.deal.community_id
    answer_question(
        community, "goals", told=Told("Teach."), playbook=shipped(), by=BD, at=nine("2025-01-01")
    )

    course = renew(engagement, start_on=day("2026-07-01"), end_on=day("2027-06-30"))

    made = course.successor
    assert (made.name, made.stage, made.tier, made.community_id, made.amount) == (
        f"{engagement.deal.name} (renewal)", "lead", "premier", community, None,
    )  # fmt: skip
    assert (made.start_on, made.end_on) == (day("2026-07-01"), day("2027-06-30"))
    assert fresh(engagement).successor == made
    (held,) = roles_by_subject([made.subject], on=day("2026-05-02"))[made.subject]
    assert (held.contact.email, held.role) == ("rae@example.org", "representative")
    # Asked again, and what was said before stands until something else is said.
    assert ContextAnswer.objects.get(community=community, question="goals").text == "Teach."
    assert acts("communities.question.asked_again") == ["communities.question.asked_again"]


@pytest.mark.parametrize(
    ("start_on", "gap", "overlap", "said"),
    [
        ("2026-07-01", 0, 0, "it follows on the next day"),
        ("2026-07-15", 14, 0, "14 days between the two, on which nothing is agreed"),
        ("2026-06-01", 0, 30, "30 days on which both hold"),
        (None, None, None, "its first day is not known"),
    ],
)
def test_a_renewal_shows_gap_and_overlap_and_invents_neither(start_on, gap, overlap, said):
    engagement = make_running()
    next_deal = make_signed(start_on, "2027-06-30", community=engagement.deal.community)
    renew(engagement, deal=str(next_deal.pk))

    found = following_of(fresh(engagement))

    assert (found.gap_days, found.overlap_days, found.said) == (gap, overlap, said)
    assert (found.is_executed, found.executed_on) == (True, day("2026-03-02"))
    assert found.signed == "signed on 2026-03-02, 120 days before the end"


def test_a_renewal_by_another_communitys_deal_or_its_own_or_a_lost_one_is_refused():
    engagement, other = make_running(), make_running(hub="ebb", community="Ebb")
    lost = make_deal(name="Lost", stage="closed_lost")

    said = []
    for deal in (engagement.deal, other.deal, lost):
        with pytest.raises(Refused) as refused:
            renew(engagement, deal=str(deal.pk))
        said.append(refused.value.message)

    assert said == [
        "A deal cannot renew itself.",
        f"{other.deal} serves another community.",
        f"{lost} is lost or gone.",
    ]
    assert Course.objects.count() == 0


def test_two_deals_cannot_renew_each_other():
    first, second = make_running(), make_running(hub="ebb", end_on="2027-06-30")
    renew(first, deal=str(second.deal.pk))

    with pytest.raises(Refused) as refused:
        renew(second, deal=str(first.deal.pk))

    assert refused.value.message == f"{first.deal} is renewed by {second.deal.name} itself."


def test_what_is_renewed_by_a_signed_deal_is_neither_renewed_again_nor_ended():
    engagement = make_running()
    signed = make_signed("2026-07-01", "2027-06-30", community=engagement.deal.community)
    renew(engagement, deal=str(signed.pk))

    with pytest.raises(Refused) as again:
        renew(engagement)
    with pytest.raises(Refused) as ended:
        end_engagement(engagement.number, by=BD, at=nine("2026-05-02"))

    assert again.value.message.endswith("which is signed.")
    assert ended.value.message == f"It is renewed by {signed}, which is signed."
    assert fresh(engagement).is_ending is False


def test_where_hubspot_has_the_deals_the_next_one_is_asked_for_there_and_linked_when_it_comes(
    settings,
):
    settings.HUBSPOT_CONNECTED = True
    engagement = make_running(hubspot_id="700")
    course = renew(engagement, name="Tide 2027")
    assert (course.successor, course.awaited) == (None, "Tide 2027")
    assert link_arrived(playbook=shipped(), by="worker", at=nine("2026-05-02")) == []

    arrived = make_deal(name="TIDE 2027", hubspot_id="701")
    Deal.objects.filter(pk=arrived.pk).update(created_at=nine("2026-05-03"))
    older = make_deal(name="Tide 2027", hubspot_id="699")  # of before: not what was asked for

    (linked,) = link_arrived(playbook=shipped(), by="worker", at=nine("2026-05-04"))
    assert link_arrived(playbook=shipped(), by="worker", at=nine("2026-05-05")) == []
    assert (linked.successor_id, fresh(engagement).successor_id) == (arrived.pk, arrived.pk)
    assert older.pk != arrived.pk


def test_two_deals_of_the_awaited_name_are_left_for_a_person_to_choose(settings):
    settings.HUBSPOT_CONNECTED = True
    engagement = make_running(hubspot_id="700")
    renew(engagement, name="Tide 2027")
    for number in ("701", "702"):
        made = make_deal(name="Tide 2027", hubspot_id=number)
        Deal.objects.filter(pk=made.pk).update(created_at=nine("2026-05-03"))

    assert link_arrived(playbook=shipped(), by="worker", at=nine("2026-05-04")) == []
    assert fresh(engagement).successor is None


def test_extending_counts_once_the_amendment_is_executed():
    engagement = make_engagement()
    course = extend_engagement(
        engagement.number, day("2027-06-30"), playbook=shipped(), by=BD, at=nine("2026-05-01")
    )
    assert fresh(engagement).deal.end_on == day("2027-03-31")

    sign(engagement.deal)

    assert fresh(engagement).deal.end_on == day("2027-06-30")
    assert (course.kind, course.amendment.amendment_kind) == ("extend", "extension")
    assert standing_course(fresh(engagement)) is None  # the new end is nobody's decision yet


def test_amending_needs_the_day_from_which_it_holds():
    engagement = make_engagement()
    with pytest.raises(Refused) as refused:
        amend_engagement(
            engagement.number, {"scope": "More"}, playbook=shipped(), by=BD, at=nine("2026-05-01")
        )
    assert refused.value.message == "From which day on?"

    course = amend_engagement(
        engagement.number, {"tier": "essential", "effective_on": "2026-06-01"}, playbook=shipped(),
        by=BD, at=nine("2026-05-01"),
    )  # fmt: skip
    assert (course.kind, course.amendment.tier) == ("amend", "essential")


def test_ending_begins_the_check_list_of_its_own_hubs_and_only_once():
    make_people()
    engagement = make_running()

    with pytest.raises(NotEntitled):
        end_engagement(engagement.number, by=PS, at=nine("2026-05-01"))
    first = end_engagement(engagement.number, why="No money.", by=BD, at=nine("2026-05-01"))
    again = end_engagement(engagement.number, by=BD, at=nine("2026-05-02"))

    offboarding = Offboarding.objects.get(deal=engagement.pk)
    assert (first.pk, offboarding.hubs, offboarding.clusters) == (again.pk, ["tide/prod"], ["tide"])
    assert fresh(engagement).is_ending is True


def test_taking_an_end_back_puts_the_check_list_away_and_says_why():
    engagement = make_running()
    end_engagement(engagement.number, by=BD, at=nine("2026-05-01"))

    with pytest.raises(Refused):
        withdraw_course(
            engagement.number, why=" ", playbook=shipped(), by=BD, at=nine("2026-05-02")
        )
    withdraw_course(
        engagement.number, why="They found money.", playbook=shipped(), by=BD, at=nine("2026-05-02")
    )

    assert fresh(engagement).is_ending is False
    assert Offboarding.objects.get().called_off_by == BD
    assert standing_course(fresh(engagement)) is None


def test_a_renewal_in_part_takes_down_only_the_hubs_that_do_not_go_on():
    engagement = make_running()

    make_cluster(
        "tide", deal_id=engagement.deal.reference,
        hubs={name: (name, f"{name}.tide.example") for name in ("prod", "class", "lab")},
    )  # fmt: skip
    link_clusters(by=BD, at=nine("2026-01-01"))

    with pytest.raises(Refused) as strange:
        renew(engagement, hubs_that_end=("ebb/prod",))
    course = renew(engagement, hubs_that_end=("tide/lab",))

    offboarding = Offboarding.objects.get(deal=engagement.pk)
    assert strange.value.message == "ebb/prod is no hub of this engagement's own."
    assert (course.hubs_that_end, offboarding.hubs) == (["tide/lab"], ["tide/lab"])
    assert offboarding.clusters == []  # others run on it: it stays
    assert fresh(engagement).is_ending is False


def test_one_engagements_end_never_lists_the_hub_of_another_on_its_cluster():
    """E30: the file names one deal, and a hub on it is another community's."""

    other = make_running(end_on="2028-01-01", hub="ebbtide", community="Ebb")
    tell(other.deal, "community.id", community_id="ebb")
    engagement = make_running()
    make_cluster(
        "shared", deal_id=engagement.deal.reference,
        hubs={"prod": ("", "prod.example"), "ebb": ("", "ebb.example")},
    )  # fmt: skip
    link_clusters(by=BD, at=nine("2026-01-01"))

    end_engagement(engagement.number, by=BD, at=nine("2026-05-01"))

    offboarding = Offboarding.objects.get(deal=engagement.pk)
    assert offboarding.hubs == ["shared/prod", "tide/prod"]
    assert offboarding.clusters == ["tide"]


def test_the_end_is_the_one_for_which_it_was_decided():
    engagement = make_running()
    course = renew(engagement)

    assert course.end_on == day(END)
    Deal.objects.filter(pk=engagement.pk).update(end_on="2026-12-31")
    assert standing_course(fresh(engagement)) is None
