"""Agreements against what runs: one constructed case for each code, and its opposite."""

import pytest

from tests.factories import NOON, make_cluster, make_deal, tell
from tests.renewals.world import day
from throughline.delivery.actions.engagements import link_clusters, open_imported
from throughline.infrastructure.words import Payer
from throughline.playbook.loader import shipped
from throughline.renewals.reconcile import Finding, findings
from throughline.sales.models import AgreementPayer, Deal, DealAlias

pytestmark = pytest.mark.django_db
TODAY = day("2026-07-10")
QUIET = {"paid_by": Payer.COMMUNITY, "hubs": {"prod": ("Prod", "hub.example")}}


def won(hubspot_id: str, **fields) -> Deal:
    wanted = {"start_on": day("2026-01-01"), "end_on": day("2026-12-31"), "tier": "premier"}
    deal = make_deal(
        name=f"Deal {hubspot_id}", hubspot_id=hubspot_id, stage="closed_won", **wanted | fields
    )
    open_imported(playbook=shipped(), by="factory", at=NOON)
    return deal


def found(on=TODAY) -> list[tuple[str, str | None, str | None]]:
    link_clusters(by="factory", at=NOON)
    return [(one.code, one.cluster, one.deal_id) for one in findings(on=on)]


def test_a_cluster_of_a_running_deal_that_the_community_pays_has_no_finding():
    won("1001")
    make_cluster("quiet", deal_id="1001", **QUIET)

    assert found() == []


def test_a_cluster_that_names_no_deal_is_deal_missing():
    make_cluster("lonely", **QUIET)

    assert found() == [("deal_missing", "lonely", None)]


def test_a_cluster_that_names_its_deal_as_it_was_before_a_merge_is_known():
    deal = won("1001")
    DealAlias.objects.create(old_id="900", deal=deal, at=NOON)
    make_cluster("quiet", deal_id="900", **QUIET)

    assert found() == []


def test_a_cluster_whose_deal_nobody_knows_is_deal_unknown():
    make_cluster("strange", deal_id="404", **QUIET)

    assert found() == [("deal_unknown", "strange", "404")]


def test_a_cluster_of_an_ended_deal_is_lapsed_from_the_day_after_the_last():
    won("1001", end_on=day("2026-06-30"))
    make_cluster("late", deal_id="1001", **QUIET)

    assert found(on=day("2026-06-30")) == []
    assert findings(on=day("2026-07-10")) == [
        Finding(
            "agreement_lapsed",
            "late",
            "1001",
            "Deal 1001 ended on 2026-06-30, 10 days ago, and 1 hubs run on the cluster.",
        )
    ]


def test_a_deal_that_sells_a_hub_without_a_cluster_is_agreement_without_cluster():
    won("1001")
    won("1002", tier="", revenue_type="membership-general")

    assert found() == [
        ("agreement_without_cluster", None, "1001"),
        ("agreement_without_cluster", None, "1002"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"tier": "", "revenue_type": "project"},
        {"end_on": day("2026-07-09")},
        {"start_on": day("2026-07-11")},
    ],
)
def test_a_project_or_a_deal_out_of_force_needs_no_cluster(fields):
    won("1001", **fields)

    assert found() == []


def test_a_payer_that_agreement_and_file_name_differently_is_payer_mismatch():
    deal = won("1001")
    tell(deal, "agreement.artefact", title="Agreement")
    cluster = make_cluster("whose", deal_id="1001", **QUIET)
    agreed = {"agreement": deal.agreements.get(), "cluster": cluster, "payer": Payer.US}
    AgreementPayer.objects.create(from_on=day("2026-01-01"), to_on=day("2026-07-10"), **agreed)

    before, after = found(on=day("2026-07-09")), found(on=day("2026-07-10"))

    assert before == [("payer_mismatch", "whose", "1001")]
    assert after == []  # the agreement's word ended the day before


def test_a_file_that_says_nothing_about_the_payer_contradicts_nobody():
    deal = won("1001")
    tell(deal, "agreement.artefact", title="Agreement")
    cluster = make_cluster("whose", deal_id="1001", **QUIET | {"paid_by": Payer.UNKNOWN})
    AgreementPayer.objects.create(
        agreement=deal.agreements.get(), cluster=cluster, payer=Payer.US, from_on=day("2026-01-01")
    )

    assert found() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"paid_by": Payer.US, "budget_alert": None}, ["alert_missing"]),
        ({"paid_by": Payer.US, "budget_alert": False}, ["alert_missing"]),
        ({"paid_by": Payer.US, "budget_alert": True}, []),
        ({"paid_by": Payer.US, "account": None, "budget_alert": None}, []),
        ({"paid_by": Payer.COMMUNITY, "budget_alert": None}, []),
    ],
)
def test_an_account_we_pay_for_needs_an_armed_alert(fields, expected):
    won("1001")
    make_cluster("armed", deal_id="1001", **QUIET | fields)

    assert [code for code, _cluster, _deal in found()] == expected


@pytest.mark.parametrize("name", ["awi-ciroh", "2i2c", "NASA"])
def test_a_name_that_is_not_one_lowercase_word_is_legacy(name):
    won("1001")
    make_cluster(name, deal_id="1001", **QUIET)

    assert found() == [("community_id_legacy", name, "1001")]


def test_one_cluster_may_have_several_findings_in_the_order_of_their_codes():
    make_cluster("b-b", deal_id="404", **QUIET | {"paid_by": Payer.US})
    make_cluster("aa", **QUIET)

    assert found() == [
        ("deal_missing", "aa", None),
        ("alert_missing", "b-b", "404"),
        ("community_id_legacy", "b-b", "404"),
        ("deal_unknown", "b-b", "404"),
    ]
