"""Clusters and hubs, kept as their files describe them."""

import pytest

from tests.factories import NOON, make_cluster
from throughline.infrastructure.actions import ClusterSeen, keep_clusters, note_alerts
from throughline.infrastructure.models import CloudAccount, Cluster, Hub
from throughline.infrastructure.words import Payer
from throughline.journal.models import Entry

pytestmark = pytest.mark.django_db

HUBS = {"staging": ("Staging", "staging.x.org"), "prod": ("X", "x.org")}


def seen(name="leap", **fields):
    known = {"provider": "gcp", "account": "leap-pangeo", "region": "us-central1",
             "paid_by": Payer.US, "deal_id": "77", "budget_alert": None, "hubs": HUBS}  # fmt: skip
    return ClusterSeen(name=name, **(known | fields))


def keep(*clusters):
    kept = keep_clusters(clusters, by="import", at=NOON)
    return kept.created, kept.updated, kept.unchanged


def test_cluster_is_kept_with_its_account_and_hubs():
    assert keep(seen()) == (["leap"], [], [])

    found = Cluster.objects.get()
    assert (str(found.account), found.region, found.paid_by, found.deal_id) == (
        "gcp leap-pangeo", "us-central1", "us", "77",
    )  # fmt: skip
    assert (found.budget_alert, found.seen_at) == (None, NOON)
    assert list(Hub.objects.order_by("name").values_list("name", "domain")) == [
        ("prod", "x.org"), ("staging", "staging.x.org"),
    ]  # fmt: skip


def test_cluster_seen_again_is_unchanged_and_writes_nothing():
    keep(seen())

    assert keep(seen()) == ([], [], ["leap"])
    assert Entry.objects.count() == 1


def test_cluster_that_changed_says_what_was_before():
    keep(seen())

    assert keep(seen(paid_by=Payer.COMMUNITY, account="other")) == ([], ["leap"], [])

    facts = Entry.objects.order_by("-pk").first().facts
    assert facts == {
        "before": {"account": "gcp leap-pangeo", "paid_by": "us"},
        "after": {"account": "gcp other", "paid_by": "community"},
        "hubs_changed": False,
    }


def test_hub_that_is_gone_goes_and_a_new_one_comes():
    keep(seen())

    assert keep(seen(hubs={"prod": ("X", "x.org"), "demo": ("", "")})) == ([], ["leap"], [])

    assert list(Hub.objects.order_by("name").values_list("name", flat=True)) == ["demo", "prod"]


def test_cluster_without_a_file_stays():
    keep(seen("leap"), seen("earth"))

    keep(seen("leap"))

    assert list(Cluster.objects.order_by("name").values_list("name", flat=True)) == [
        "earth", "leap",
    ]  # fmt: skip


def test_clusters_share_the_account_that_they_share():
    keep(seen("leap"), seen("earth"), seen("third", account=None))

    assert CloudAccount.objects.count() == 1
    assert Cluster.objects.get(name="third").account is None


def test_account_number_keeps_its_leading_zero():
    make_cluster("leap", account="012345678901")

    assert CloudAccount.objects.get().identifier == "012345678901"


def test_alert_is_noted_for_known_clusters_and_once():
    keep(seen("leap"), seen("earth"))

    assert note_alerts({"leap": True, "nobody": True}, by="import", at=NOON) == ["leap"]
    assert note_alerts({"leap": True}, by="import", at=NOON) == []
    assert note_alerts({"leap": False}, by="import", at=NOON) == ["leap"]
    noted = Entry.objects.filter(act="infrastructure.alert.noted").order_by("pk")
    assert [one.facts["armed"] for one in noted] == [True, False]
