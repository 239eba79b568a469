"""`throughline agreement …` and `throughline sponsor …`: one deal from its document to its receipt."""

import json
from hashlib import sha256

import pytest
from django.test import Client

from tests.factories import make_cluster, make_deal, make_deal_at, make_person
from throughline.people.words import RoleName
from throughline.sales.models import AgreementCopy, Deal, SponsorWork

PDF = b"%PDF-1.7\nThe agreement.\n%%EOF\n"
NAMED = json.dumps({
    "title": "Agreement", "effective_on": "2026-04-01", "end_on": "2027-03-31",
    "signatories": [{"party": "CS&S", "name": "Sol"}, {"party": "University", "name": "Uma"}],
})  # fmt: skip
TERMS = json.dumps({"lines": [{"description": "Membership", "amount": "12000.00"}]})


@pytest.fixture
def deal(ask):
    make_deal(name="EarthScope hub", hubspot_id="900100", amount="12000.00")
    ask("agreement", "name", "900100", "--value", NAMED, "--by", "ada")
    return "900100"


@pytest.fixture
def signed(ask, deal):
    for party in ("CS&S", "University"):
        ask("agreement", "sign", deal, party, "--on", "2026-03-01", "--by", "sol")
    return deal


def test_agreement_is_named_filled_in_signed_and_shown(ask, deal):
    ask("agreement", "terms", deal, "--value", TERMS, "--by", "ada")
    ask("agreement", "party", deal, "NASA", "Nell", "--by", "ada")
    ask("agreement", "party", deal, "NASA", "--remove", "--by", "ada")
    ask("agreement", "state", deal, "CS&S", "sent", "--by", "sol")
    half = ask("agreement", "sign", deal, "CS&S", "--on", "2026-03-01", "--by", "sol")
    done = ask("agreement", "sign", deal, "university", "--on", "2026-03-02", "--by", "sol")

    assert (half["binding"], done["binding"]) == (False, True)
    shown = ask("agreement", "show", deal, "--on", "2026-05-01")
    assert shown["documents"][0]["executed_on"] == "2026-03-02"
    assert (shown["start_on"], shown["end_on"], shown["total"]) == (
        "2026-04-01", "2027-03-31", "12000.00",
    )  # fmt: skip
    assert shown["lines"] == [
        {"description": "Membership", "account": "service", "gl_code": "4224", "amount": "12000.00"}
    ]
    assert {one["code"] for one in shown["notes"]} == {"copy_missing", "terms_missing"}


def test_agreement_shown_to_people_names_state_documents_and_lines(run, signed):
    ran = run("agreement", "show", signed, "--on", "2026-05-01")

    assert ran.out.splitlines()[0] == (
        "As of 2026-05-01: in force, 2026-04-01 to 2027-03-31, no tier."
    )
    assert "CS&S: Sol, signed 2026-03-01" in ran.out


def test_extension_is_read_as_of_a_day_and_moves_the_end(ask, signed):
    ask("agreement", "amend", signed, "--value",
        '{"kind": "extension", "end_on": "2027-09-30", "effective_on": "2027-04-01"}')  # fmt: skip
    for party in ("CS&S", "University"):
        ask("agreement", "sign", signed, party, "--on", "2026-03-03", "--by", "sol")

    assert ask("agreement", "show", signed, "--on", "2027-03-31")["end_on"] == "2027-03-31"
    assert ask("agreement", "show", signed, "--on", "2027-04-01")["end_on"] == "2027-09-30"
    assert str(Deal.objects.get().end_on) == "2027-09-30"


def test_amendment_is_withdrawn(ask, signed):
    ask("agreement", "amend", signed, "--value", '{"scope": "A second hub."}')

    shown = ask("agreement", "withdraw", signed, "--because", "They renew.")

    assert len(shown["documents"]) == 1


def test_executed_copy_is_stored_by_one_and_confirmed_by_another_who_holds_the_same(
    ask, deal, tmp_path
):
    held = tmp_path / "signed.pdf"
    held.write_bytes(PDF)
    paper = ["--signed", "CS&S=2026-02-20", "--signed", "University=2026-02-21"]

    stored = ask("agreement", "document", deal, held, *paper, "--by", "sol")
    own = ask("agreement", "confirm", deal, "--file", held, "--by", "sol", code=1)
    other = tmp_path / "other.pdf"
    other.write_bytes(PDF + b"%%EOF")
    wrong = ask("agreement", "confirm", deal, "--file", other, "--by", "ada", code=1)
    confirmed = ask("agreement", "confirm", deal, "--file", held, "--by", "ada")

    assert (stored["binding"], confirmed["binding"]) == (False, True)
    assert own["refused"] == "An executed copy needs two persons, and sol did the first part."
    assert wrong["refused"] == "That is not the hash of the copy that waits."
    assert confirmed["documents"][0]["copies"] == [
        {"role": "executed", "name": "signed.pdf", "sha256": sha256(PDF).hexdigest(),
         "added_by": "sol", "confirmed_by": "ada"},
    ]  # fmt: skip


def test_copy_is_rejected_with_the_reason(ask, signed, tmp_path):
    held = tmp_path / "signed.pdf"
    held.write_bytes(PDF)
    ask("agreement", "document", signed, held, "--by", "sol")

    ask("agreement", "confirm", signed, "--reject", "A page is missing.", "--by", "ada")

    assert AgreementCopy.objects.count() == 0


def test_who_pays_is_written_down_and_read_as_of_a_day(ask, deal):
    make_cluster("earth", deal_id="900100")
    ask("agreement", "payer", deal, "earth", "us", "--from", "2026-04-01")
    ask("agreement", "payer", deal, "earth", "community", "--from", "2026-07-01")

    before = ask("agreement", "show", deal, "--on", "2026-06-30")["payers"]
    after = ask("agreement", "show", deal, "--on", "2026-07-01")["payers"]

    assert [one["payer"] for one in (*before, *after)] == ["us", "community"]


def test_purchase_order_is_accepted(ask):
    deal = make_deal(name="By order")
    ask("agreement", "name", deal.pk, "--value", '{"kind": "purchase_order", "title": "Order"}')

    shown = ask("agreement", "accept", deal.pk, "--on", "2026-03-01", "--number", "PO-1")

    assert (shown["binding"], shown["reference"]) == (True, "PO-1")


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (["show", "77"], "There is no deal 77."),
        (["terms", "900100", "--value", "{"], "--value is not JSON: "),
        (["terms", "900100", "--value", '{"gold": 1}'], "terms: gold: Extra inputs"),
        (["amend", "900100", "--value", "{}"], "Service Agreement Agreement is not executed"),
        (["sign", "900100", "NASA", "--on", "2026-03-01"], "'NASA' is no party of"),
        (["sign", "900100", "CS&S", "--on", "soon"], "'soon' is not a date."),
        (["state", "900100", "CS&S", "expired"], "CS&S: “Expired” does not follow"),
        (["document", "900100", "nowhere.pdf"], "nowhere.pdf cannot be read"),
        (["document", "900100", "nowhere.pdf", "--signed", "CS&S"], "'CS&S' is no signature."),
        (["confirm", "900100"], "No executed copy of EarthScope hub"),
        (["payer", "900100", "mars", "us", "--from", "2026-01-01"], "There is no cluster 'mars'."),
        (["accept", "900100", "--on", "2026-03-01"], "Service Agreement Agreement is signed by"),
        (["withdraw", "900100", "--because", "x"], "Service Agreement Agreement is no amendment."),
    ],
)
def test_command_that_cannot_be_is_refused_with_a_remedy(words, refused, ask, deal):
    said = ask("agreement", *words, code=1)

    assert (said["refused"].startswith(refused), bool(said["remedy"])) == (True, True)


def test_deal_without_agreement_is_told_how_to_name_one(ask):
    deal = make_deal()

    assert ask("agreement", "show", deal.pk, code=1)["remedy"] == (
        "Name one: `throughline agreement name D`."
    )


def test_sponsors_work_is_listed_taken_reminded_of_linked_and_done(ask):
    make_person("sol", RoleName.SPONSOR)
    make_deal_at("contract_admin", name="EarthScope hub", hubspot_id="900100")
    listed = ask("sponsor", "list")
    assert [(one["kind"], one["with"]) for one in listed] == [
        ("signatures", "the Sponsor"), ("invoicing", "the Sponsor"),
    ]  # fmt: skip
    number = listed[1]["work"]

    assert ask("sponsor", "take", number, "--by", "sol")["with"] == "sol"
    reminded = ask("sponsor", "remind", number, "--text", "Please.", "--by", "ada")
    assert [one["text"] for one in reminded["reminders"]] == ["Please."]
    link = ask("sponsor", "link", number, "--to", "Sam Sponsor", "--by", "ada")
    path = "/" + link["address"].split("/", 3)[3]
    assert Client().get(path).status_code == 200
    ask("sponsor", "link", number, "--revoke", link["link"], "--by", "ada")
    assert Client().get(path).status_code == 403
    done = ask("sponsor", "done", number, "--receipt", "SAGE C-1", "--by", "sol")

    assert (done["receipt"], done["with"]) == ("SAGE C-1", None)
    assert [one["kind"] for one in ask("sponsor", "list")] == ["signatures"]
    assert len(ask("sponsor", "list", "--all")) == 2


def test_sponsors_work_that_is_not_there_or_not_theirs_is_refused(ask):
    make_person("ada", RoleName.BD)
    make_deal_at("contract_admin")
    number = SponsorWork.objects.get(kind="invoicing").pk

    assert ask("sponsor", "take", 999, code=1)["refused"] == "There is no work order 999."
    assert ask("sponsor", "done", number, "--receipt", "x", "--by", "ada", code=1)["refused"] == (
        "ada may not close the Sponsor's work."
    )
    assert ask("sponsor", "link", number, "--to", "ADA", code=1)["remedy"] == (
        "They sign in and find the work on the desk."
    )


def test_sponsors_list_for_people_says_so_when_nothing_waits(run):
    assert run("sponsor", "list").out == "Nothing waits for the Sponsor.\n"
