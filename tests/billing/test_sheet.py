"""The sheet: shared bills split to the cent, and every month's sum held against the provider's."""

from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.billing.bills import ACCOUNT, APRIL, JUNE, MAY, bill, book, count_mau, source
from tests.billing.line import agree_payer, make_served
from tests.billing.test_booking import freeze
from tests.factories import BD, NOON, make_engagement
from throughline.billing.actions.booking import book_costs
from throughline.billing.actions.mapping import (
    assign_account,
    assign_named,
    find_account,
    set_split,
)
from throughline.billing.models import CostEntry, SplitRule
from throughline.billing.sheet import sheet, sources_of
from throughline.billing.told import SplitTo
from throughline.billing.words import SplitMethod
from throughline.infrastructure.models import CloudAccount
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db


def split(account, parts, *, method="fixed", from_month=APRIL):
    weights = [SplitTo(engagement, cluster, None if weight is None else Decimal(weight))
               for engagement, cluster, weight in parts]  # fmt: skip
    return set_split(
        account, SplitMethod(method), weights, from_month=from_month, why="", by=BD, at=NOON
    )


@pytest.fixture
def shared():
    """Two engagements on one cluster: its file names the first, the second's agreement pays it."""
    first, cluster = make_served()
    second = make_engagement(name="second", hubspot_id="78")
    agree_payer(second, cluster, Payer.US)
    return first, second, cluster


def costs(playbook, month=APRIL):
    found = sheet([month], playbook=playbook)
    rows = {row.engagement.pk: row.cells[month].cost for row in found.rows}
    return found.months[0], rows


def test_shared_bill_without_a_split_is_nobodys(shared, playbook):
    book({ACCOUNT: "100"})

    month, rows = costs(playbook)

    assert set(rows.values()) == {None}
    assert (month.nobodys, month.total, month.checks) == (
        Decimal("100.00"),
        Decimal("100.00"),
        True,
    )


def test_shared_bill_is_split_by_fixed_shares_until_another_version(shared, playbook):
    first, second, cluster = shared
    book({ACCOUNT: "100"})
    book({ACCOUNT: "100"}, month=MAY)
    split(cluster.account, [(first, cluster, "2"), (second, cluster, "1")])
    split(cluster.account, [(first, cluster, "1"), (second, cluster, "1")], from_month=MAY)

    assert costs(playbook)[1] == {first.pk: Decimal("66.67"), second.pk: Decimal("33.33")}
    assert costs(playbook, MAY)[1] == {first.pk: Decimal("50.00"), second.pk: Decimal("50.00")}
    assert list(SplitRule.objects.order_by("pk").values_list("version", flat=True)) == [1, 2]


def test_node_hours_are_those_of_one_month(shared, playbook):
    first, second, cluster = shared
    parts = [(first, cluster, "30"), (second, cluster, "10")]
    split(cluster.account, parts, method="node_hours")
    book({ACCOUNT: "100"})
    book({ACCOUNT: "100"}, month=MAY)

    assert costs(playbook)[1] == {first.pk: Decimal("75.00"), second.pk: Decimal("25.00")}
    assert costs(playbook, MAY)[0].nobodys == Decimal("100.00")


def test_users_of_two_clusters_split_their_account_each_month_anew(playbook):
    first, maple = make_served("maple", account=ACCOUNT)
    second, birch = make_served("birch", account=ACCOUNT)
    split(maple.account, [(first, maple, None), (second, birch, None)], method="users")
    book({ACCOUNT: "100"})
    count_mau({"maple": 30, "birch": 10})
    book({ACCOUNT: "100"}, month=MAY)

    assert costs(playbook)[1] == {first.pk: Decimal("75.00"), second.pk: Decimal("25.00")}
    assert costs(playbook, MAY)[0].nobodys == Decimal("100.00")


def test_our_own_part_of_a_split_is_ours(shared, playbook):
    first, _second, cluster = shared
    split(cluster.account, [(first, cluster, "3"), (None, None, "1")])
    book({ACCOUNT: "100"})

    month, rows = costs(playbook)

    assert (rows[first.pk], month.ours) == (Decimal("75.00"), Decimal("25.00"))


def test_fee_of_a_shared_cluster_is_split_as_its_bill_is(shared, playbook):
    first, second, cluster = shared
    split(cluster.account, [(first, cluster, "2"), (second, cluster, "1")])
    count_mau({"maple": 280})

    rows = {
        row.engagement.pk: row.cells[APRIL].fee for row in sheet([APRIL], playbook=playbook).rows
    }

    assert rows == {first.pk: Decimal("666.67"), second.pk: Decimal("333.33")}


@pytest.mark.parametrize(
    ("parts", "method", "message"),
    [
        ([(1, None)], "fixed", "Some parts have no number."),
        ([(1, "1"), (1, "2")], "fixed", "One part stands twice."),
        ([(1, "-1"), (2, "2")], "fixed", "A part is below zero."),
        ([(1, "0"), (2, "0")], "fixed", "All parts are zero."),
        ([(1, "1"), (2, None)], "users", "Some parts have no number."),
    ],
)
def test_split_that_makes_no_sense_is_refused(shared, parts, method, message):
    first, second, cluster = shared
    who = {1: first, 2: second}

    with pytest.raises(Refused) as refused:
        split(
            cluster.account, [(who[one], cluster, weight) for one, weight in parts], method=method
        )

    assert refused.value.message == message
    assert SplitRule.objects.count() == 0


def test_account_is_assigned_once_and_remembered(playbook):
    engagement, cluster = make_served()
    book({"2": "5", "3": "6"})
    assign_account(CloudAccount.objects.get(identifier="2"), cluster, why="", by=BD, at=NOON)
    assign_named("Name of 3", None, why="The payer account.", by=BD, at=NOON)
    book({"2": "7", "3": "8"}, month=MAY)

    month, rows = costs(playbook, MAY)

    assert (rows[engagement.pk], month.ours, month.nobodys) == (Decimal("7.00"), Decimal("8.00"), 0)


def test_name_of_a_file_of_users_is_assigned_and_remembered(playbook):
    _engagement, cluster = make_served()
    count_mau({"maple-prod": 7})
    assert assign_named("maple-prod", cluster, why="", by=BD, at=NOON) == (
        "“maple-prod” means the cluster maple."
    )
    count_mau({"maple-prod": 9}, month=MAY)

    cells = sheet([APRIL, MAY], playbook=playbook).rows[0].cells
    assert [cells[month].users for month in (APRIL, MAY)] == [7, 9]


@pytest.mark.parametrize("name", ["nothing", "Name of 2"])
def test_account_is_found_by_its_name_or_not_at_all(name):
    book({"2": "5"})

    if name == "nothing":
        with pytest.raises(Refused) as refused:
            find_account(name)
        assert refused.value.message == "There is no account 'nothing'."
    else:
        assert find_account(name).identifier == "2"


def test_check_counts_the_newest_file_and_what_it_does_not_name_of_older_ones(playbook):
    book({ACCOUNT: "10.004", "2": "5.004"})
    book({ACCOUNT: "11"})
    book({"gcp-1": "3"}, provider="gcp")

    month = sheet([APRIL], playbook=playbook).months[0]

    assert (month.provider, month.billed, month.checks) == (
        Decimal("19.00"),
        Decimal("19.00"),
        True,
    )


def test_check_fails_where_the_ledger_has_not_what_was_billed(playbook):
    book({ACCOUNT: "10"})
    CostEntry.objects.update(amount=Decimal("9.99"))

    assert sheet([APRIL], playbook=playbook).months[0].checks is False


def test_late_difference_counts_in_the_next_month_and_both_months_check(playbook):
    make_served()
    book({ACCOUNT: "10"})
    book({ACCOUNT: "20"}, month=MAY)
    freeze(APRIL)
    book({ACCOUNT: "12.50"})

    april, may = sheet([APRIL, MAY], playbook=playbook).months

    assert (april.total, april.billed, april.checks) == (Decimal("10.00"), Decimal("12.50"), True)
    assert (may.total, may.late, may.billed, may.checks) == (
        Decimal("22.50"), Decimal("2.50"), Decimal("20.00"), True,
    )  # fmt: skip


def test_sources_of_a_cell_are_its_entries_with_its_share(shared, playbook):
    first, second, cluster = shared
    split(cluster.account, [(first, cluster, "3"), (second, cluster, "1")])
    book({ACCOUNT: "100"})
    book({ACCOUNT: "110"})
    found = sheet([APRIL], playbook=playbook)

    lines = sources_of(found.book, APRIL, (second.pk, cluster.pk))

    assert [(str(one.entry.amount), one.share_pct) for one in lines] == [("100", 25), ("10", 25)]


amounts = st.lists(st.decimals(min_value=-1000, max_value=10**6, places=10), min_size=1, max_size=5)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bills=st.lists(amounts, min_size=1, max_size=3), weights=st.tuples(
    st.integers(0, 9), st.integers(1, 9), st.integers(0, 9)))  # fmt: skip
def test_columns_sum_up_to_the_bill_to_the_cent_whatever_is_billed_and_split(
    bills, weights, shared, playbook, transactional_sheet
):
    first, second, cluster = shared
    with transactional_sheet():
        parts = [
            (first, cluster, weights[0]),
            (second, cluster, weights[1]),
            (None, None, weights[2]),
        ]
        for found in bills:
            told = {ACCOUNT: found[0]} | {str(n): amount for n, amount in enumerate(found[1:])}
            book_costs(bill(told), source(), rate=None, own="USD", by=BD, at=NOON)
        split(cluster.account, parts)

        found = sheet([APRIL], playbook=playbook)
        month = found.months[0]

        cents = sum(row.cells[APRIL].cost or 0 for row in found.rows)
        assert cents == month.communities
        assert month.communities + month.nobodys + month.ours + month.rounding == month.total
        assert (month.total, month.checks) == (month.provider, True)


@pytest.fixture
def transactional_sheet(db):
    """Take back what one example booked."""

    @contextmanager
    def example():
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return example


def test_sheet_takes_the_same_number_of_queries_whatever_is_in_it(
    playbook, django_assert_num_queries
):
    make_served("maple", account="1")
    book({"1": "5"})
    with django_assert_num_queries(18):
        sheet([APRIL], playbook=playbook)
    make_served("birch", account="2")
    make_served("cedar", account="3")
    book({"1": "5", "2": "6", "3": "7"}, month=MAY)

    with django_assert_num_queries(18):
        assert len(sheet([APRIL, MAY, JUNE], playbook=playbook).rows) == 3
