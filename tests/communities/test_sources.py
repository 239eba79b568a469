"""Where each field of a record comes from, and what happens when two people save at once."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON
from throughline.communities.actions import (
    Said,
    Told,
    answer_follow_up,
    answer_question,
    ask_further,
    describe_community,
    name_community,
    stamp_of,
)
from throughline.communities.actions.records import Clash, Conflict
from throughline.communities.models import Community, ContextAnswer
from throughline.communities.queries import (
    find_community,
    history_of_field,
    missing_for_phases,
    provenance_of,
)
from throughline.communities.words import Sureness
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def leap():
    return name_community("LEAP", by=BD, at=NOON)


def describe(community, *, said=None, version=None, by=BD, at=NOON, **facts):
    ways = {"said": said} if said else {}
    return describe_community(community.pk, facts=facts, version=version, by=by, at=at, **ways)


def test_field_shows_who_said_it_how_surely_and_how_old_it_is(leap):
    said = Said("call of 3 May", Sureness.CONFIRMED)
    describe(leap, website="https://leap.example", said=said)

    found = provenance_of(Community.objects.get(), at=NOON + timedelta(days=40))["website"]

    assert (found.source.source, found.source.sureness, found.source.by, found.age_days) == (
        "call of 3 May", "confirmed", BD, 40,
    )  # fmt: skip


def test_field_that_was_emptied_has_no_source_but_a_history(leap):
    describe(leap, region="us-west-2")
    describe(leap, region="")

    found = Community.objects.get()
    assert "region" not in {name for name in provenance_of(found, at=NOON) if getattr(found, name)}
    assert [one.value for one in history_of_field(found, "region")] == ["", "us-west-2"]


def test_field_said_again_is_as_old_as_the_last_word(leap):
    describe(leap, region="us-west-2")
    later = NOON + timedelta(days=30)
    describe(leap, region="us-west-2", said=Said("mail", Sureness.CONFIRMED, again=True), at=later)

    found = provenance_of(Community.objects.get(), at=later)["region"]
    assert (found.source.sureness, found.age_days) == ("confirmed", 0)
    assert Entry.objects.get(act="communities.fact.confirmed").facts == {"fields": ["region"]}
    assert Community.objects.get().version == 2


def test_community_renamed_is_found_by_all_its_names(leap):
    describe(leap, short_name="LEAP-Pangeo")
    describe(leap, short_name="Climate")

    assert name_community("leap", by=BD, at=NOON) == leap
    assert [find_community(name).pk for name in ("LEAP", "leap-pangeo", "Climate")] == [leap.pk] * 3
    assert [one.value for one in history_of_field(leap, "short_name")] == [
        "Climate", "LEAP-Pangeo", "LEAP",
    ]  # fmt: skip


def test_name_of_another_community_is_refused(leap):
    name_community("Second", by=BD, at=NOON)

    with pytest.raises(Refused, match="Another community is called 'second'"):
        describe(leap, short_name="second")


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"short_name": " "}, "A community needs a short name"),
        ({"short_name": "x" * 81}, "short_name is a text of up to 80 letters"),
        ({"website": 7}, "website is a text"),
        ({"repositories": "https://x.example"}, "repositories is a list of addresses"),
        ({"repositories": ["https://x.example", "x"]}, "repositories: 'x' is not a web address"),
        ({"github_org": "a/b"}, "'a/b' is not a name at GitHub"),
        ({"logo_url": "http://x.example/a.png"}, "is not a web address"),
        ({"cloud": "aws", "cloud_unknown_because": "x"}, "known and unknown at once"),
    ],
)
def test_field_that_is_unfit_is_refused_and_nothing_is_saved(leap, facts, problem):
    with pytest.raises(Refused, match=problem):
        describe(leap, region="us-west-2", **facts)

    assert (Community.objects.get().region, Community.objects.get().version) == ("", 1)


def test_organisation_given_as_an_address_is_kept_by_its_name(leap):
    assert describe(leap, github_org="https://github.com/leap-stc/").github_org == "leap-stc"


def test_cloud_that_becomes_known_takes_the_reason_away_and_the_other_way_round(leap):
    describe(leap, cloud_unknown_because="their IT decides")
    known = describe(leap, cloud="gcp")
    unknown = describe(leap, cloud_unknown_because="they changed their mind")

    assert [(one.cloud, one.cloud_unknown_because) for one in (known, unknown)] == [
        ("gcp", ""), ("", "they changed their mind"),
    ]  # fmt: skip


def test_save_with_an_older_version_is_a_conflict_with_both_values(leap):
    describe(leap, region="eu-west-1", version=1, by="pia")

    with pytest.raises(Conflict) as conflict:
        describe(leap, region="us-west-2", website="https://a.example", version=1)

    assert conflict.value.clashes == (
        Clash("region", "eu-west-1", "us-west-2"),
        Clash("website", "", "https://a.example"),
    )
    assert str(conflict.value) == (
        "LEAP was changed by somebody else in the meantime (region: now 'eu-west-1', yours"
        " 'us-west-2'; website: now '', yours 'https://a.example'). Look at both values and save"
        " again what should hold (version 2)."
    )
    assert describe(leap, region="us-west-2", version=2).version == 3


def test_save_of_what_the_other_saved_as_well_is_no_conflict(leap):
    describe(leap, region="eu-west-1", version=1)

    assert describe(leap, region="eu-west-1", version=1).version == 2


def test_phases_of_a_new_hub_say_what_they_lack(leap):
    found = describe(leap, cloud_unknown_because="x", website="https://a.example")

    assert missing_for_phases(found) == (
        (1, ("community_id",)),
        (2, ("long_name", "logo_url", "github_org")),
        (3, ("repositories", "data_location")),
    )


def test_question_asked_again_keeps_the_older_answer(leap, playbook):
    def answer(text, at=NOON):
        answer_question(leap.pk, "goals", told=Told(text, "call"), playbook=playbook, by=BD, at=at)

    answer("First.")
    answer("First.")
    answer("Second.", at=NOON + timedelta(days=9))

    assert [one.text for one in leap.earlier_answers.all()] == ["First."]
    assert ContextAnswer.objects.get().text == "Second."


def test_question_asked_again_without_an_answer_leaves_the_one_that_was_given(leap, playbook):
    def answer(text):
        told = Told(text, "call")
        answer_question(leap.pk, "goals", told=told, playbook=playbook, by=BD, at=NOON)

    answer("First.")
    answer("  ")

    stands = ContextAnswer.objects.get()
    assert (stands.text, stands.state, stands.source) == ("First.", "answered", "call")
    assert [one.act for one in Entry.objects.about(leap).order_by("-pk")[:2]] == [
        "communities.question.asked_again", "communities.question.noted",
    ]  # fmt: skip


def test_answer_that_changed_since_it_was_seen_is_a_conflict_with_both_sides(leap, playbook):
    def answer(text, *, by=BD, seen=None):
        told = Told(text, "call", seen)
        return answer_question(leap.pk, "goals", told=told, playbook=playbook, by=by, at=NOON)

    seen = stamp_of(answer("First."))
    answer("Theirs.", by="ben")

    with pytest.raises(Conflict) as refused:
        answer("Mine.", seen=seen)

    assert refused.value.clashes == (Clash("goals", "Theirs.", "Mine."),)
    assert "by ben," in refused.value.message
    assert ContextAnswer.objects.get().text == "Theirs."
    answer("Theirs.", seen=seen)  # what stands there already is no conflict
    with pytest.raises(Conflict):
        answer("Mine.", seen="")  # nothing was seen, and something stands there


def test_further_question_is_asked_and_answered(leap, playbook):
    asked = ask_further(leap.pk, "data", text="How big?", playbook=playbook, by=BD, at=NOON)
    found = answer_follow_up(leap.pk, asked.pk, answer="40 TB", by="pia", at=NOON)

    assert (found.text, found.answer, found.answered_by) == ("How big?", "40 TB", "pia")
    with pytest.raises(Refused, match="There is no such further question"):
        answer_follow_up(leap.pk, asked.pk + 1, answer="x", by=BD, at=NOON)
    for step in (
        lambda: ask_further(leap.pk, "data", text=" ", playbook=playbook, by=BD, at=NOON),
        lambda: answer_follow_up(leap.pk, asked.pk, answer=" ", by=BD, at=NOON),
    ):
        with pytest.raises(Refused, match="is empty"):
            step()
