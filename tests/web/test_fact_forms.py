"""Facts are written down through forms that a browser fills, and a refusal writes nothing."""

import pytest
import time_machine

from tests.factories import (
    NOON,
    PEOPLE,
    make_deal,
    make_deal_at,
    make_statement,
    tell,
)
from throughline.capacity.models import CapacityAnswer
from throughline.journal.models import Entry
from throughline.sales.actions.record import FACTS
from throughline.sales.models import Agreement, Deal, Review
from throughline.web.fact_words import FACTS_ASKED

PEOPLE_SENT = {
    f"{part}_{one['role']}": one[part] for one in PEOPLE for part in ("full_name", "email")
}
# What a browser sends for each fact's form, once everything else is in place.
SENT = {
    "deal.owner": {"owner": "ben"},
    "community.named": {"short_name": "Tidewater"},
    "community.id": {"community_id": ""},
    "cloud.preference": {"cloud": "gcp", "region": "us-central1"},
    "ps.reviewed": {"kind": "call", "question": "Can we?", "needed_by": "2036-06-01"},
    "capacity.answered": {"answer": "yes_from", "start_on": "2026-06-01", "assumptions": "a\nb"},
    "sow.signed_off": {"role": "tech_lead"},
    "verbal.closed": {"said_by": "Bo", "said_on": "2026-03-01", "version": "v3"},
    "service.tier": {"none_because": "a one-off"},
    "dates.agreed": {"start_on": "2026-05-01", "end_on": "2027-04-30", "due_0": "2026-07-01"},
    "agreement.artefact": {
        "kind": "service_agreement", "title": "MSA 7", "ceiling": "100.50",
        "party_0": "CS&S", "name_0": "Sol", "party_1": "University", "name_1": "Uma",
    },
    "community.record": {"long_name": "New name", "repositories": "https://a.example\n"},
    "community.people": PEOPLE_SENT,
    "community.context": {"text_goals": "**Open** data", "source_goals": "call", "asked_aims": "on"},
    "legal.involved": {"needed_because": "indemnity"},
    "agreement.executed": {"signed_1": "2026-03-01"},
    "signatures.requested": {},
    "invoicing.prepared": {"receipt": "C-0205"},
    "lost.reason": {"reason": "no budget"},
}  # fmt: skip


def text_of(response):
    return response.content.decode()


@pytest.fixture(autouse=True)
def noon():
    """Let the pages' clock stand where the factories' does."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def deal(db):
    return make_deal(name="Tidewater hub")


def test_every_fact_has_words_and_something_that_a_browser_sends():
    assert sorted(FACTS) == sorted(FACTS_ASKED) == sorted(SENT)


@pytest.fixture
def prepared(db):
    """A deal for which every fact can be written down: all but its context is there."""
    deal = make_deal_at("contract_admin", name="Prepared")
    make_statement(deal, "Hub is up")
    return deal


@pytest.mark.parametrize("code", sorted(FACTS))
def test_fact_is_written_down_through_its_form(code, prepared, browser):
    client = browser("PS" if code in {"capacity.answered"} else "BD")
    address = f"/deals/{prepared.pk}/record/{code}/"
    assert client.get(address).status_code == 200
    written = Entry.objects.count()

    response = client.post(address, SENT[code])

    form = response.context and response.context.get("form")
    assert (response.status_code, form and (form.errors, form.refused)) == (302, None)
    assert response.headers["Location"] == f"/deals/{prepared.pk}/"
    assert Entry.objects.count() > written or code in {"community.people", "signatures.requested"}


@pytest.mark.parametrize("code", sorted(set(FACTS) - {"signatures.requested", "community.id",
                                                      "deal.owner", "community.named"}))  # fmt: skip
def test_fact_that_does_not_fit_comes_back_with_the_reason_and_writes_nothing(code, deal, browser):
    client = browser("PS" if code == "capacity.answered" else "BD")
    written = Entry.objects.count()

    response = client.post(f"/deals/{deal.pk}/record/{code}/", {"start_on": "soon"})

    form = response.context["form"]
    assert response.status_code == 422
    assert bool(form.errors) or bool(form.refused.message and form.refused.remedy)
    assert Entry.objects.count() == written


def test_refused_fact_is_shown_in_the_gate_where_htmx_asked(deal, browser):
    response = browser("BD").post(
        f"/deals/{deal.pk}/record/deal.owner/",
        {"owner": ""},
        headers={"HX-Request": "true", "HX-Target": "gate"},
    )

    text = text_of(response)
    assert (response.status_code, text.lstrip().startswith("<section")) == (422, True)
    assert ('id="gate"' in text, "This field is required." in text) == (True, True)


def test_recorded_fact_leads_htmx_to_the_whole_page(deal, browser):
    response = browser("BD").post(
        f"/deals/{deal.pk}/record/deal.owner/?to=qualified",
        {"owner": "ada"},
        headers={"HX-Request": "true", "HX-Target": "gate"},
    )

    assert response.headers["HX-Redirect"] == f"/deals/{deal.pk}/?to=qualified"


def test_dates_form_asks_for_each_deliverable(prepared, browser):
    browser("BD").post(f"/deals/{prepared.pk}/record/dates.agreed/", SENT["dates.agreed"])

    prepared.refresh_from_db()
    assert prepared.deliverable_dates == {"Hub is up": "2026-07-01"}


def test_context_form_keeps_what_was_not_changed(prepared, browser):
    address = f"/deals/{prepared.pk}/record/community.context/"
    browser("Lead").post(address, SENT["community.context"] | {"asked_aims": ""})

    form = browser("BD").get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}
    browser("BD").post(address, sent | {"source_data": "mail of May", "text_data": "In S3."})

    said = {one.question: (one.text, one.by) for one in prepared.community.context.all()}
    assert said["goals"] == ("**Open** data", "lead")
    assert said["data"] == ("In S3.", "bd")


def test_agreement_form_sent_unchanged_keeps_signatures_and_changed_says_they_are_void(
    prepared, browser
):
    tell(prepared, "agreement.executed", signed=[{"party": "CS&S", "signed_on": "2026-03-01"}])
    address, client = f"/deals/{prepared.pk}/record/agreement.artefact/", browser("BD")
    form = client.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}

    def states():
        signatories = Agreement.objects.get(deal=prepared).signatories.order_by("position")
        return [(one.party, one.state) for one in signatories]

    client.post(address, sent)
    assert states() == [("CS&S", "signed"), ("University", "to_send")]
    assert (
        form.introduction == "CS&S signed already. A document that changes has to be signed anew."
    )
    client.post(address, sent | {"title": "Renamed"})
    assert states() == [("CS&S", "to_send"), ("University", "to_send")]


def test_open_review_is_answered_by_ps_and_closed_to_bd(deal, browser):
    tell(deal, "ps.reviewed", question="Can we?")
    address = f"/deals/{deal.pk}/record/ps.reviewed/"

    assert browser("BD").get(address).status_code == 403
    assert browser("PS").post(address, {"answer": "We can."}).status_code == 302
    assert Review.objects.get().answered_by == "ps"


def test_capacity_answer_of_bd_is_forbidden_and_of_the_owner_refused(deal, browser):
    address = f"/deals/{deal.pk}/record/capacity.answered/"
    Deal.objects.filter(pk=deal.pk).update(owner="ps")

    assert browser("BD").post(address, {"answer": "yes"}).status_code == 403
    assert browser("PS").post(address, {"answer": "yes"}).status_code == 422
    assert list(CapacityAnswer.objects.all()) == []
