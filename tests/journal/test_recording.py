from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import NOON, make_deal, tell
from throughline.journal.actions import entry, record, record_all
from throughline.journal.models import Entry
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db

REFUSE_INSERTS = {
    "sqlite": [
        (
            "CREATE TRIGGER no_inserts BEFORE INSERT ON journal_entry"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    ],
    "postgresql": [
        (
            "CREATE FUNCTION no_inserts() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'disk full'; END $$"
        ),
        (
            "CREATE TRIGGER no_inserts BEFORE INSERT ON journal_entry"
            " FOR EACH ROW EXECUTE FUNCTION no_inserts()"
        ),
    ],
}


@pytest.mark.both_databases
def test_action_whose_journal_entry_cannot_be_written_leaves_nothing_behind():
    deal = make_deal(owner="bea")
    with connection.cursor() as cursor:
        for statement in REFUSE_INSERTS[connection.vendor]:
            cursor.execute(statement)

    with pytest.raises(DatabaseError), transaction.atomic():
        tell(deal, "deal.owner", owner="ada")

    assert Deal.objects.values_list("owner", flat=True).get() == "bea"


@pytest.mark.parametrize("write", [entry, record])
def test_entry_about_something_unsaved_is_a_mistake_of_the_code(write):
    with pytest.raises(ValueError, match="not saved"):
        write("sales.deal.tried", Deal(name="ghost"), by="ada", at=NOON)


def test_record_keeps_days_instants_and_money_as_text():
    deal = make_deal()

    record(
        "sales.deal.tried", deal, by="ada", at=NOON,
        day=date(2026, 3, 2), instant=NOON, money=Decimal("17500.10"), none=None, yes=True,
        nested={"days": [date(2026, 3, 2)]}, many=(Decimal(1), "a"),
    )  # fmt: skip

    found = Entry.objects.about(deal).get()
    assert (found.act, found.by, found.at) == ("sales.deal.tried", "ada", NOON)
    assert (found.subject_type, found.subject_id) == ("sales.deal", str(deal.pk))
    assert found.facts == {
        "day": "2026-03-02",
        "instant": "2026-03-02T12:00:00Z",
        "money": "17500.10",
        "none": None,
        "yes": True,
        "nested": {"days": ["2026-03-02"]},
        "many": ["1", "a"],
    }


def test_record_all_writes_many_entries_in_one_statement(django_assert_num_queries):
    deal = make_deal()
    entries = [entry("sales.deal.tried", deal, by="ada", at=NOON, n=n) for n in range(100)]

    with django_assert_num_queries(1):
        record_all(entries)

    assert [one.facts["n"] for one in Entry.objects.order_by("pk")] == list(range(100))


def test_about_returns_what_happened_to_one_thing_only():
    first, second = make_deal(), make_deal()
    record("sales.deal.tried", first, by="ada", at=NOON)
    record("sales.deal.tried", second, by="bea", at=NOON)

    assert [one.by for one in Entry.objects.about(second)] == ["bea"]


def test_entry_outlives_what_it_describes():
    deal = make_deal()
    record("sales.deal.tried", deal, by="ada", at=NOON)
    number = deal.pk

    deal.delete()

    assert Entry.objects.values_list("subject_id", flat=True).get() == str(number)
