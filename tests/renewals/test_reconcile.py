"""Agreements against what runs: one constructed case for each code, and its opposite."""

import pytest

from tests.factories import NOON, make_cluster, make_deal, tell
from tests.renewals.world import day
from throughline.delivery.actions.engagements import link_clusters, open_imported
from throughline.infrastructure.words import Payer
from throughline.playbook.loader import shipped
from throughline.renewals.reconcile import Finding, findings
from throughline.renewals.reconcile_words import KINDS
from throughline.sales.models import AgreementPayer, Deal, DealAlias

pytestmark = pytest.mark.django_db
TODAY = day("2026-07-10")
QUIET = {"paid_by": Payer.COMMUNITY, "hubs": {"prod": ("Prod", "hub.example")}}
MANY = {name: (name, f"{name}.example") for name in ("a", "b", "c", "d", "e")}


def won(hubspot_id: str, **fields) -> Deal:
    wanted = {"start_on": day("2026-01-01"), "end_on": day("2026-12-31"), "tier": "premier"}
    deal = make_deal(
        name=f"Deal {hubspot_id}", hubspot_id=hubspot_id, stage="closed_won", **wanted | fields
    )
    open_imported(playbook=shipped(), by="factory", at=NOON)
    return deal


def found(on=TODAY) -> list[tuple[str, str | None, str | None]]:
    link_clusters(by="factory", at=NOON)
    return [(one.code, one.cluster, one.deal_id) for one in findings(on=on, playbook=shipped())]


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
    assert findings(on=day("2026-07-10"), playbook=shipped()) == [
        Finding(
            "agreement_lapsed",
            "late",
            "1001",
            "Deal 1001 ended on 2026-06-30, 10 days ago, and 1 hub runs on it (hub.example).",
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

    assert before == [
        ("alert_missing", "whose", "1001"),  # we pay on that day, and nothing watches it
        ("payer_mismatch", "whose", "1001"),
    ]
    assert after == []  # the agreement's word ended the day before


def test_a_file_that_says_nothing_about_the_payer_contradicts_nobody():
    deal = won("1001")
    tell(deal, "agreement.artefact", title="Agreement")
    cluster = make_cluster(
        "whose", deal_id="1001", **QUIET | {"paid_by": Payer.UNKNOWN, "budget_alert": True}
    )
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
    other = {"prod": ("Prod", "other.example")}
    make_cluster("b-b", deal_id="404", **QUIET | {"paid_by": Payer.US, "hubs": other})
    make_cluster("aa", **QUIET)

    assert found() == [
        ("deal_missing", "aa", None),
        ("alert_missing", "b-b", "404"),
        ("community_id_legacy", "b-b", "404"),
        ("deal_unknown", "b-b", "404"),
    ]


def messages(code: str, on=TODAY) -> list[str]:
    link_clusters(by="factory", at=NOON)
    return [one.message for one in findings(on=on, playbook=shipped()) if one.code == code]


def agree(deal: Deal, cluster, payer: Payer, since: str = "2026-01-01") -> None:
    if not deal.agreements.exists():
        tell(deal, "agreement.artefact", title="Agreement")
    AgreementPayer.objects.create(
        agreement=deal.agreements.get(), cluster=cluster, payer=payer, from_on=day(since)
    )


def test_hub_of_a_lost_deal_is_deal_lost_with_the_reason_and_its_hubs():
    make_deal(name="Moth", hubspot_id="1001", stage="closed_lost", lost_reason="No money")
    make_cluster("moth", deal_id="1001", **QUIET | {"hubs": MANY})

    assert found() == [("deal_lost", "moth", "1001")]
    assert messages("deal_lost") == [
        (
            "Moth was lost (No money), and 5 hubs run on it (a.example, b.example, c.example and 2"
            " more)."
        )
    ]


def test_hub_of_an_open_deal_without_an_order_is_deal_not_won():
    make_deal(name="Early", hubspot_id="1001", stage="negotiation")
    make_cluster("early", deal_id="1001", **QUIET)

    assert found() == [("deal_not_won", "early", "1001")]
    assert messages("deal_not_won") == [
        "Early is at Negotiation and has no order, and 1 hub runs on it (hub.example)."
    ]


def test_hub_of_a_deal_in_a_stage_that_nobody_mapped_is_not_judged_by_it():
    make_deal(name="Odd", hubspot_id="1001", stage="")
    make_cluster("odd", deal_id="1001", **QUIET)

    assert found() == []


def test_deal_that_was_deleted_is_unknown_and_says_when():
    deal = won("1001")
    Deal.objects.filter(pk=deal.pk).update(deleted_at=NOON, deleted_by="hubspot")
    make_cluster("gone", deal_id="1001", **QUIET)

    assert messages("deal_unknown") == [
        f"Deal 1001 was deleted on {NOON:%Y-%m-%d}; 1 hub runs on it (hub.example)."
    ]


def test_lapsed_deal_whose_cluster_another_agreement_covers_says_which_deal_to_name():
    won("1001", end_on=day("2026-06-30"))
    after = won("1002", start_on=day("2026-07-01"))
    agree(after, make_cluster("late", deal_id="1001", **QUIET), Payer.COMMUNITY, "2026-07-01")

    assert found() == [("agreement_lapsed", "late", "1001")]  # 1002 has its cluster
    assert messages("agreement_lapsed") == [
        (
            "Deal 1001 ended on 2026-06-30, 10 days ago, and 1 hub runs on it (hub.example). The"
            " agreement of Deal 1002 (1002) covers it now: name that deal in the file."
        )
    ]


def test_each_of_several_clusters_of_a_deal_is_held_against_its_own_payer():
    deal = won("1001")
    for name, payer, file in (
        ("one", Payer.US, Payer.COMMUNITY),
        ("two", Payer.COMMUNITY, Payer.COMMUNITY),
        ("three", Payer.COMMUNITY, Payer.US),
    ):
        hubs = {"prod": ("Prod", f"{name}.example")}
        fields = QUIET | {"paid_by": file, "hubs": hubs, "budget_alert": True}
        agree(deal, make_cluster(name, deal_id="1001", **fields), payer)

    assert found() == [("payer_mismatch", "one", "1001"), ("payer_mismatch", "three", "1001")]
    assert messages("payer_mismatch")[0] == (
        "The agreement says “We pay” from 2026-01-01, the cluster's file says “Community pays”."
    )


def test_two_deals_on_one_cluster_that_name_different_payers_contradict_each_other():
    first, second = won("1001"), won("1002")
    cluster = make_cluster("shared", deal_id="1001", **QUIET | {"paid_by": Payer.UNKNOWN})
    agree(first, cluster, Payer.US)
    agree(second, cluster, Payer.COMMUNITY)

    assert messages("payer_mismatch") == [
        (
            "Agreements contradict each other about who pays. Deal 1001: “We pay” from 2026-01-01;"
            " Deal 1002: “Community pays” from 2026-01-01."
        )
    ]


def test_cluster_of_a_running_deal_without_a_hub_is_agreement_without_hub():
    won("1001")
    make_cluster("empty", deal_id="1001", **QUIET | {"hubs": {}})

    assert found() == [("agreement_without_hub", "empty", "1001")]
    assert found(on=day("2025-12-31")) == []  # not in force yet


def test_hub_that_stands_in_two_files_is_hub_twice_on_both():
    won("1001")
    for name in ("old", "new"):
        make_cluster(name, deal_id="1001", **QUIET)

    assert found() == [("hub_twice", "new", "1001"), ("hub_twice", "old", "1001")]
    assert messages("hub_twice")[0] == "hub.example stands in the file of old, too."


def test_every_finding_has_a_title_a_meaning_and_a_remedy():
    for code, kind in KINDS.items():
        assert all(text.endswith(".") for text in (kind.meaning, kind.remedy)), code
        assert kind.title


def test_findings_need_the_same_queries_for_one_cluster_as_for_three(django_assert_num_queries):
    won("1001")
    make_cluster("one", deal_id="1001", **QUIET)
    with django_assert_num_queries(14):
        findings(on=TODAY, playbook=shipped())
    for name in ("two", "three"):
        won(f"2{len(name)}")
        make_cluster(name, deal_id=f"2{len(name)}", **QUIET)
    with django_assert_num_queries(14):
        findings(on=TODAY, playbook=shipped())
