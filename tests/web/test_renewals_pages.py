from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.factories import NOON, make_cluster, make_deal
from throughline.delivery.actions.engagements import link_clusters, open_imported
from throughline.playbook.loader import shipped
from throughline.web.renewals.shown import _at, _month


def make_engagement_ending(name, days, *, hub=False):
    end_on = timezone.now().date() + timedelta(days=days)
    deal = make_deal(name=name, stage="closed_won", end_on=end_on, hubspot_id=f"5{abs(days)}",
                     start_on=end_on - timedelta(days=365))  # fmt: skip
    if hub:
        make_cluster(f"c{abs(days)}", deal_id=deal.hubspot_id, hubs={"h": ("H", "h.example")})
    open_imported(playbook=shipped(), by="t", at=NOON)
    link_clusters(by="t", at=NOON)
    return deal


def test_renewals_show_the_arithmetic_of_every_step(browser):
    deal = make_engagement_ending("Ends", 90)

    ((_line, notices),) = browser("BD").get("/renewals/").context["lines"]

    assert [(one["minus"], one["line"].due_on, one["line"].step) for one in notices] == [
        (180, deal.end_on - timedelta(days=180), "180"),
        (60, deal.end_on - timedelta(days=60), "60"),
    ]


def test_renewals_without_an_end_date_say_so(browser):
    make_deal(name="Endless", stage="closed_won")
    open_imported(playbook=shipped(), by="t", at=NOON)

    text = browser("BD").get("/renewals/?view=no-end").content.decode()
    assert "No end date: nobody is told before the end." in text


def test_renewals_cost_as_many_queries_for_three_as_for_one(browser, django_assert_num_queries):
    client = browser("PS")
    make_engagement_ending("One", 90)
    with django_assert_num_queries(11):
        client.get("/renewals/")
    make_engagement_ending("Two", 91)
    make_engagement_ending("Three", 92)
    with django_assert_num_queries(11):
        assert len(client.get("/renewals/").context["lines"]) == 3


def test_ladder_draws_the_lapsed_part_up_to_today(browser):
    make_engagement_ending("Lapsed", -20, hub=True)

    (row,) = browser("BD").get("/renewals/?view=lapsed").context["ladder"]["rows"]

    today = browser("BD").get("/renewals/?view=lapsed").context["ladder"]["today"]
    assert (row["state"], row["end_text"]) == ("lapsed", "20 days ago")
    assert row["lapsed_at"] + row["lapsed"] == pytest.approx(today)


@pytest.mark.parametrize(
    ("of", "plus", "expected"),
    [
        (date(2026, 1, 31), -3, date(2025, 10, 1)),
        (date(2026, 12, 5), 1, date(2027, 1, 1)),
        (date(2026, 2, 28), 18, date(2027, 8, 1)),
    ],
)
def test_ladder_counts_months_over_the_year(of, plus, expected):
    assert _month(of, plus) == expected


def test_ladder_positions_stay_between_nothing_and_all():
    begin, finish = date(2026, 1, 1), date(2027, 7, 1)

    found = [_at(one, begin, finish) for one in (date(2020, 1, 1), begin, finish, date(2030, 1, 1))]
    assert found == [0.0, 0.0, 100.0, 100.0]


def test_reconcile_names_each_difference_with_its_remedy_and_its_deal(browser):
    deal = make_engagement_ending("Lapsed", -20, hub=True)

    response = browser("Lead").get("/reconcile/")

    found = {group["code"]: group["lines"] for group in response.context["groups"]}
    assert sorted(found) == ["agreement_lapsed", "alert_missing", "community_id_legacy"]
    assert [number for _finding, number in found["agreement_lapsed"]] == [deal.pk]
    assert f'href="/deals/{deal.pk}/"' in response.content.decode()


def test_reconcile_narrows_to_one_kind(browser):
    make_engagement_ending("Lapsed", -20, hub=True)

    groups = browser("PS").get("/reconcile/?code=alert_missing").context["groups"]
    assert [group["code"] for group in groups] == ["alert_missing"]


def test_reconcile_costs_as_many_queries_for_three_as_for_one(browser, django_assert_num_queries):
    client = browser("BD")
    make_engagement_ending("One", -20, hub=True)
    with django_assert_num_queries(18):
        client.get("/reconcile/")
    make_engagement_ending("Two", -21, hub=True)
    make_engagement_ending("Three", -22, hub=True)
    with django_assert_num_queries(18):
        client.get("/reconcile/")
