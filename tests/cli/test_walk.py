"""One deal by commands alone: from Lead through every refusal to a verified delivery and its notice."""

import json

import pytest

PEOPLE = [
    {"role": role, "full_name": name, "email": f"{role}@coral.example"}
    for role, name in (
        ("buyer", "Bo Buyer"),
        ("champion", "Cam Champion"),
        ("representative", "Rae Rep"),
        ("technical_contact", "Tay Tech"),
    )
]
PARTIES = [{"party": "Sponsor", "name": "Sol"}, {"party": "Coral Lab", "name": "Bo Buyer"}]
QUESTIONS = ("goals", "community", "aims", "data")

# To enter each stage: what refuses at first, and what is then written down, by whom.
STAGES = {
    "Qualified": {
        "deal.owner": ({"owner": "ada"}, "ada"),
        "community.named": ({"short_name": "Coral"}, "ada"),
    },
    "Proposal": {
        "community.id": ({"community_id": "coral"}, "ada"),
        "cloud.preference": ({"cloud": "aws", "region": "us-west-2"}, "ada"),
    },
    "Negotiation": {
        "ps.reviewed": ({"not_needed_because": "We run three hubs like it."}, "ada"),
        "capacity.answered": ({"answer": "yes"}, "pia"),
    },
    "Contract Admin": {
        "verbal.closed": ({"said_by": "Bo", "said_on": "2026-01-15", "version": "2"}, "ada"),
        "service.tier": ({"tier": "Premier"}, "ada"),
        "dates.agreed": ({"start_on": "2031-01-01", "end_on": "2031-12-31"}, "ada"),
        "agreement.artefact": ({"title": "Agreement", "signatories": PARTIES}, "ada"),
        "community.record": (
            {"long_name": "Coral Laboratory", "website": "https://coral.example"},
            "ada",
        ),
        "community.people": ({"people": PEOPLE}, "ada"),
        "community.context": ({"answers": [{"question": one} for one in QUESTIONS]}, "ada"),
    },
}


def in_the_way(document):
    return {
        one["code"]
        for one in document["conditions"]
        if one["required"] and one["status"] not in {"met", "waived"}
    }


@pytest.fixture
def numbered(run, db):
    """Return the number that the deal has here: other tests may have used up the first ones."""
    run("deal", "create", "Coral Lab: managed hub", "--by", "ada")
    return json.loads(run("deal", "list", "--json").out)[0]["deal"]


@pytest.fixture
def signed(numbered, run, record):
    """Return a deal whose agreement every party has signed, at Contract Admin."""
    for facts in STAGES.values():
        for code, (value, by) in facts.items():
            assert record(numbered, code, by=by, **value).code == 0
    # The dates came after PS had answered, so PS answers again.
    assert record(numbered, "capacity.answered", by="pia", answer="yes").code == 0
    assert run("deal", "advance", numbered, "Contract Admin", "--by", "ada").code == 0
    both = [{"party": one["party"], "signed_on": "2026-01-15"} for one in PARTIES]
    assert record(numbered, "agreement.executed", by="sol", signed=both).code == 0
    return numbered


@pytest.fixture
def ordered(signed, run):
    assert run("order", signed, "--by", "ada").code == 0
    assert run("deal", "advance", signed, "Closed Won", "--by", "ada").code == 0
    return signed


def test_every_stage_refuses_with_all_that_is_missing_then_lets_pass(numbered, ask, record):
    for stage, facts in STAGES.items():
        refused = ask("deal", "advance", numbered, stage, "--by", "ada", code=1)
        assert in_the_way(refused) == set(facts)

        for code, (value, by) in facts.items():
            assert record(numbered, code, by=by, **value).code == 0

        assert ask("deal", "advance", numbered, stage, "--by", "ada")["stage"] == stage


def test_closed_won_refuses_until_all_have_signed_and_the_order_stands(numbered, run, ask, record):
    for facts in STAGES.values():
        for code, (value, by) in facts.items():
            record(numbered, code, by=by, **value)
    record(numbered, "capacity.answered", by="pia", answer="yes")
    early = ask("order", numbered, "--by", "ada", code=1)
    run("deal", "advance", numbered, "Contract Admin", "--by", "ada")
    missing = in_the_way(ask("deal", "advance", numbered, "Closed Won", code=1))
    unsigned = ask("order", numbered, "--by", "ada", code=1)

    assert early["refused"].endswith("is not at Contract Admin or Closed Won.")
    assert missing == {"agreement.executed", "delivery.requested"}
    assert unsigned["refused"].endswith("is not executed.")

    for party in PARTIES:
        one = {"party": party["party"], "signed_on": "2026-01-15"}
        record(numbered, "agreement.executed", by="sol", signed=[one])
    assert ask("order", numbered, "--by", "ada") == {
        "deal": numbered,
        "engagement": int(numbered),
    }
    assert ask("deal", "advance", numbered, "Closed Won", "--by", "ada")["stage"] == "Closed Won"


def test_handoff_is_planned_applied_and_then_has_no_changes(ordered, run, ask):
    planned = ask("handoff", "plan", ordered, code=3)
    applied = ask("handoff", "apply", ordered, "--by", "ada")
    again = ask("handoff", "plan", ordered)

    made = {one["outcome"] for one in planned["changes"]}
    true = {one["outcome"] for one in applied["outcomes"] if one["state"] == "converged"}
    assert made <= true
    assert again["changes"] == []
    assert again["ledger"]["missing"] == []
    assert "no changes" in run("handoff", "plan", ordered).out
    assert run("handoff", "apply", ordered, "--by", "ada").out.startswith("no changes.")


def test_welcome_waits_until_ps_accepts_and_goes_out_once(ordered, ask, run, home):
    run("handoff", "apply", ordered, "--by", "ada")
    waiting = ask("handoff", "plan", ordered)["waiting"]
    accepted = ask("handoff", "accept", ordered, "--by", "pia")
    twice = ask("handoff", "accept", ordered, "--by", "pete", code=1)
    planned = ask("handoff", "plan", ordered, code=3)["changes"]
    for _again in range(2):
        run("handoff", "apply", ordered, "--by", "ada")
        run("run-due")

    assert [one["outcome"] for one in waiting] == [f"mail.welcome:{ordered}"]
    assert accepted == {"engagement": int(ordered), "accepted_by": "pia"}
    assert twice["refused"].startswith("pia accepted this on ")
    assert [one["outcome"] for one in planned] == [f"mail.welcome:{ordered}"]
    assert len(list((home / "mail").glob("*.eml"))) == 1


def test_deliverables_are_verified_by_a_second_person_only(ordered, run, ask):
    run("handoff", "apply", ordered, "--by", "ada")
    promised = ask("deliverable", "list", ordered)
    first = promised[0]["number"]

    too_early = ask("deliverable", "verify", first, "--by", "ada", code=1)
    for one in promised:
        said = ask("deliverable", "done", one["number"], "--by", "pia", "--evidence", "Seen.")
        assert said["state"] == "done"
    same_person = ask("deliverable", "verify", first, "--by", "pia", code=1)
    returned = ask("deliverable", "return", first, "--by", "ada", "--because", "No logo.")
    ask("deliverable", "done", first, "--by", "pia")
    for one in promised:
        assert ask("deliverable", "verify", one["number"], "--by", "ada")["state"] == "verified"

    assert too_early["refused"].startswith("PS has not said that")
    assert same_person["refused"] == ("Verification needs two persons, and pia did the first part.")
    assert (returned["state"], returned["verdict"]["why"]) == ("returned", "No logo.")
    assert {one["state"] for one in ask("deliverable", "list", ordered)} == {"verified"}


def test_notice_goes_out_on_day_60_exactly_once(ordered, ask, home):
    before = ask("run-due", "--at", "2031-10-31T23:59:59Z")
    on_the_day = ask("run-due", "--at", "2031-11-01T00:00:00Z")
    after = [
        ask("run-due", "--at", f"2031-{when}")
        for when in ("11-01T00:00:00Z", "11-02T12:00:00Z", "12-31T12:00:00Z")
    ]

    assert before["mails"] == []
    assert on_the_day["mails"] == [
        {
            "to": "partnerships@2i2c.org",
            "subject": "Agreement expiring in 60 days",
            "engagement": int(ordered),
            "step": "60",
        }
    ]
    assert [one["mails"] for one in after] == [[], [], []]
    assert len(list((home / "mail").glob("*.eml"))) == 1


def test_lapse_is_an_alert_on_the_day_after_the_end_only_where_a_hub_runs(ordered, ask):
    after = ask("run-due", "--at", "2032-01-01T12:00:00Z")

    assert (after["mails"], after["alerts"]) == ([], [])
