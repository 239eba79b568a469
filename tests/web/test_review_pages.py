"""The inbox of PS, a review, the weekly review, and what another playbook would change."""

from datetime import timedelta
from importlib import resources

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import NOON, make_deal, make_deal_at, make_statement
from tests.web.conftest import HATS
from throughline.delivery.models import Engagement
from throughline.playbook.loader import shipped
from throughline.sales.actions.reviews import Request, answer_review, ask_review
from throughline.sales.models import GateException, Order, Review, ReviewNote, Waiver

TEXT = (resources.files("throughline.playbook") / "shipped.toml").read_text()


@pytest.fixture
def review(db):
    deal = make_deal_at("proposal", name="Reef hub", amount="4242.42")
    make_statement(deal, "Reef map")
    return ask_review(deal.pk, Request("Two hubs by May?"), playbook=shipped(), by="ada",
                      at=timezone.now())  # fmt: skip


def text_of(response):
    return response.content.decode()


def test_question_goes_from_bd_to_ps_and_back(browser, person, review):
    deal, bd, ps = review.deal, browser("BD"), browser("PS")
    sent = {"kind": "call", "question": "A call on Monday?", "needed_by": "2036-06-01"}
    location = bd.post(f"/deals/{deal.pk}/ask/", sent).headers["Location"]
    asked = Review.objects.get(question="A call on Monday?")
    assert (location, asked.asked_by, asked.kind) == (f"/reviews/{asked.pk}/", "bd", "call")

    assert "A call on Monday?" in text_of(ps.get("/reviews/"))
    ps.post(f"{location}accept/")
    assert "Ball is with ps since" in text_of(ps.get(location))
    ps.post(f"{location}comment/", {"text": "Notes", "link": "https://example.org/n"})
    assert ps.post(f"{location}answer/", {"answer": "At ten."}).headers["Location"] == location

    asked.refresh_from_db()
    assert (asked.answered_by, asked.answer, asked.ball) == ("ps", "At ten.", "bd")
    assert ReviewNote.objects.get().link == "https://example.org/n"
    assert "A call on Monday?" in text_of(bd.get("/reviews/?tab=answered"))
    assert "At ten." in text_of(bd.get(location))


def test_page_shows_deal_community_statement_and_dates_and_no_money(browser, review):
    text = text_of(browser("PS").get(f"/reviews/{review.pk}/"))

    for word in ("Reef hub", "EarthScope", "Reef map", "version 1", "Two hubs by May?"):
        assert word in text
    assert "4242" not in text.replace(",", "")


def test_asker_is_told_that_a_second_person_answers(browser, review, person):
    Review.objects.update(asked_by="lead")
    text = text_of(browser("Lead").get(f"/reviews/{review.pk}/"))

    assert "You asked this, so a second person answers." in text
    assert f"/reviews/{review.pk}/answer/" not in text
    refused = browser("Lead").post(f"/reviews/{review.pk}/answer/", {"answer": "Yes."})
    assert (refused.status_code, "needs two persons" in text_of(refused)) == (422, True)


@pytest.mark.parametrize(
    ("step", "sent", "said"),
    [
        ("answer", {"answer": " "}, "The answer is empty."),
        ("answer", {"answer": "Yes", "link": "nowhere"}, "is no link."),
        ("decline", {"because": ""}, "This field is required."),
        ("hand-on", {"to": "bd"}, "bd may not answer for PS."),
        ("comment", {}, "The comment is empty."),
    ],
)
def test_step_that_makes_no_sense_comes_back_with_what_to_do(
    step, sent, said, browser, review, person
):
    person("BD")
    response = browser("PS").post(f"/reviews/{review.pk}/{step}/", sent)

    assert (response.status_code, said in text_of(response)) == (422, True)
    assert Review.objects.get().state == "asked"


def test_stale_answer_says_what_changed(browser, review):
    answer_review(review.pk, "Yes.", playbook=shipped(), by="pia", at=timezone.now())
    make_statement(review.deal, "Reef map", "Tides")

    text = text_of(browser("BD").get(f"/reviews/{review.pk}/"))

    assert "the statement of work (version 1, now version 2)" in text


def test_overdue_review_is_the_leads_on_today_and_marked_in_the_inbox(browser, review):
    Review.objects.update(needed_by=timezone.now().date() - timedelta(days=2))

    blocks = {one.code: one.count for one in browser("Lead").get("/").context["blocks"]}
    assert blocks["overdue"] == 1
    assert "Two hubs by May?" in text_of(browser("PS").get("/reviews/?tab=overdue"))


def test_said_orally_is_written_down_and_waits_for_ps(browser, review, person):
    person("PS")
    sent = {"kind": "call", "question": "Q?", "answer": "Yes.", "asked_by": "bd", "on": "2026-03-02",
            "answered_by": "ps", "attended": "bd, ps"}  # fmt: skip
    location = browser("BD").post(f"/deals/{review.deal_id}/spoken/", sent).headers["Location"]

    assert "is said to have answered" in text_of(browser("PS").get(location))
    browser("PS").post(f"{location}answer/", {})
    assert Review.objects.get(question="Q?").answered_by == "ps"
    late = browser("BD").post(f"/deals/{review.deal_id}/spoken/", sent | {"on": "2036-01-01"})
    assert (late.status_code, "is still to come" in text_of(late)) == (422, True)


@pytest.mark.parametrize("address", ["/reviews/?tab=x", "/reviews/99/", "/deals/99/ask/"])
def test_what_is_not_there_is_404(address, browser):
    assert browser("Admin").get(address).status_code == 404


@pytest.fixture
def waiver(db):
    return Waiver.objects.create(
        deal=make_deal(name="Reef hub"), code="community.people", reason="Away.", by="lea",
        until_on=timezone.now().date() + timedelta(days=3), at=NOON,
    )  # fmt: skip


def test_waiver_is_listed_renewed_and_withdrawn(browser, waiver):
    lead, later = browser("Lead"), timezone.now().date() + timedelta(days=30)
    assert "Away." in text_of(lead.get("/waivers/"))

    assert lead.post(f"/waivers/{waiver.pk}/renew/", {"until": later}).status_code == 302
    assert lead.post(f"/waivers/{waiver.pk}/withdraw/").status_code == 302

    made = Waiver.objects.latest("pk")
    assert (made.until_on, made.reason, made.by) == (later, "Away.", "lead")
    waiver.refresh_from_db()
    assert waiver.withdrawn_by == "lead"
    assert "withdrawn by lead" in text_of(lead.get("/waivers/"))
    again = lead.post(f"/waivers/{waiver.pk}/withdraw/")
    assert (again.status_code, "This waiver is over." in text_of(again)) == (422, True)


def test_person_not_entitled_does_not_withdraw_a_waiver(browser, waiver):
    response = browser("PS").post(f"/waivers/{waiver.pk}/withdraw/")

    assert (response.status_code, Waiver.objects.get().withdrawn_at) == (422, None)
    assert "ps may not withdraw" in text_of(response)


def test_exception_is_listed_and_taken_back(browser, person):
    deal = make_deal(name="Reef hub", stage="closed_won")
    GateException.objects.create(deal=deal, from_stage="proposal", to_stage="closed_won",
                                 conditions=["ps.reviewed"], found_at=NOON, found_by="HubSpot")  # fmt: skip
    bd = browser("BD")
    assert "Proposal to Closed Won" in text_of(bd.get("/exceptions/?state=open"))
    blocks = {one.code: one.count for one in browser("PS").get("/").context["blocks"]}
    assert blocks["exceptions"] == 1

    assert bd.post(f"/deals/{deal.pk}/revert/").status_code == 302

    deal.refresh_from_db()
    assert (deal.stage, GateException.objects.get().state) == ("proposal", "reverted")
    assert bd.get("/exceptions/?state=open").context["lines"] == []
    assert bd.post(f"/deals/{deal.pk}/revert/").status_code == 422


def test_changed_playbook_is_compared_and_nothing_is_kept(browser, db):
    make_deal(name="Reef hub", stage="lead", owner="ada")
    changed = TEXT.replace('  "community.named", # we know whom it would serve\n', "").replace(
        '"community.named" = ["LEAD", "BD"]\n', ""
    )
    file = SimpleUploadedFile("new.toml", changed.encode())

    response = browser("BD").post("/playbook/changes/", {"file": file})

    text = text_of(response)
    assert response.status_code == 200
    assert "qualified: community.named" in text
    assert [one["one"].deal.name for one in response.context["touched"]] == ["Reef hub"]
    assert response.context["touched"][0]["one"].effect == "opens"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "No playbook was given."),
        ({"text": "name ="}, "the text, line 1: this is not TOML"),
        ({"text": TEXT.replace("ps.reviewed", "ps.asked")}, "ps.asked"),
        ({"file": SimpleUploadedFile("x.toml", b"\xff\xfe\x00a")}, "x.toml is not UTF-8."),
    ],
)
def test_playbook_that_cannot_be_read_is_refused_in_words(sent, said, browser):
    response = browser("BD").post("/playbook/changes/", sent)

    assert (response.status_code, said in text_of(response)) == (422, True)


@pytest.mark.parametrize("hat", ["stranger", "Sponsor"])
def test_stranger_and_sponsor_see_none_of_it(hat, browser, review):
    assert hat in HATS
    for address in ("/reviews/", f"/reviews/{review.pk}/", "/waivers/", "/exceptions/",
                    "/playbook/changes/", f"/deals/{review.deal_id}/ask/"):  # fmt: skip
        assert browser(hat).get(address).status_code == 403
    assert browser(hat).post(f"/reviews/{review.pk}/comment/", {"text": "x"}).status_code == 403


def test_deal_and_engagement_say_that_sales_are_reopened_or_the_deal_is_gone(browser, world):
    deal = world.engagement.deal
    addresses = (f"/deals/{deal.pk}/", f"/engagements/{world.number}/")
    type(deal).objects.filter(pk=deal.pk).update(
        reopened_at=NOON, deleted_at=NOON, deleted_by="HubSpot"
    )

    for text in [text_of(browser("PS").get(address)) for address in addresses]:
        assert ("Sales re-opened." in text, "deleted elsewhere" in text) == (True, True)


def test_deal_and_engagement_say_that_an_early_start_ran_out(browser, db):
    deal = make_deal_at("contract_admin", name="Reef hub")
    leave = deal.early_starts.create(reason="!", money_limit=1, by="lea", at=NOON,
                                     until_on=NOON.date())  # fmt: skip
    Engagement.objects.create(deal=deal, origin="ordered", opened_at=NOON, opened_by="ada")
    Order.objects.create(deal=deal, at=NOON, by="ada", early_start=leave)

    for address in (f"/deals/{deal.pk}/", f"/engagements/{deal.pk}/"):
        assert "The early start is over." in text_of(browser("BD").get(address))
