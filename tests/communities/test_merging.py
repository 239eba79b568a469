"""Two records that turn out to be one community: a plan, then exactly that plan."""

import pytest

from tests.factories import BD, NOON, TODAY, make_deal, tell
from throughline.communities.actions import (
    Said,
    Told,
    answer_question,
    describe_community,
    keep_alias,
    merge_communities,
    name_community,
    reserve_id,
    use_id,
)
from throughline.communities.merging import merge_plan
from throughline.communities.models import Community
from throughline.communities.queries import find_community, history_of_field
from throughline.communities.words import AliasKind
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db


def answer(community, text, question="goals"):
    answer_question(
        community.pk, question, told=Told(text, "call"), playbook=shipped(), by=BD, at=NOON
    )


def describe(community, **facts):
    return describe_community(community.pk, facts=facts, said=Said("mail"), by=BD, at=NOON)


@pytest.fixture
def pair(playbook):
    """Return a record that is to go, with a deal, an id, an alias and answers, and one to stay."""
    deal = tell(make_deal(), "community.named", short_name="LEAP STC")
    merged, into = deal.community, name_community("LEAP", by=BD, at=NOON)
    for one, word in ((merged, "leapstc"), (into, "leap")):
        reserve_id(one.pk, word, playbook=playbook, by=BD, at=NOON)
        use_id(one.pk, by=BD, at=NOON)
    keep_alias(merged.pk, "leap-stc", kind=AliasKind.LEGACY, on=TODAY, by=BD, at=NOON)
    describe(merged, website="https://stc.example", region="us-central1")
    describe(into, website="https://leap.example")
    answer(merged, "Goals of STC.")
    answer(merged, "Only here.", "data")
    answer(into, "Goals of LEAP.")
    return Community.objects.get(pk=merged.pk), Community.objects.get(pk=into.pk), deal


def merge(merged, into, *, choices=None, fingerprint=None):
    plan = merge_plan(merged, into)
    return merge_communities(
        merged.pk,
        into.pk,
        fingerprint=fingerprint or plan.fingerprint,
        choices={one.name: "into" for one in plan.choices} if choices is None else choices,
        by=BD,
        at=NOON,
    )


def test_plan_says_what_moves_what_is_filled_in_and_what_must_be_chosen(pair):
    merged, into, deal = pair

    plan = merge_plan(merged, into)

    assert dict(plan.moves)["deals"] == (deal.pk,)
    assert {"community aliases", "fact sources", "context answers"} <= dict(plan.moves).keys()
    assert plan.fills == ("region",)
    assert [(one.name, one.into, one.merged) for one in plan.choices] == [
        ("short_name", "LEAP", "LEAP STC"),
        ("website", "https://leap.example", "https://stc.example"),
        ("context.goals", "Goals of LEAP.", "Goals of STC."),
    ]
    assert Entry.objects.filter(act__contains="merged").exists() is False


def test_merged_record_gives_all_it_has_and_stays_as_a_tombstone(pair):
    merged, into, deal = pair

    merge(merged, into)

    deal.refresh_from_db()
    merged.refresh_from_db()
    into = Community.objects.get(pk=into.pk)
    assert deal.community == into
    assert (merged.merged_into, merged.community_id, merged.id_state) == (into, None, "none")
    assert (into.community_id, into.website, into.region) == (
        "leap", "https://leap.example", "us-central1",
    )  # fmt: skip
    aliases = {one.alias: one.kind for one in into.aliases.all()}
    assert aliases == {"leap-stc": "legacy", "leapstc": "merged"}
    assert {one.question: one.text for one in into.context.all()} == {
        "goals": "Goals of LEAP.", "data": "Only here.",
    }  # fmt: skip
    assert [one.text for one in into.earlier_answers.all()] == ["Goals of STC."]
    names = ("LEAP STC", "leapstc", "leap-stc", "leap", str(merged.pk))
    assert {find_community(name).pk for name in names} == {into.pk}
    assert name_community("leap stc", by=BD, at=NOON) == into
    acts = Entry.objects.filter(act__contains="merged").order_by("act")
    assert [(one.act, one.facts["name"]) for one in acts] == [
        ("communities.community.merged", "LEAP STC"),
        ("communities.community.merged_away", "LEAP"),
    ]


def test_what_is_chosen_holds_and_the_other_value_stays_readable(pair):
    merged, into, _deal = pair

    merge(
        merged,
        into,
        choices={"short_name": "merged", "website": "merged", "context.goals": "merged"},
    )

    found = Community.objects.get(pk=into.pk)
    assert (found.short_name, found.website) == ("LEAP STC", "https://stc.example")
    assert found.context.get(question="goals").text == "Goals of STC."
    values = {one.value for one in history_of_field(found, "website")}
    assert values == {"https://stc.example", "https://leap.example"}
    entry = Entry.objects.get(act="communities.community.merged")
    assert entry.facts["before"]["website"] == "https://leap.example"


def test_record_without_an_id_takes_over_the_one_of_the_merged_record(playbook):
    merged, into = (name_community(name, by=BD, at=NOON) for name in ("A", "B"))
    reserve_id(merged.pk, "aurora", playbook=playbook, by=BD, at=NOON)
    merged.refresh_from_db()

    merge(merged, into)

    found = Community.objects.get(pk=into.pk)
    assert (found.community_id, found.id_state, found.id_reserved_by) == ("aurora", "reserved", BD)


def test_stale_plan_is_refused_and_changes_nothing(pair):
    merged, into, deal = pair
    plan = merge_plan(merged, into)
    describe(into, data_location="Hawaii")

    with pytest.raises(Refused, match="The records have changed since that plan"):
        merge(merged, into, fingerprint=plan.fingerprint)

    deal.refresh_from_db()
    assert deal.community == merged


@pytest.mark.parametrize(
    ("choices", "problem"),
    [
        ({}, r"Both records say something else: context\.goals, short_name, website"),
        (
            {"short_name": "into", "website": "both", "context.goals": "into"},
            "nothing to choose so",
        ),
        (
            {"short_name": "into", "website": "into", "context.goals": "into", "cloud": "into"},
            "nothing to choose so: cloud",
        ),
    ],
)
def test_choice_that_is_missing_or_none_is_refused(pair, choices, problem):
    merged, into, _deal = pair

    with pytest.raises(Refused, match=problem):
        merge(merged, into, choices=choices)


def test_tombstone_is_not_written_to_and_not_merged_again(pair):
    merged, into, _deal = pair
    merge(merged, into)

    for step in (
        lambda: describe(merged, region="x"),
        lambda: merge(merged, into),
        lambda: merge(into, into),
    ):
        with pytest.raises(Refused, match=r"was merged into LEAP|into itself"):
            step()
