"""The community_id: one word that names clusters, accounts and keys, and never changes once used."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.factories import BD, NOON, TODAY, make_cluster, make_deal, tell
from throughline.communities.actions import keep_alias, name_community, reserve_id, use_id
from throughline.communities.models import Community
from throughline.communities.queries import proposed_id
from throughline.communities.words import AliasKind
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db

REMEDY = "Choose another: one word of lowercase letters."


@pytest.fixture
def reserve(playbook):
    def _reserve(community, wanted="", *, at=NOON):
        return reserve_id(community.pk, wanted, playbook=playbook, by=BD, at=at)

    return _reserve


def community(short_name="EarthScope"):
    return name_community(short_name, by=BD, at=NOON)


def problem(reserve, of, wanted):
    with pytest.raises(Refused) as refused:
        reserve(of, wanted)
    assert refused.value.remedy == REMEDY
    assert Community.objects.get(pk=of.pk).community_id is None
    return refused.value.message


@pytest.mark.parametrize(
    ("short_name", "expected"),
    [("EarthScope", "earthscope"), ("NASA VEDA 2", "nasaveda"), ("Zürich", "zrich"), ("42", ""),
     ("x" * 40, "x" * 30)],
)  # fmt: skip
def test_proposed_id_is_the_letters_of_the_short_name(short_name, expected):
    assert proposed_id(short_name) == expected


def test_id_left_empty_takes_the_proposed_one_for_the_days_of_the_playbook(reserve):
    found = reserve(community())

    assert (found.community_id, found.id_state, found.id_reserved_until) == (
        "earthscope", "reserved", TODAY + timedelta(days=90),
    )  # fmt: skip
    entry = Entry.objects.get(act="communities.id.reserved")
    assert (entry.by, entry.facts) == (BD, {"before": None, "after": "earthscope"})


@pytest.mark.parametrize(
    "wanted", ["Earth", "earth-scope", "earth2", "earth scope", "é", "e_s", "earth\nscope"]
)
def test_id_that_is_not_one_lowercase_word_is_refused(reserve, wanted):
    assert problem(reserve, community(), wanted) == (
        f"{wanted!r} breaks the rule: one word of lowercase letters a to z."
    )


def test_id_of_a_name_without_letters_is_refused(reserve):
    assert problem(reserve, community("42"), "") == (
        "'' breaks the rule: one word of lowercase letters a to z."
    )


def test_id_of_thirty_letters_is_the_longest(reserve):
    assert problem(reserve, community(), "x" * 31) == (
        f"{'x' * 31!r} is longer than 30 letters, which cloud names allow."
    )
    assert reserve(community(), "x" * 30).community_id == "x" * 30


@pytest.mark.parametrize("word", ["admin", "hub", "staging", "www"])
def test_id_that_names_a_thing_of_ours_is_refused(reserve, word):
    assert problem(reserve, community(), word) == f"{word!r} is a reserved word."


def test_id_taken_by_another_community_is_refused(reserve):
    reserve(community("First"), "leap")

    assert problem(reserve, community("Second"), "leap") == (
        "'leap' is reserved for First by ada until 2026-05-31."
    )


def test_id_that_is_an_older_id_of_another_is_refused_and_of_oneself_is_free(reserve):
    first, second = community("First"), community("Second")
    keep_alias(first.pk, "leap", kind=AliasKind.RENAMED, on=TODAY, by=BD, at=NOON)

    assert problem(reserve, second, "leap") == "'leap' is an older id of First."
    assert reserve(first, "leap").community_id == "leap"


def test_id_that_is_a_clusters_name_is_refused(reserve):
    make_cluster("leap")

    assert problem(reserve, community(), "leap") == "'leap' is the name of a cluster."


def test_id_that_is_a_hubs_name_is_refused(reserve):
    make_cluster("shared-west", hubs={"leap": ("LEAP", "leap.example.org")})

    assert problem(reserve, community(), "leap") == "'leap' is the name of a hub."


def test_id_of_the_communitys_own_cluster_and_hub_is_free():
    make_cluster("earthscope", deal_id="77", hubs={"earthscope": ("", "")})
    deal = tell(make_deal(hubspot_id="77"), "community.named", short_name="EarthScope")

    deal = tell(deal, "community.id")

    assert deal.community.community_id == "earthscope"


def test_id_reserved_again_is_kept_longer_even_where_a_cluster_has_its_name(reserve):
    reserve(community(), "leap")
    make_cluster("leap")

    found = reserve(community(), "leap", at=NOON + timedelta(days=80))

    assert found.id_reserved_until == TODAY + timedelta(days=170)


def test_id_reserved_may_still_change(reserve):
    reserve(community(), "leap")

    assert reserve(community(), "leep").community_id == "leep"
    assert Entry.objects.order_by("-pk").first().facts == {"before": "leap", "after": "leep"}


def test_id_in_use_never_changes(reserve):
    used = reserve(community(), "leap")
    use_id(used.pk, by=BD, at=NOON)

    with pytest.raises(Refused) as refused:
        reserve(used, "leep")

    assert str(refused.value) == (
        "EarthScope uses the id 'leap', which never changes."
        " Change the names instead; they are free."
    )
    again = reserve(used, "leap")
    assert (again.id_state, again.id_reserved_until) == ("used", None)


def test_id_used_twice_is_written_down_once(reserve):
    found = reserve(community(), "leap")
    use_id(found.pk, by=BD, at=NOON)
    use_id(found.pk, by=BD, at=NOON)

    assert Entry.objects.filter(act="communities.id.used").count() == 1


def test_community_without_an_id_has_none_to_use():
    use_id(community().pk, by=BD, at=NOON)

    assert Community.objects.values_list("community_id", "id_state").get() == (None, "none")


def test_alias_kept_twice_is_one_and_names_one_community_only():
    first, second = community("First"), community("Second")
    for _time in range(2):
        keep_alias(first.pk, "nasa-veda", kind=AliasKind.LEGACY, on=TODAY, by=BD, at=NOON)

    with pytest.raises(Refused) as refused:
        keep_alias(second.pk, "nasa-veda", kind=AliasKind.LEGACY, on=TODAY, by=BD, at=NOON)

    assert refused.value.message == "'nasa-veda' is an older id of First."
    assert list(first.aliases.values_list("alias", "since")) == [("nasa-veda", date(2026, 3, 2))]
    assert Entry.objects.filter(act="communities.alias.kept").count() == 1


@pytest.mark.both_databases
def test_id_wanted_by_two_communities_at_once_goes_to_one(at_once, reserve):
    first, second = community("First"), community("Second")

    results = at_once(lambda: reserve(first, "leap"), lambda: reserve(second, "leap"))

    assert sorted(type(one).__name__ for one in results) == ["Community", "Refused"]
    refused = next(one for one in results if isinstance(one, Refused))
    assert refused.remedy == REMEDY
    assert Community.objects.filter(community_id="leap").count() == 1


@pytest.mark.both_databases
def test_name_given_to_two_new_communities_at_once_is_one_community(at_once):
    results = at_once(lambda: community("LEAP"), lambda: community("leap"))

    assert [type(one).__name__ for one in results] == ["Community", "Community"]
    assert len({one.pk for one in results}) == 1
    assert Community.objects.count() == 1


def test_database_keeps_two_standing_communities_from_having_one_name():
    community("LEAP")

    with pytest.raises(IntegrityError), transaction.atomic():
        Community.objects.create(short_name="leap", created_at=NOON)
