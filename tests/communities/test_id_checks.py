"""What is said of an id before anybody takes it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import BD, NOON, TODAY, make_cluster
from throughline.communities.actions import (
    keep_alias,
    name_community,
    release_id,
    reserve_id,
    use_id,
)
from throughline.communities.ids import LONGEST_ID, check_id, edit_distance, proposed_id
from throughline.communities.words import AliasKind
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped

WORDS = st.text("abcdefg", max_size=8)


@pytest.fixture
def check(db, playbook):
    def _check(word, *, of=None, on=TODAY, deal_ids=()):
        return check_id(word, of=of, playbook=playbook, on=on, deal_ids=deal_ids)

    return _check


def holder(name, word, *, used=False, at=NOON):
    made = name_community(name, by=BD, at=at)
    made = reserve_id(made.pk, word, playbook=shipped(), by=BD, at=at)
    return use_id(made.pk, by=BD, at=at) if used else made


@given(WORDS, WORDS)
def test_distance_is_the_same_from_both_sides_and_nothing_only_to_oneself(one, other):
    assert edit_distance(one, other) == edit_distance(other, one)
    assert (edit_distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= edit_distance(one, other) <= max(len(one), len(other))


@given(WORDS, WORDS, WORDS)
def test_distance_is_never_shorter_by_a_detour(one, other, third):
    assert edit_distance(one, third) <= edit_distance(one, other) + edit_distance(other, third)


@given(WORDS, st.integers(0, 8), st.sampled_from("abcxyz"))
def test_letter_put_in_is_one_apart(word, place, letter):
    longer = word[:place] + letter + word[place:]

    assert edit_distance(word, longer) == 1


@given(st.text(max_size=60))
def test_proposed_id_keeps_the_rule_or_is_empty(name):
    word = proposed_id(name)

    assert len(word) <= LONGEST_ID
    assert word == "" or (word.isascii() and word.isalpha() and word.islower())


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("lep", "free"), ("", "form"), ("Leap", "form"), ("leap2", "form"), ("le ap", "form"),
        ("x" * 31, "length"), ("admin", "word"), ("held", "reserved"), ("used", "taken"),
        ("older", "alias"), ("cloudname", "cluster"), ("hubname", "hub"), ("account", "account"),
    ],
)  # fmt: skip
def test_id_is_said_to_be_free_or_why_it_is_not(check, word, standing):
    holder("First", "held")
    second = holder("Second", "used", used=True)
    keep_alias(second.pk, "older", kind=AliasKind.RENAMED, on=TODAY, by=BD, at=NOON)
    make_cluster("cloudname", account="account", provider="gcp", hubs={"hubname": ("", "")})

    found = check(word)

    assert (found.standing, found.is_free) == (standing, standing == "free")


def test_reservation_says_for_whom_by_whom_and_until_when_and_that_it_is_over(check):
    held = holder("First", "leap")
    late = held.id_reserved_until + timedelta(days=1)

    until = "'leap' is reserved for First by ada until 2026-05-31"
    assert check("leap").message == f"{until}."
    assert (
        check("leap", on=late).message == f"{until}, which is over: renew it or give it up there."
    )
    assert check("leap", of=held).is_free is True


def test_near_miss_is_named_and_refuses_nothing(check, playbook):
    holder("LEAP", "leap", used=True)
    long = holder("EarthScope", "earthscope")
    keep_alias(long.pk, "nasaveda", kind=AliasKind.LEGACY, on=TODAY, by=BD, at=NOON)

    def near(word):
        return [(one.name, one.community, one.distance) for one in check(word).near]

    assert near("leep") == [("leap", "LEAP", 1)]
    assert near("lxxp") == []  # two letters of a short word: another word
    assert near("earthskope") == [("earthscope", "EarthScope", 1)]
    assert near("earthscapp") == [("earthscope", "EarthScope", 2)]
    assert near("nasavedo") == [("nasaveda", "EarthScope", 1)]
    other = name_community("Leep", by=BD, at=NOON)
    assert reserve_id(other.pk, "leep", playbook=playbook, by=BD, at=NOON).community_id == "leep"


def test_names_made_of_an_id_are_measured(check):
    names = {one.kind: (one.name, one.fits) for one in check("x" * 31).names}

    assert names == {
        "DNS label": ("x" * 31, True),
        "S3 bucket": ("x" * 31 + "-scratch-staging", True),
        "GCP project": ("x" * 31, False),
    }


def test_id_given_up_is_kept_a_year_for_its_community(check, playbook):
    first = holder("First", "leap")
    release_id(first.pk, on=TODAY, by=BD, at=NOON)
    later = TODAY + timedelta(days=365)

    found = [
        check("leap").standing,
        check("leap", of=first).standing,
        check("leap", on=later).standing,
    ]

    assert found == ["freed", "free", "free"]
    assert check("leap").message == (
        "'leap' was given up by First on 2026-03-02 and kept for it until 2027-03-02."
    )
    first.refresh_from_db()
    assert (first.community_id, first.id_state, first.id_reserved_until) == (None, "none", None)
    assert Entry.objects.get(act="communities.id.released").facts == {"community_id": "leap"}


def test_id_changed_for_another_is_kept_as_well(check, playbook):
    first = holder("First", "leap")
    reserve_id(first.pk, "leaping", playbook=playbook, by=BD, at=NOON)

    assert check("leap").standing == "freed"


@pytest.mark.parametrize("used", [True, False])
def test_id_in_use_or_none_at_all_is_not_given_up(used, db):
    found = holder("First", "leap", used=True) if used else name_community("X", by=BD, at=NOON)

    with pytest.raises(Refused, match="has no reserved id"):
        release_id(found.pk, on=TODAY, by=BD, at=NOON)


@pytest.mark.parametrize("alias", ["", "  ", "x" * 121])
def test_alias_of_no_length_or_too_much_is_refused(alias, db):
    with pytest.raises(Refused, match="An older id has 1 to 120 letters"):
        keep_alias(
            name_community("X", by=BD, at=NOON).pk, alias,
            kind=AliasKind.LEGACY, on=TODAY, by=BD, at=NOON,
        )  # fmt: skip


def test_alias_that_is_anothers_id_is_refused(db):
    holder("First", "leap")
    second = name_community("Second", by=BD, at=NOON)

    with pytest.raises(Refused, match="'leap' is an id of First"):
        keep_alias(second.pk, "leap", kind=AliasKind.LEGACY, on=TODAY, by=BD, at=NOON)


def test_check_asks_as_many_queries_for_one_community_as_for_ten(
    check, django_assert_max_num_queries
):
    for number in range(10):
        holder(f"C{number}", "x" * (number + 10))

    with django_assert_max_num_queries(8):
        assert check("leap").is_free
