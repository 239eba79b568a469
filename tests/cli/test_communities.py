"""`throughline community …`, as people and programs call it."""

import pytest

from tests.factories import NOON, make_cluster, make_deal, tell
from throughline.communities.actions import name_community
from throughline.communities.models import Community


@pytest.fixture
def leap(db):
    return name_community("LEAP", by="factory", at=NOON)


def test_record_is_described_with_its_source_and_shown_with_its_age(leap, ask):
    value = '{"website": "https://leap.example"}'
    ask("community", "describe", "leap", "--value", value, "--source", "call", "--by", "ada")

    found = ask("community", "show", "LEAP")

    field = found["fields"]["website"]
    assert {name: field[name] for name in ("value", "source", "sureness", "by", "age_days")} == {
        "value": "https://leap.example", "source": "call", "sureness": "said", "by": "ada",
        "age_days": 0,
    }  # fmt: skip
    assert found["complete"] == {
        "known": 2, "wanted": 5, "missing": ["long_name", "community_id", "cloud"],
    }  # fmt: skip
    assert (found["default_region"], found["fields"]["region"]["value"]) == ("us-west-2", "")


def test_older_version_is_refused_with_both_values(leap, ask):
    ask("community", "describe", "LEAP", "--value", '{"region": "eu"}')

    answer = ask(
        "community", "describe", "LEAP", "--value", '{"region": "us"}', "--version", "1", code=1
    )

    assert "region: now 'eu', yours 'us'" in answer["refused"]


def test_id_is_checked_reserved_renewed_and_given_up(leap, ask):
    make_cluster("ocean")
    free = ask("community", "check-id", "leap")
    taken = ask("community", "check-id", "ocean")

    assert (free["free"], taken["free"], taken["standing"]) == (True, False, "cluster")
    assert ask("community", "reserve", "LEAP")["community_id"] == "leap"
    assert ask("community", "reserve", "leap", "leap")["id_state"] == "reserved"
    near = ask.run("community", "check-id", "leep", "--json")
    assert near.json["near"] == [{"name": "leap", "community": "LEAP", "distance": 1}]
    assert near.err == "warning: 'leap' of LEAP is easily mistaken for it.\n"
    assert ask("community", "release", "leap")["community_id"] is None


def test_alias_finds_the_community(leap, ask):
    ask("community", "alias", "LEAP", "leap-pangeo")

    assert ask("community", "show", "leap-pangeo")["community"] == leap.pk
    assert [one["short_name"] for one in ask("community", "list", "pangeo")] == ["LEAP"]


def test_people_of_a_deal_and_the_end_of_a_role(ask):
    deal = tell(make_deal(hubspot_id="7"), "community.named", short_name="LEAP")
    tell(deal, "community.people", people=[
        {"role": "buyer", "full_name": "Bo", "email": "bo@example.org"}
    ])  # fmt: skip

    people = ask("community", "people", "7", "--on", "2026-03-02")
    ran = ask.run("community", "role-end", "7", "bo@example.org", "Buyer", "--on", "2026-04-01")

    assert people["people"][0]["cells"][0]["state"] == "held"
    assert "buyer" not in people["nobody"]
    assert (ran.code, ran.err) == (0, f"warning: {deal.subject} has no Buyer any more.\n")
    after = ask("community", "people", "7", "--on", "2026-04-01")
    assert (after["people"][0]["cells"][0]["state"], "buyer" in after["nobody"]) == ("past", True)


def test_merge_shows_its_plan_and_does_it_when_given_its_fingerprint(leap, ask):
    other = name_community("LEAP STC", by="factory", at=NOON)

    plan = ask("community", "merge", "LEAP STC", "LEAP", code=3)
    done = ask(
        "community", "merge", "LEAP STC", "LEAP", "--apply", plan["fingerprint"],
        "--choose", '{"short_name": "into"}',
    )  # fmt: skip

    assert [one["field"] for one in plan["choices"]] == ["short_name"]
    assert done["community"] == leap.pk
    assert Community.objects.get(pk=other.pk).merged_into == leap


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("show", "nobody"), "There is no community 'nobody'."),
        (("describe", "LEAP", "--value", "{"), "--value is not JSON"),
        (("describe", "LEAP", "--value", '{"x": 1}'), "A community has no field x."),
        (("people", "999"), "999"),
        (("alias", "LEAP", " "), "An older id has 1 to 120 letters."),
        (("merge", "LEAP", "LEAP"), "A community cannot be merged into itself."),
    ],
)
def test_bad_input_is_refused_with_what_to_do(leap, ask, words, problem):
    answer = ask("community", *words, code=1)

    assert problem in answer["refused"]
    assert answer["remedy"] != ""
