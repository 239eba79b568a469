"""The database itself refuses to change the journal, whatever way a change comes."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tests.conftest import journal_wall_lifted
from tests.factories import NOON, make_deal
from throughline.journal.actions import record
from throughline.journal.models import AppendOnly, Entry

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

WALL_SAYS = "the journal is append-only: record a correction"


@pytest.fixture
def entry(db):
    return record("sales.deal.tried", make_deal(), by="ada", at=NOON, before=1)


def facts_in_the_database():
    return list(Entry.objects.values_list("act", "by", "facts"))


def refused_by_the_database(change):
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        change()
    return str(refused.value).partition("\n")[0]


def execute(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda entry: entry.save(), id="save"),
        pytest.param(lambda entry: entry.delete(), id="delete"),
        pytest.param(lambda _entry: Entry.objects.update(by="eve"), id="queryset update"),
        pytest.param(lambda _entry: Entry.objects.all().delete(), id="queryset delete"),
        pytest.param(lambda entry: Entry.objects.bulk_update([entry], ["by"]), id="bulk_update"),
        pytest.param(lambda _entry: Entry.objects.filter(pk=1).update(by="eve"), id="filtered"),
    ],
)
def test_entry_changed_through_the_model_is_refused_and_stays(entry, change):
    before = facts_in_the_database()
    entry.by = "eve"

    with pytest.raises(AppendOnly):
        change(entry)

    assert facts_in_the_database() == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _pk: execute("UPDATE journal_entry SET act = 'x'"), id="raw update"),
        pytest.param(lambda _pk: execute("DELETE FROM journal_entry"), id="raw delete"),
        pytest.param(
            lambda pk: Entry._base_manager.filter(pk=pk).update(act="x"), id="base manager update"
        ),
        pytest.param(lambda pk: Entry._base_manager.filter(pk=pk).delete(), id="base delete"),
        pytest.param(
            lambda pk: Entry.objects.bulk_create(
                [Entry(pk=pk, act="x", at=NOON, by="eve", subject_type="a", subject_id="1")],
                update_conflicts=True, unique_fields=["id"], update_fields=["act"],
            ),
            id="upsert",
        ),
    ],
)  # fmt: skip
def test_entry_changed_around_the_model_is_refused_by_the_database_and_stays(entry, change):
    before = facts_in_the_database()

    assert refused_by_the_database(lambda: change(entry.pk)) == WALL_SAYS
    assert facts_in_the_database() == before


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
def test_journal_emptied_by_truncate_is_refused(entry):
    assert refused_by_the_database(lambda: execute("TRUNCATE journal_entry")) == WALL_SAYS


def test_wall_lifted_for_a_flush_stands_again_afterwards(committed_db):
    record("sales.deal.tried", make_deal(), by="ada", at=NOON)
    assert refused_by_the_database(lambda: execute("DELETE FROM journal_entry")) == WALL_SAYS

    with journal_wall_lifted():
        call_command("flush", verbosity=0, interactive=False)

    assert facts_in_the_database() == []
    record("sales.deal.tried", make_deal(), by="ada", at=NOON)
    assert refused_by_the_database(lambda: execute("DELETE FROM journal_entry")) == WALL_SAYS


def test_wall_lifted_for_work_that_fails_stands_again_afterwards(committed_db):
    record("sales.deal.tried", make_deal(), by="ada", at=NOON)

    with pytest.raises(RuntimeError), journal_wall_lifted():
        raise RuntimeError

    assert refused_by_the_database(lambda: execute("DELETE FROM journal_entry")) == WALL_SAYS


def forged(pk, **changes):
    return lambda: Entry._base_manager.filter(pk=pk).update(**changes)


def test_name_of_an_erased_person_is_the_one_thing_that_the_wall_lets_through(entry):
    erased = record("communities.contact.erased", make_deal(), by="ada", at=NOON)

    Entry.objects.redact(entry.pk, by="Person 1", facts={"before": 2}, erased=erased)

    kept = Entry.objects.get(pk=entry.pk)
    assert (kept.by, kept.facts, kept.redacted_for) == ("Person 1", {"before": 2}, erased.pk)
    for change in ({"act": "x"}, {"at": NOON.replace(year=2020)}, {"subject_id": "9"}):
        assert refused_by_the_database(forged(entry.pk, **change)) == WALL_SAYS
        refused = forged(entry.pk, redacted_for=erased.pk, **change)
        assert refused_by_the_database(refused) == WALL_SAYS


def test_redaction_for_nobody_who_was_erased_or_of_what_came_later_is_refused(entry):
    erased = record("communities.contact.erased", make_deal(), by="ada", at=NOON)
    later = record("sales.deal.tried", make_deal(), by="ada", at=NOON)
    before = facts_in_the_database()

    for pk, for_whom in ((entry.pk, later.pk), (entry.pk, 10**6), (later.pk, erased.pk)):
        assert refused_by_the_database(forged(pk, by="eve", redacted_for=for_whom)) == WALL_SAYS

    assert facts_in_the_database() == before
