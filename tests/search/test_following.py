"""The index follows the journal, within a bound, and says what it does not know yet."""

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import BD, NOON, make_deal, make_engagement, tell
from throughline.cli.demonstration import load_demonstration
from throughline.communities.actions import describe_community
from throughline.communities.actions.records import Said
from throughline.communities.words import Sureness
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.sales.actions.create import create_deal
from throughline.search.actions.asking import ask
from throughline.search.actions.following import YOUNG, catch_up, holes, start_anew, waiting
from throughline.search.jobs import follow_journal
from throughline.search.models import ExactId, Item, Reading
from throughline.search.reading.families import SUBJECTS
from throughline.search.words import EVERYTHING, Family, Kind

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def new_deal(name):
    return create_deal(name=name, owner=BD, amount=None, playbook=shipped(), by=BD, at=NOON)


def test_what_happened_is_found_at_once(search, filled, playbook):
    filled()
    deal = new_deal("Lighthouse")
    tell(deal, "community.named", short_name="Beacon")

    assert search("lighthouse") == {"deal": ["Lighthouse"]}
    assert search("beacon") == {"deal": ["Lighthouse"], "community": ["Beacon"]}


def test_deal_is_found_by_the_new_name_of_its_community(search, filled, playbook):
    deal = tell(new_deal("Lighthouse"), "community.named", short_name="Beacon")
    filled()
    describe_community(
        deal.community_id, facts={"long_name": "Fellowship of Lamps"},
        said=Said("a call", Sureness.SAID), version=None, playbook=playbook, by=BD, at=NOON,
    )  # fmt: skip

    assert search("fellowship")["deal"] == ["Lighthouse"]


def test_more_than_the_bound_waits_and_the_answer_says_so(playbook, filled):
    filled()
    for number in range(12):
        new_deal(f"Lighthouse {number}")
    left = catch_up(most=5, playbook=playbook, at=NOON)

    assert left == waiting() == Entry.objects.count() - 5
    answer = ask("lighthouse", sight=EVERYTHING, playbook=playbook, at=NOON)
    assert (answer.behind, answer.findings.count) == (0, 12)


def test_answer_says_how_far_it_is_behind(playbook, filled, monkeypatch):
    filled()
    monkeypatch.setattr("throughline.search.actions.asking.BEFORE_AN_ANSWER", 5)
    for number in range(12):
        new_deal(f"Lighthouse {number}")

    answer = ask("lighthouse", sight=EVERYTHING, playbook=playbook, at=NOON)

    assert answer.behind == Entry.objects.count() - 5 > 0
    assert answer.findings.count == 5


def test_first_fill_goes_on_where_it_ended(playbook):
    for number in range(7):
        make_deal(name=f"Lighthouse {number}")

    catch_up(most=3, playbook=playbook, at=NOON)
    assert (Item.objects.count(), Reading.objects.get().filling) == (3, ["deal", _nth_deal(3)])
    while waiting():
        catch_up(most=3, playbook=playbook, at=NOON)

    assert Item.objects.filter(kind=Kind.DEAL).count() == 7
    assert Reading.objects.get().filling is None


def _nth_deal(number):
    return Item.objects.order_by("number")[number - 1].number


def test_worker_carries_the_index(playbook, search):
    make_deal(name="Lighthouse")

    follow_journal(playbook=playbook, at=NOON)

    assert (waiting(), Item.objects.count()) == (0, 1)


def test_rebuild_leaves_nothing_of_before(playbook, search, filled):
    deal = make_deal(name="Lighthouse")
    filled()
    Item.objects.update(number=deal.pk + 1000)  # an index that went wrong
    start_anew()
    filled()

    assert [(one.kind, one.number) for one in Item.objects.all()] == [("deal", deal.pk)]
    assert _words() == 1


def _words():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_words")
        return cursor.fetchone()[0]


def test_reading_again_writes_nothing(playbook, filled):
    make_engagement()
    filled()
    before = sorted(Item.objects.values_list("pk", "digest"))
    Reading.objects.update(upto=0)
    filled()

    assert sorted(Item.objects.values_list("pk", "digest")) == before
    assert _words() == len(before)
    assert ExactId.objects.exclude(item__in=Item.objects.all()).count() == 0


def test_entry_that_appears_late_is_read_though_later_ones_were(playbook, filled, search):
    filled()
    first = new_deal("Lighthouse")
    entries = list(Entry.objects.order_by("pk"))
    late, newest = entries[-1].pk, entries[-1].pk + 5
    # As another transaction would leave it: a higher number is there, five are not yet.
    Entry.objects.bulk_create([
        Entry(pk=newest, act="x.y.z", at=NOON, by=BD, subject_type="sales.deal",
              subject_id=str(first.pk)),
    ])  # fmt: skip
    filled()
    reading = Reading.objects.get()
    assert (reading.upto, [gap[:2] for gap in reading.gaps][-1]) == (newest, [late + 1, newest - 1])

    second = make_deal(name="Beacon")
    Entry.objects.bulk_create([
        Entry(pk=late + 2, act="x.y.z", at=NOON, by=BD, subject_type="sales.deal",
              subject_id=str(second.pk)),
    ])  # fmt: skip

    assert search("beacon") == {"deal": ["Beacon"]}
    catch_up(most=10, playbook=playbook, at=NOON + YOUNG)


def test_numbers_that_never_come_are_waited_for_no_longer_than_a_transaction_lasts(
    playbook, filled
):
    filled()
    new_deal("Lighthouse")
    top = Entry.objects.latest("pk").pk
    _entry(top + 3)
    filled()
    assert Reading.objects.get().gaps != []

    _entry(top + 4)
    catch_up(most=10, playbook=playbook, at=NOON + YOUNG)

    assert Reading.objects.get().gaps == []


def _entry(number):
    Entry.objects.bulk_create(
        [Entry(pk=number, act="x.y.z", at=NOON, by=BD, subject_type="x.y", subject_id="1")]
    )


def test_holes_are_what_was_not_seen():
    assert list(holes(1, 9, [2, 3, 7])) == [(1, 1), (4, 6), (8, 9)]
    assert list(holes(1, 2, [1, 2])) == []


# What the journal writes about and nobody can find by words.
NOT_FOUND = {
    "billing.billfile", "capacity.booking", "capacity.capacityanswer", "capacity.demand",
    "capacity.hold", "capacity.standingload", "capacity.timeoff", "documents.document",
    "infrastructure.cloudaccount",
}  # fmt: skip


def test_every_way_from_a_subject_leads_through_fields_that_exist(db):
    for table, ways in SUBJECTS.items():
        for _family, way in ways:
            if isinstance(way, str):
                assert list(apps.get_model(table)._base_manager.values_list(way)[:1]) is not None


def test_index_that_followed_is_the_index_that_was_made_anew(playbook, filled):
    """The journal tells everything: after all that the demonstration does, nothing is missing."""
    filled()
    load_demonstration(at=NOON, playbook=playbook)
    subjects = set(Entry.objects.values_list("subject_type", flat=True))
    assert subjects - set(SUBJECTS) <= NOT_FOUND
    filled()
    followed = _all()
    start_anew()
    filled()

    assert followed == _all()
    assert {kind for kind, *_rest in followed} >= {
        "deal", "engagement", "community", "contact", "deliverable", "statement", "agreement",
        "cluster", "review", "mail", "colleague", "user", "invoice",
    }  # fmt: skip
    assert {family for _kind, _number, family, _digest in followed} <= set(Family)


def _all():
    return set(Item.objects.values_list("kind", "number", "family", "digest"))
