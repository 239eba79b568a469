"""What running things take of the team each week, and which of it is booked."""

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import BD, NOON, PS, make_cluster, make_deal, make_engagement
from throughline.capacity.models import StandingLoad
from throughline.delivery.actions.engagements import decide_to_end, link_clusters, name_successor
from throughline.delivery.load import bookings_of_work, refresh_standing_load
from throughline.delivery.models import Engagement
from throughline.playbook.loader import shipped
from throughline.sales.demand import work_of_deal
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db

HUBS = {"staging": ("", ""), "prod": ("", "")}
INFRA = "infrastructure_engineer"


def refresh(ending=None):
    return refresh_standing_load(ending=ending or {}, playbook=shipped(), by=PS, at=NOON)


def rows():
    found = StandingLoad.objects.order_by("subject", "role")
    return [(row.subject, row.role, row.hours_per_week, row.to_on, row.why) for row in found]


@pytest.fixture
def engagement():
    """A Premier engagement until 31 March 2027, with a cluster of two hubs."""
    make_cluster("earthscope", deal_id="771", hubs=HUBS)
    return make_engagement(hubspot_id="771")


def test_tier_counts_until_the_agreement_ends_and_hubs_while_nobody_ends_them(engagement):
    subject, end = engagement.deal.subject, date(2027, 3, 31)

    refresh()

    assert rows() == [
        (subject, "delivery", 1, end, "Premier"),
        (subject, INFRA, 1, None, "2 hubs"),
        (subject, "product", 1, end, "Premier"),
    ]
    assert refresh() == 0


def test_a_hub_that_a_renewal_leaves_out_counts_until_its_last_day_and_the_others_go_on(engagement):
    end = date(2027, 3, 31)

    refresh({"earthscope/staging": end, "elsewhere/staging": date(2020, 1, 1)})

    hubs = [(row[4], row[2], row[3]) for row in rows() if row[1] == INFRA]
    assert [(why, to_on) for why, _hours, to_on in hubs if to_on is None] == [("1 hub", None)]
    assert [(why, to_on) for why, _hours, to_on in hubs if to_on] == [("1 hub", end)]
    assert [hours for _why, hours, _to_on in hubs] == [Decimal("0.50")] * 2


def test_hubs_that_somebody_ends_count_until_the_end_and_renewed_ones_go_on(engagement):
    number, end = engagement.number, date(2027, 3, 31)
    next_deal = make_deal(name="Renewal", start_on=date(2027, 3, 1), tier="premier")
    name_successor(number, next_deal, by=BD, at=NOON)
    refresh()
    before = rows()[1]

    Engagement.objects.create(deal=next_deal, origin="ordered", opened_at=NOON, opened_by=BD)
    refresh()

    # One pair of hubs and one tier at a time, though the file names the old deal and both hold.
    old, new = engagement.deal.subject, next_deal.subject
    assert before == (old, INFRA, 1, None, "2 hubs")
    assert rows() == [
        (old, "delivery", 1, date(2027, 2, 28), "Premier"),
        (old, "product", 1, date(2027, 2, 28), "Premier"),
        (new, "delivery", 1, None, "Premier"),
        (new, INFRA, 1, None, "2 hubs"),
        (new, "product", 1, None, "Premier"),
    ]
    decide_to_end(next_deal.pk, by=BD, at=NOON)
    Deal.objects.filter(pk=next_deal.pk).update(end_on=end)
    refresh()
    assert [row[3] for row in rows() if row[1] == INFRA] == [end]


def test_hub_whose_deal_nobody_knows_counts_for_its_cluster():
    make_cluster("alone", deal_id="999", hubs={"prod": ("", "")})
    make_cluster("empty")

    refresh()

    assert rows() == [("cluster:alone", INFRA, Decimal("0.50"), None, "1 hub")]


def test_hub_that_serves_two_engagements_counts_once(engagement):
    other = make_deal(name="Second", hubspot_id="772")
    second = Engagement.objects.create(deal=other, origin="ordered", opened_at=NOON, opened_by=BD)
    second.on_clusters.create(cluster=engagement.on_clusters.get().cluster, since=NOON)

    refresh()

    assert [row[0] for row in rows() if row[1] == INFRA] == [engagement.deal.subject]


def test_hub_that_is_gone_takes_nothing_any_more(engagement):
    refresh()
    engagement.on_clusters.get().cluster.hubs.all().delete()
    link_clusters(by=PS, at=NOON)

    assert refresh() == 1
    assert [row[1] for row in rows()] == ["delivery", "product"]


def test_bookings_are_the_projects_of_the_template_and_no_services(engagement):
    works = work_of_deal(engagement.deal, None, playbook=shipped(), start_on=date(2026, 3, 2))

    booked = bookings_of_work(works, engagement, playbook=shipped())

    # phases are due 56 days after the start, 1 April 2026
    assert [(one.code, one.roles, one.hours, one.to_on) for one in booked] == [
        ("new-hub", (INFRA,), 80, date(2026, 5, 27)),
        ("new-hub:2", ("delivery",), 16, date(2026, 5, 27)),
    ]


def test_bookings_without_any_date_end_when_the_playbook_says(engagement):
    engagement.deal.start_on = engagement.deal.end_on = None
    works = work_of_deal(engagement.deal, None, playbook=shipped(), start_on=date(2026, 3, 2))

    booked = bookings_of_work(works, engagement, playbook=shipped())

    assert {(one.from_on, one.to_on) for one in booked} == {(date(2026, 3, 2), date(2026, 4, 27))}
