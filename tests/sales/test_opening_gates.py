"""The conditions up to Negotiation: each met, unmet, and stale where it can be."""

from datetime import date, timedelta

import pytest

from tests.factories import (
    BD,
    NOON,
    PS,
    TODAY,
    gate_of,
    make_deal,
    make_ready,
    make_statement,
    tell,
)
from throughline.communities.actions import keep_alias, use_id
from throughline.communities.words import AliasKind

pytestmark = pytest.mark.django_db

ASK_AGAIN = "Ask PS for a capacity answer: `throughline capacity ask`."


def found(deal, code, *, at=NOON):
    """Return how a condition stands on the way to Closed Won."""
    one = next(one for one in gate_of(deal, "closed_won", at=at).conditions if one.code == code)
    return one.status, one.message, one.remedy


def test_owner_missing_is_unmet():
    assert found(make_deal(), "deal.owner") == (
        "unmet", "Nobody has the deal.", "Write down who of BD owns it.",
    )  # fmt: skip


def test_owner_written_down_is_met():
    assert found(tell(make_deal(), "deal.owner", owner="ada"), "deal.owner") == (
        "met", "ada has the deal.", "",
    )  # fmt: skip


def test_community_missing_leaves_all_that_depends_on_it_unmet():
    deal = make_deal()

    assert [found(deal, code) for code in ("community.named", "community.id")] == [
        ("unmet", "The deal names no community.", "Give the community's short name."),
        ("unmet", "There is no community to have an id.", "Name the community first."),
    ]
    assert found(deal, "cloud.preference") == (
        "unmet", "There is no community to ask.", "Name the community first.",
    )  # fmt: skip


def test_community_named_is_met():
    deal = tell(make_deal(), "community.named", short_name="EarthScope")

    assert found(deal, "community.named") == ("met", "The deal serves EarthScope.", "")
    assert found(deal, "community.id") == (
        "unmet", "No community_id is reserved.", "Reserve one: a single lowercase word.",
    )  # fmt: skip


def test_community_id_reserved_is_met_on_its_last_day_and_stale_on_the_next():
    deal = make_ready(make_deal(), "proposal")
    last_day = NOON + timedelta(days=90)

    assert found(deal, "community.id", at=last_day) == (
        "met", "The id earthscope is reserved until 2026-05-31.", "",
    )  # fmt: skip
    assert found(deal, "community.id", at=last_day + timedelta(days=1)) == (
        "stale", "The id earthscope was reserved until 2026-05-31.", "Reserve it again.",
    )  # fmt: skip


def test_community_id_in_use_is_met_for_ever():
    deal = make_ready(make_deal(), "proposal")
    use_id(deal.community_id, by=BD, at=NOON)

    assert found(deal, "community.id", at=NOON + timedelta(days=900)) == (
        "met", "The id earthscope is in use.", "",
    )  # fmt: skip


def test_community_with_an_older_id_has_an_id():
    deal = tell(make_deal(), "community.named", short_name="NASA VEDA")
    keep_alias(
        deal.community_id, "nasa-veda", kind=AliasKind.LEGACY, on=TODAY, by=BD, at=NOON
    )  # fmt: skip

    assert found(deal, "community.id") == (
        "met", "The community goes by its older id nasa-veda.", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"cloud": "aws", "region": "us-west-2"}, ("met", "Prefers aws us-west-2.", "")),
        ({"cloud": "gcp"}, ("met", "Prefers gcp.", "")),
        (
            {"unknown_because": "they ask their IT"},
            ("met", "Unknown, because they ask their IT.", ""),
        ),
    ],
)
def test_cloud_answered_or_unknown_for_a_reason_is_met(value, expected):
    deal = make_ready(make_deal(), "qualified")

    assert found(tell(deal, "cloud.preference", **value), "cloud.preference") == expected


def test_cloud_not_asked_for_is_unmet():
    assert found(make_ready(make_deal(), "qualified"), "cloud.preference") == (
        "unmet",
        "Nobody has asked for cloud and region.",
        "Write down the cloud, or why it is unknown: data and hub should be close to each other.",
    )


def test_review_nobody_asked_for_is_unmet():
    assert found(make_deal(), "ps.reviewed") == (
        "unmet", "PS was not asked.", "Ask PS, or write down why no input is needed.",
    )  # fmt: skip


def test_review_asked_and_not_answered_is_unmet():
    deal = tell(make_deal(), "ps.reviewed", question="Two hubs by May?")

    assert found(deal, "ps.reviewed") == (
        "unmet",
        "PS has not answered yet: Two hubs by May? (asked by ada).",
        "Somebody of PS answers it.",
    )


def test_review_answered_is_met():
    deal = tell(make_deal(), "ps.reviewed", question="Two hubs by May?")
    deal = tell(deal, "ps.reviewed", answer="Yes.", by=PS)

    assert found(deal, "ps.reviewed") == ("met", "pia answered ada.", "")


def test_review_not_needed_is_met():
    deal = tell(make_deal(), "ps.reviewed", not_needed_because="The same hub again.")

    assert found(deal, "ps.reviewed") == ("met", "No input needed: The same hub again.", "")


def test_review_still_open_is_unmet_though_a_later_one_was_not_needed():
    deal = tell(make_deal(), "ps.reviewed", question="Two hubs by May?")
    deal = tell(deal, "ps.reviewed", not_needed_because="Never mind.")

    assert found(deal, "ps.reviewed")[0] == "unmet"


def test_capacity_nobody_answered_is_unmet():
    assert found(make_deal(), "capacity.answered") == (
        "unmet", "PS has not said whether this can be delivered.", ASK_AGAIN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"answer": "yes"}, "yes"),
        ({"answer": "yes_from", "start_on": "2026-06-01"}, "yes, from 2026-06-01"),
        ({"answer": "only_if", "only_if": ["one more engineer", "no travel"]},
         "only if one more engineer; no travel"),
    ],
)  # fmt: skip
def test_capacity_answered_other_than_no_is_met(value, words):
    deal = tell(make_deal(), "capacity.answered", by=PS, **value)

    assert found(deal, "capacity.answered") == (
        "met", f"pia answered “{words}”, good until 2026-04-01.", "",
    )  # fmt: skip


def test_capacity_answered_no_is_unmet():
    deal = tell(make_deal(), "capacity.answered", by=PS, answer="no")

    assert found(deal, "capacity.answered") == (
        "unmet", "pia answered no.", "Change scope or dates with PS and ask for a new answer.",
    )  # fmt: skip


def test_capacity_answer_counts_on_its_last_day_and_is_stale_on_the_next():
    deal = tell(make_deal(), "capacity.answered", by=PS, answer="yes")
    last_day = NOON + timedelta(days=30)

    assert found(deal, "capacity.answered", at=last_day)[0] == "met"
    assert found(deal, "capacity.answered", at=last_day + timedelta(days=1)) == (
        "stale", "pia's answer expired on 2026-04-01.", ASK_AGAIN,
    )  # fmt: skip


def test_capacity_answer_goes_stale_when_dates_change_and_says_which():
    deal = tell(make_deal(), "dates.agreed", start_on="2026-04-01", end_on="2027-03-31")
    deal = tell(deal, "capacity.answered", by=PS, answer="yes")
    deal = tell(deal, "dates.agreed", start_on="2026-04-01", end_on="2027-06-30")

    assert found(deal, "capacity.answered") == (
        "stale", "Since pia answered, the end date changed.", ASK_AGAIN,
    )  # fmt: skip


def test_capacity_answer_goes_stale_when_the_estimate_changes_and_says_which():
    deal = make_deal()
    make_statement(deal, "Hub", low_h="10", high_h="20")
    deal = tell(deal, "capacity.answered", by=PS, answer="yes")
    assert found(deal, "capacity.answered")[0] == "met"

    make_statement(deal, "Hub", low_h="30", high_h="40")

    assert found(deal, "capacity.answered") == (
        "stale",
        "Since pia answered, the low estimate and the high estimate changed.",
        ASK_AGAIN,
    )


def test_capacity_newest_answer_counts():
    deal = tell(make_deal(), "capacity.answered", by=PS, answer="no")
    deal = tell(deal, "capacity.answered", by=PS, answer="yes")

    assert found(deal, "capacity.answered")[0] == "met"


def test_sign_off_without_a_statement_of_work_is_met():
    assert found(make_deal(), "sow.signed_off") == ("met", "There is no statement of work.", "")


def test_sign_off_missing_from_some_names_them():
    deal = make_deal()
    make_statement(deal, "Hub")
    deal = tell(deal, "sow.signed_off", role="Tech Lead", by=PS)

    assert found(deal, "sow.signed_off") == (
        "unmet",
        "Version 1 lacks the sign-off of Head of Product, BD Lead.",
        "They read and sign it off.",
    )


def test_sign_off_by_all_is_met_until_a_new_version_comes():
    deal = make_deal()
    make_statement(deal, "Hub")
    for role, by in (("head_of_product", "hana"), ("tech_lead", "tom"), ("bd_lead", "bea")):
        tell(deal, "sow.signed_off", role=role, by=by)
    assert found(deal, "sow.signed_off")[0] == "met"

    make_statement(deal, "Hub", "Docs")

    status, message, remedy = found(deal, "sow.signed_off")
    assert (status, message) == (
        "stale",
        (
            "Version 2 is new and lacks the sign-off of Head of Product (hana signed version 1),"
            " Tech Lead (tom signed version 1), BD Lead (bea signed version 1)."
        ),
    )
    assert remedy == "They read what changed and sign the new version off."


def test_every_condition_of_the_playbook_is_judged_with_a_remedy_where_it_is_unmet(playbook):
    deal = make_deal()
    gates = [*gate_of(deal, "closed_won").conditions, *gate_of(deal, "closed_lost").conditions]
    wanted = [item.code for stage in playbook.stages for item in stage.conditions]

    assert sorted(one.code for one in gates) == sorted(wanted)
    assert [one.code for one in gates if one.status != "met" and not one.remedy] == []
    assert [one.code for one in gates if not one.message] == []


def test_day_of_the_organisation_counts_not_the_instant(playbook):
    deal = tell(make_deal(), "capacity.answered", by=PS, answer="yes", expires_on="2026-03-10")
    last_instant = NOON.replace(day=10, hour=23, minute=59, second=59)

    assert found(deal, "capacity.answered", at=last_instant)[0] == "met"
    assert found(deal, "capacity.answered", at=last_instant + timedelta(seconds=1))[0] == "stale"
    assert date(2026, 3, 10) == last_instant.date()
