"""What providers bill, booked: nothing twice, nothing silently, and nothing lost."""

from datetime import date
from decimal import Decimal

import pytest

from tests.billing.bills import ACCOUNT, APRIL, MAY, book, count_mau, source
from tests.factories import NOON, make_cluster
from throughline.billing.actions.counting import count_users
from throughline.billing.models import BillFile, BillingMonth, CostEntry, UserCount
from throughline.billing.queries import costs_of_account, totals_of_file, unassigned_among
from throughline.billing.told import Rate
from throughline.infrastructure.models import CloudAccount
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def entries():
    return [
        (one.account.identifier if one.account else "", str(one.of_month)[:7], str(one.month)[:7],
         one.kind, str(one.amount))
        for one in CostEntry.objects.select_related("account").order_by("pk")
    ]  # fmt: skip


def freeze(month, state="sent"):
    people = {"reviewed_by": "ada", "sent_by": "bo", "closed_by": "bo" if state == "closed" else ""}
    BillingMonth.objects.update_or_create(month=month, defaults={"state": state, **people})


def test_bill_is_booked_with_every_digit_and_its_file_is_kept(home):
    booked = book({ACCOUNT: "1234.1234567891234567"})

    account = CloudAccount.objects.get()
    assert costs_of_account(account.pk, [APRIL]) == {APRIL: Decimal("1234.1234567891234567")}
    assert totals_of_file(booked.file) == {APRIL: Decimal("1234.1234567891234567")}
    kept = booked.file.document.sha256
    assert (home / "documents" / kept[:2] / kept).read_bytes().startswith(b"file ")


def test_same_file_twice_changes_nothing():
    file = source()
    book({ACCOUNT: "10"}, file=file)
    before = (entries(), Entry.objects.count())

    again = book({ACCOUNT: "10"}, file=file)

    assert again.is_new is False
    assert (entries(), Entry.objects.count()) == before


def test_newer_file_books_the_difference_and_says_it():
    book({ACCOUNT: "10.10", "2": "5"})

    newer = book({ACCOUNT: "12.30", "2": "5"})

    assert entries()[2:] == [
        (ACCOUNT, "2026-04", "2026-04", "bill", "2.20"), ("2", "2026-04", "2026-04", "bill", "0"),
    ]  # fmt: skip
    assert [(one.account.identifier, one.before, one.after) for one in newer.changes] == [
        (ACCOUNT, Decimal("10.10"), Decimal("12.30"))
    ]
    assert costs_of_account(CloudAccount.objects.get(identifier="2").pk, [APRIL]) == {APRIL: 5}


def test_account_that_a_newer_file_does_not_name_stays_and_is_said():
    book({ACCOUNT: "10", "2": "5"})

    newer = book({ACCOUNT: "10"})

    assert {
        month: [one.identifier for one in found] for month, found in newer.elsewhere.items()
    } == {APRIL: ["2"]}
    assert sum(one.amount for one in CostEntry.objects.all()) == 15


@pytest.mark.parametrize("state", ["sent", "closed"])
def test_what_comes_late_for_a_month_that_was_sent_counts_in_the_first_that_was_not(state):
    book({ACCOUNT: "10"})
    freeze(APRIL, state)
    freeze(MAY)

    late = book({ACCOUNT: "12"})

    assert entries()[1:] == [(ACCOUNT, "2026-04", "2026-06", "bill", "2")]
    assert late.changes[0].booked_in == date(2026, 6, 1)
    assert BillingMonth.objects.get(month=APRIL).state == state


def test_review_of_a_month_is_taken_back_by_a_new_amount_and_not_by_the_same_one():
    book({ACCOUNT: "10"})
    reviewed = {"state": "reviewed", "reviewed_by": "ada", "reviewed_at": NOON}
    BillingMonth.objects.filter(month=APRIL).update(**reviewed)

    book({ACCOUNT: "10"})
    assert BillingMonth.objects.get().state == "reviewed"
    book({ACCOUNT: "11"})

    month = BillingMonth.objects.get()
    assert (month.state, month.reviewed_by, month.reviewed_at) == ("open", "", None)
    assert Entry.objects.filter(act="billing.month.reopened").count() == 1


def test_total_that_rounds_otherwise_than_its_lines_books_the_cent():
    booked = book({ACCOUNT: "0.13", "2": "0.13"}, stated="0.25")

    assert entries()[2:] == [("", "2026-04", "2026-04", "rounding", "-0.01")]
    assert totals_of_file(booked.file) == {APRIL: Decimal("0.25")}
    again = book({ACCOUNT: "0.13", "2": "0.13"}, stated="0.26")
    assert entries()[5:] == [("", "2026-04", "2026-04", "rounding", "0.01")]
    assert totals_of_file(again.file) == {APRIL: Decimal("0.26")}


def test_other_currency_is_booked_at_its_rate_with_the_day():
    booked = book({ACCOUNT: "100"}, currency="EUR", rate=Rate(Decimal("1.0832"), APRIL))

    entry = CostEntry.objects.get()
    assert (entry.amount, entry.stated) == (Decimal("108.3200"), Decimal(100))
    assert (booked.file.currency, booked.file.fx_rate, booked.file.fx_on) == (
        "EUR", Decimal("1.0832"), APRIL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"currency": "EUR"}, "The file is in EUR, and our currency is USD."),
        ({"rate": Rate(Decimal(1), APRIL)}, "The file is in USD already."),
        ({"currency": "EUR", "rate": Rate(Decimal(0), APRIL)}, "0 is no rate."),
    ],
)
def test_rate_that_is_missing_or_wrong_is_refused_and_nothing_is_booked(what, message):
    with pytest.raises(Refused) as refused:
        book({ACCOUNT: "100"}, **what)

    assert refused.value.message == message
    assert (CostEntry.objects.count(), BillFile.objects.count()) == (0, 0)


def test_account_is_unassigned_until_a_cluster_names_it():
    book({ACCOUNT: "1", "2": "1"})
    make_cluster("maple", account=ACCOUNT)

    assert [one.identifier for one in unassigned_among(CloudAccount.objects.all())] == ["2"]


def test_bill_of_many_lines_is_booked_by_few_queries(django_assert_max_num_queries):
    many = {str(number): "2.5" for number in range(400)}
    book(dict.fromkeys(many, "1.5"))

    with django_assert_max_num_queries(40):  # 400 lines, some hundred of them in a statement
        newer = book(many)

    assert len(newer.changes) == 400


def test_users_are_counted_once_and_the_newest_number_holds():
    count_mau({"maple": 280, "birch": None})
    changed = count_mau({"maple": 281, "birch": None})
    count_users("birch", APRIL, 7, why="Counted in Grafana.", by="noor", at=NOON)

    assert changed.changes == (("maple", APRIL, 280, 281),)
    assert list(UserCount.objects.order_by("pk").values_list("name", "users")) == [
        ("maple", 280), ("birch", None), ("maple", 281), ("birch", 7),
    ]  # fmt: skip


def test_count_by_hand_without_a_reason_is_refused():
    with pytest.raises(Refused) as refused:
        count_users("birch", APRIL, 7, why=" ", by="noor", at=NOON)

    assert refused.value.message == "A count by hand needs a reason."
    assert UserCount.objects.count() == 0
