"""Who pays for what an engagement runs in, once its deal was joined to another, or renewed."""

from datetime import UTC, date, datetime

import pytest

from tests.billing.bills import MAY
from tests.billing.line import agree_payer, make_served
from tests.factories import BD, NOON, make_engagement
from throughline.budgets.accounts import places_of
from throughline.budgets.queries import paid_clusters
from throughline.delivery.actions.engagements import link_clusters, name_successor
from throughline.delivery.queries import engagements
from throughline.delivery.readiness import around_of
from throughline.handoff.outcomes.budgets import ours
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.intake.hubspot.actions.merges import Decision, settle_merge
from throughline.intake.models import HowSettled, HubSpotMerge
from throughline.renewals.reconcile import findings

pytestmark = pytest.mark.django_db
IN_MAY = datetime(2026, 5, 12, tzinfo=UTC)
RENEWED = date(2027, 4, 1)
BEFORE, AFTER = date(2027, 3, 31), RENEWED


def settle(whole, joined, playbook):
    HubSpotMerge.objects.create(survivor_id="9", deals=[whole.pk, joined.pk], found_at=IN_MAY)
    decision = Decision(HowSettled("join"), whole.pk, "One hub for both.")
    settle_merge("9", decision, playbook=playbook, by=BD, at=IN_MAY)


def payers(engagement, *, on):
    return {one.name: one.payer for one in places_of([engagement], on=on)}


def mismatches(playbook, *, on):
    found = findings(on=on, playbook=playbook)
    return [one.message for one in found if one.code == "payer_mismatch"]


@pytest.fixture
def renewed():
    """An engagement that the community pays for, its renewal that we pay for, and the cluster.

    The cluster's file names the renewal already.
    """
    first, cluster = make_served("maple", paid_by="unknown")
    second = make_engagement(name="Second", hubspot_id="78")
    second.deal.agreements.update(effective_on=RENEWED)
    agree_payer(first, cluster, Payer.COMMUNITY)
    name_successor(first.pk, second.deal, by=BD, at=NOON)
    agree_payer(second, cluster, Payer.US, from_on=RENEWED)
    Cluster.objects.filter(pk=cluster.pk).update(deal_id="78")
    link_clusters(by="test", at=NOON)
    return first, second


def test_what_a_joined_deals_agreement_says_holds_for_the_accounts_it_brought(playbook):
    (whole, _maple), (joined, birch) = (
        make_served("maple", account="1", paid_by="community"),
        make_served("birch", account="2", paid_by="unknown"),
    )
    agree_payer(joined, birch, Payer.US)

    settle(whole, joined, playbook)

    assert payers(whole, on=MAY) == {"1": Payer.COMMUNITY, "2": Payer.US}
    assert [one.name for one in ours(whole)] == ["2"]
    assert ours(joined) == []
    assert [one.payer for one in around_of(whole, MAY).payers] == ["us"]


def test_two_agreements_that_became_one_do_not_contradict_each_other(playbook):
    (whole, maple), (joined, _birch) = (
        make_served("maple", account="1", paid_by="unknown"),
        make_served("birch", account="2", paid_by="unknown"),
    )
    agree_payer(joined, maple, Payer.COMMUNITY)
    agree_payer(whole, maple, Payer.US, from_on=MAY)
    (before,) = mismatches(playbook, on=MAY)

    settle(whole, joined, playbook)

    assert before.startswith("Agreements contradict each other about who pays.")
    assert mismatches(playbook, on=MAY) == []
    assert payers(whole, on=MAY)["1"] == Payer.US


def test_the_agreement_before_holds_until_the_renewal_begins(renewed):
    _first, second = renewed

    assert payers(second, on=BEFORE) == {"012345678901": Payer.COMMUNITY}
    assert payers(second, on=AFTER) == {"012345678901": Payer.US}
    assert [[one.payer for one in around_of(second, on).payers] for on in (BEFORE, AFTER)] == [
        ["community"], ["us"],
    ]  # fmt: skip


def test_an_account_is_ours_from_the_day_on_which_the_renewal_says_so(renewed, playbook):
    first, second = renewed

    assert [[str(one) for one in paid_clusters(on=on)] for on in (BEFORE, AFTER)] == [
        [], ["maple"],
    ]  # fmt: skip
    assert [mismatches(playbook, on=on) for on in (BEFORE, AFTER)] == [[], []]
    assert [[one.name for one in ours(some)] for some in (first, second)] == [[], ["012345678901"]]


def test_who_pays_is_read_in_as_many_queries_for_one_as_for_three(
    renewed, django_assert_num_queries
):
    _first, second = renewed
    counts = []
    for more in (0, 2):
        made = [make_served(f"more{more}{one}", account=f"{more}{one}")[0] for one in range(more)]
        listed = list(engagements().filter(pk__in=[second.pk, *(one.pk for one in made)]))
        with django_assert_num_queries(13):
            counts.append(len(places_of(listed, on=AFTER)))
    assert counts == [1, 3]
