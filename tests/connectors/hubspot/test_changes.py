from datetime import timedelta

import pytest

from tests.connectors.hubspot.conftest import NOON
from throughline.connectors.hubspot import changes
from throughline.connectors.hubspot.changes import TooManyAtOnce, changed_since


def seen(hubspot, since=NOON, object_type="deals"):
    pages = changed_since(hubspot, object_type, since=since, properties=["dealname"])
    return [one.id for page in pages for one in page.results]


def deals(account, count, clock, **apart):
    made = []
    for number in range(count):
        made.append(account.create("0-3", {"dealname": str(number)}).id)
        clock.move(**apart)
    return made


def test_only_what_changed_since_is_seen_the_oldest_change_first(hubspot, account, clock):
    first, second = deals(account, 2, clock, minutes=1)
    account.change(account.get("0-3", first), {"dealname": "later"})

    assert seen(hubspot) == [second, first]
    assert seen(hubspot, NOON + timedelta(minutes=2)) == [first]
    assert seen(hubspot, NOON + timedelta(minutes=3)) == []


def test_contacts_are_asked_by_their_own_property(hubspot, account):
    ada = account.create("0-1", {"email": "ada@example.org"})

    assert seen(hubspot, object_type="contacts") == [ada.id]
    assert seen(hubspot, object_type="0-1") == [ada.id]


def test_two_hundred_come_in_a_call(hubspot, simulator, account, clock):
    made = deals(account, 401, clock, milliseconds=1)
    simulator.calls.clear()

    assert seen(hubspot) == made
    assert sum(simulator.calls.values()) == 3


def test_beyond_the_cap_the_search_begins_anew_and_no_object_is_told_twice(
    hubspot, simulator, account, clock, monkeypatch
):
    monkeypatch.setattr("throughline.simulators.hubspot.searching.CAP", 400)
    monkeypatch.setattr(changes, "CAP", 400)
    made = deals(account, 1001, clock, milliseconds=1)

    assert seen(hubspot) == made


def test_more_than_the_cap_in_one_millisecond_is_refused(hubspot, account, clock, monkeypatch):
    monkeypatch.setattr("throughline.simulators.hubspot.searching.CAP", 400)
    monkeypatch.setattr(changes, "CAP", 400)
    deals(account, 401, clock, milliseconds=0)

    with pytest.raises(TooManyAtOnce, match="read them all instead"):
        seen(hubspot)


def test_what_the_index_does_not_know_yet_is_seen_by_whoever_begins_earlier(
    hubspot, account, clock
):
    account.index.lag = timedelta(minutes=1)
    (deal,) = deals(account, 1, clock, seconds=1)
    assert seen(hubspot) == []

    last_look = clock.at
    clock.move(minutes=2)
    assert seen(hubspot, last_look) == []
    assert seen(hubspot, last_look - changes.INDEX_LAG) == [deal]


def test_a_deal_that_changes_while_it_is_read_comes_again(hubspot, account, clock):
    first, second = deals(account, 2, clock, minutes=1)
    pages = changed_since(hubspot, "deals", since=NOON, properties=[])

    told = [one.id for one in next(pages).results]
    account.change(account.get("0-3", first), {"dealname": "later"})

    assert told == [first, second]
    assert seen(hubspot, clock.at) == [first]
    assert list(pages) == []
