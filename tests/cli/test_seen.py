"""`--seen`: a command that refuses to write over what somebody else has written since."""

import json
from datetime import timedelta

import pytest

from tests.factories import NOON, make_cluster, make_deal, make_person, tell
from throughline.cli.reply import now
from throughline.journal.models import Entry
from throughline.people.words import RoleName
from throughline.sales.models import Deal, GateException


@pytest.mark.django_db
def test_record_with_what_was_seen_refuses_to_write_over_a_later_value(ask, run):
    deal = make_deal(name="Coral")
    seen = ask("deal", "show", str(deal.pk))["seen"]
    tell(deal, "deal.owner", by="ben", owner="Ben")
    words = ("deal", "record", str(deal.pk), "deal.owner", "--value", '{"owner": "Ada"}')

    refused = run(*words, "--seen", seen)

    assert refused.code != 0
    assert "ben wrote owner “Ben” on 2026-03-02 at " in refused.err
    assert Deal.objects.get().owner == "Ben"
    run(*words)
    assert Deal.objects.get().owner == "Ada"


NAMED = json.dumps({
    "title": "Agreement", "effective_on": "2026-04-01", "end_on": "2027-03-31",
    "signatories": [{"party": "CS&S", "name": "Sol"}, {"party": "University", "name": "Uma"}],
})  # fmt: skip
SOON = (now() + timedelta(days=10)).date().isoformat()  # commands read the clock


def bypassed(deal):
    GateException.objects.create(
        deal=deal, from_stage="lead", to_stage="negotiation", conditions=["ps.reviewed"],
        found_at=NOON, found_by="HubSpot",
    )  # fmt: skip


WAIVE = ("deal", "waive", "900100", "ps.reviewed", "--by", "lea", "--until", SOON)
TWICE = {
    "waive": ((*WAIVE, "--reason", "Away."), (*WAIVE, "--reason", "Small.")),
    "party": (
        ("agreement", "party", "900100", "University", "Una", "--by", "ben"),
        ("agreement", "party", "900100", "University", "Ulf", "--by", "ada"),
    ),
    "state": (
        ("agreement", "state", "900100", "University", "sent", "--by", "ben"),
        ("agreement", "state", "900100", "University", "declined", "--note", "No.", "--by", "ada"),
    ),
    "payer": (
        ("agreement", "payer", "900100", "coral", "us", "--from", "2026-05-01", "--by", "ben"),
        ("agreement", "payer", "900100", "coral", "community", "--from", "2026-05-01",
         "--by", "ada"),
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("what", TWICE)
def test_command_with_what_was_seen_shows_both_sides_and_writes_nothing(what, ask, run):
    make_person("lea", RoleName.LEAD)
    make_deal(hubspot_id="900100", amount="12000.00")
    make_cluster("coral")
    ask("agreement", "name", "900100", "--value", NAMED, "--by", "ada")
    first, second = TWICE[what]
    seen = ask("agreement", "show", "900100")["seen"]
    theirs = run(*first)
    count = Entry.objects.count()

    refused = run(*second, "--seen", seen)

    assert (theirs.code, refused.code, theirs.err) == (0, 1, "")
    assert "after you opened this page; you write" in refused.err
    assert Entry.objects.count() == count
    assert run(*second).code == 0


@pytest.mark.django_db
def test_explanation_and_terms_with_what_was_seen_are_refused_as_well(ask, run):
    deal = make_deal(hubspot_id="900100", amount="12000.00")
    ask("agreement", "name", "900100", "--value", NAMED, "--by", "ada")
    before = ask("agreement", "show", "900100")
    bypassed(deal)
    run("deal", "explain", "900100", "--reason", "Phone.", "--by", "ben")
    bypassed(deal)
    run("agreement", "terms", "900100", "--value", '{"renewal_terms": "Yearly"}', "--by", "ben")

    late = run("deal", "explain", "900100", "--reason", "Mail.", "--seen", before["seen"])
    stamp = before["documents"][0]["stamp"]
    terms = run(
        "agreement", "terms", "900100", "--value", '{"renewal_terms": "None"}', "--seen", stamp
    )

    assert "ben wrote explanation “Phone.”" in late.err
    assert "ben changed renewal terms" in terms.err
    assert (late.code, terms.code) == (1, 1)
