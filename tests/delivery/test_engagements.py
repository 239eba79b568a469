"""Opening engagements, 1:1 with their deals, and what people say about them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories import (
    BD,
    NOON,
    PS,
    make_cluster,
    make_deal,
    make_deal_at,
    make_engagement,
    make_person,
    sign,
)
from throughline.communities.models import Community
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.actions.engagements import (
    decide_to_end,
    link_clusters,
    name_successor,
    open_engagement,
    open_imported,
    report_health,
)
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.queries import NoSuchEngagement, find_engagement
from throughline.delivery.words import Health
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.sales.models import Order

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=1)


@pytest.fixture
def open_for(playbook):
    def _open(deal, *, at=NOON, by=BD):
        return open_engagement(deal.pk, playbook=playbook, by=by, at=at)

    return _open


def links():
    found = EngagementCluster.objects.order_by("cluster__name")
    return list(found.values_list("engagement_id", "cluster__name"))


def test_engagement_of_a_signed_deal_is_opened_with_its_order(open_for):
    deal = sign(make_deal_at("contract_admin"))

    engagement, is_new = open_for(deal)

    assert (is_new, engagement.number, engagement.origin) == (True, deal.pk, "ordered")
    assert (engagement.opened_at, engagement.opened_by) == (NOON, BD)
    assert Order.objects.values_list("deal_id", "by").get() == (deal.pk, BD)
    assert Entry.objects.about(engagement).get().act == "delivery.engagement.opened"


def test_engagement_opened_twice_is_the_same(open_for):
    deal = sign(make_deal_at("contract_admin"))
    first, _new = open_for(deal)

    again, is_new = open_for(deal, at=LATER, by="bea")

    assert (again, is_new, again.opened_at, again.opened_by) == (first, False, NOON, BD)
    assert Entry.objects.filter(act="delivery.engagement.opened").count() == 1


@pytest.mark.parametrize("stage", ["lead", "negotiation"])
def test_engagement_before_contract_admin_is_refused_and_nothing_is_left(open_for, stage):
    with pytest.raises(Refused, match="is not at Contract Admin or Closed Won"):
        open_for(make_deal(stage=stage))

    assert (Engagement.objects.count(), Order.objects.count()) == (0, 0)


def test_engagement_without_execution_is_refused_and_nothing_is_left(open_for):
    with pytest.raises(Refused, match="is not executed"):
        open_for(make_deal_at("contract_admin"))

    assert (Engagement.objects.count(), Order.objects.count()) == (0, 0)


def test_community_id_is_in_use_from_the_engagement_on(open_for):
    deal = sign(make_deal_at("contract_admin"))
    assert Community.objects.get().id_state == "reserved"

    open_for(deal)

    assert Community.objects.values_list("id_state", "id_reserved_until").get() == ("used", None)
    assert Entry.objects.get(act="communities.id.used").by == BD


def test_deal_has_one_engagement_and_no_second(open_for):
    engagement = make_engagement()

    with pytest.raises(IntegrityError), transaction.atomic():
        Engagement.objects.create(
            deal=engagement.deal, origin="ordered", opened_at=NOON, opened_by=BD
        )


@pytest.mark.both_databases
def test_engagement_opened_by_several_at_once_is_one(at_once, open_for):
    deal = sign(make_deal_at("contract_admin"))

    results = at_once(*[lambda: open_for(deal)] * 4)

    assert sorted(is_new for _engagement, is_new in results) == [False, False, False, True]
    assert (Engagement.objects.count(), Order.objects.count()) == (1, 1)
    assert Entry.objects.filter(act="delivery.engagement.opened").count() == 1


def test_won_deals_that_came_in_get_an_engagement_once(playbook):
    won = make_deal(stage="closed_won", name="Won")
    make_deal(stage="closed_lost")
    make_deal(stage="")

    opened = open_imported(playbook=playbook, by="import", at=NOON)

    assert [(one.deal, one.origin) for one in opened] == [(won, "imported")]
    assert Order.objects.count() == 0
    assert open_imported(playbook=playbook, by="import", at=LATER) == []


def test_engagement_is_found_by_number_and_by_the_deals_id():
    engagement = make_engagement(hubspot_id="86221242056")

    assert find_engagement(str(engagement.number)) == engagement
    assert find_engagement("86221242056") == engagement


def test_engagement_that_is_none_says_what_to_do():
    deal = make_deal(hubspot_id="77")

    with pytest.raises(NoSuchEngagement, match="There is no engagement 4711"):
        find_engagement("4711")
    with pytest.raises(NoSuchEngagement) as refused:
        find_engagement("77")
    assert str(refused.value) == (
        f"{deal} has no engagement yet. Place its order: `throughline order`."
    )


def test_clusters_follow_the_deal_ids_of_their_files():
    first = make_engagement(hubspot_id="77")
    make_cluster("b", deal_id="77")
    make_cluster("a", deal_id="77")
    make_cluster("c", deal_id="unknown")

    assert link_clusters(by="import", at=NOON) == 2
    assert links() == [(first.number, "a"), (first.number, "b")]
    assert link_clusters(by="import", at=NOON) == 0

    make_cluster("a", deal_id="")
    assert link_clusters(by="import", at=NOON) == 1
    assert links() == [(first.number, "b")]
    assert list(Entry.objects.filter(act__startswith="delivery.cluster").order_by("pk")
                .values_list("act", flat=True)) == [
        "delivery.cluster.linked", "delivery.cluster.linked", "delivery.cluster.unlinked",
    ]  # fmt: skip


def test_handoff_is_accepted_by_name_and_once():
    engagement = make_engagement()

    accepted = accept_engagement(engagement.number, by=PS, at=NOON)

    assert (accepted.accepted_by, accepted.accepted_at) == (PS, NOON)
    with pytest.raises(Refused) as refused:
        accept_engagement(engagement.number, by="tom", at=LATER)
    assert str(refused.value) == "pia accepted this on 2026-03-02. Talk to them."


def test_handoff_accepted_by_somebody_of_bd_is_refused():
    make_person(BD, RoleName.BD)
    engagement = make_engagement()

    with pytest.raises(NotEntitled, match="ada may not accept a handoff"):
        accept_engagement(engagement.number, by=BD, at=NOON)


@pytest.mark.parametrize("health", [Health.AT_RISK, Health.OFF_TRACK])
def test_health_that_is_not_on_track_needs_a_reason(health):
    engagement = make_engagement()

    with pytest.raises(Refused) as refused:
        report_health(engagement.number, health, why=" ", by=PS, at=NOON)
    assert str(refused.value) == "Why is it not on track? Say it in one sentence."

    found = report_health(engagement.number, health, why=" Late data. ", by=PS, at=NOON)
    assert (found.health, found.health_why, found.health_at) == (health, "Late data.", NOON)
    assert Entry.objects.about(found).order_by("-pk").first().facts == {
        "before": "on_track", "after": health.value,
    }  # fmt: skip


def test_end_is_decided_once():
    engagement = make_engagement()
    for _time in range(2):
        assert decide_to_end(engagement.number, by=BD, at=NOON).is_ending

    assert Entry.objects.filter(act="delivery.engagement.ending").count() == 1


def test_successor_is_another_deal():
    engagement, renewal = make_engagement(), make_deal(name="Renewal")

    with pytest.raises(Refused, match="A deal cannot renew itself"):
        name_successor(engagement.number, engagement.deal, by=BD, at=NOON)

    found = name_successor(engagement.number, renewal, by=BD, at=NOON)
    assert (found.successor, list(renewal.predecessors.all())) == (renewal, [engagement])
