"""The agreement's page: what each hat sees, the steps on it, and files that only some may read."""

from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import make_cluster, make_deal, tell
from tests.sales.agreements_world import (
    CSS,
    LINES,
    OTHER_PDF,
    PAYMENTS,
    PDF,
    amend,
    make_agreed,
    make_executed,
    make_ordered_by_po,
    sign_all,
    terms,
    upload,
)
from tests.web.test_every_page import inspected
from throughline.documents.actions import path_of
from throughline.journal.models import Entry
from throughline.sales.models import (
    Agreement,
    AgreementCopy,
    AgreementPayer,
    Deal,
    PriceLine,
    Signatory,
)
from throughline.sales.words import CopyRole

pytestmark = pytest.mark.django_db
HASH = sha256(PDF).hexdigest()


def address(deal, step=""):
    return f"/deals/{deal.pk}/agreement/{step}"


def text_of(response):
    return response.content.decode()


def pdf(content=PDF, name="agreement.pdf"):
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def number_of(deal):
    return Agreement.objects.filter(deal=deal).order_by("pk").last().pk


@pytest.fixture
def full():
    """Return an executed deal with every kind of term, and an amendment that is being signed."""
    deal = make_executed(name="EarthScope hub", amount="17500.00", hubspot_id="900100")
    make_cluster("earth", deal_id="900100")
    terms(deal, lines=LINES, payments=PAYMENTS, ceiling="4321.00", renewal_terms="By letter.")
    upload(deal)
    amend(deal, scope="A second hub.", lines=LINES[:1])
    return deal


@pytest.mark.parametrize("hat", ["BD", "PS", "Lead", "Sponsor", "Admin"])
def test_page_is_sound_for_every_hat_and_shows_amounts_only_to_those_who_see_money(
    hat, browser, full
):
    response = browser(hat).get(address(full))

    text = text_of(response)
    assert (response.status_code, inspected(text)) == (200, [])
    amounts = [amount in text for amount in ("12,000.00", "17,500.00", "4,321.00", "10,000.00")]
    assert amounts == [hat != "PS"] * 4
    assert ("/agreement/files/" in text) == (hat != "PS")


def test_page_offers_each_hat_what_it_may_do(browser, full):
    steps = ["terms/", "sign/", "upload/", "confirm/", "payer/", "withdraw/"]

    offered = {
        hat: [
            step
            for step in steps
            if address(full, step) in text_of(browser(hat).get(address(full)))
        ]
        for hat in ("BD", "PS", "Sponsor")
    }

    assert offered == {"BD": steps, "PS": [], "Sponsor": ["sign/", "upload/", "confirm/"]}


def test_deal_without_agreement_says_what_would_put_one_there(browser):
    deal = make_deal()

    assert "No document governs this deal yet" in text_of(browser("BD").get(address(deal)))
    assert browser("BD").get(address(deal, "terms/")).status_code == 404


def test_deal_that_is_not_there_is_not_found(browser):
    for step in ("", "terms/", "amend/", "files/1/"):
        assert browser("Admin").get(f"/deals/999/agreement/{step}").status_code == 404
    for step in ("sign/", "party/", "upload/", "confirm/", "payer/", "withdraw/", "accept/"):
        assert browser("Admin").post(f"/deals/999/agreement/{step}").status_code == 404


def test_terms_can_be_read_as_of_a_day(browser):
    deal = make_executed()
    terms(deal, renewal_terms="By letter.")
    amend(deal, effective_on="2026-10-01", renewal_terms="By phone.")
    sign_all(deal)
    client = browser("PS")

    before = text_of(client.get(address(deal), {"on": "2026-09-30"}))
    after = text_of(client.get(address(deal), {"on": "2026-10-01"}))

    assert ("By letter." in before, "By phone." in before) == (True, False)
    assert ("By letter." in after, "By phone." in after) == (False, True)
    assert "by Amendment 1" in after


@pytest.mark.parametrize("on", ["yesterday", "2026-02-30", "0206-01-01", "<script>"])
def test_terms_as_of_no_day_are_refused_in_words(on, browser, full):
    response = browser("BD").get(address(full), {"on": on})

    assert response.status_code == 422
    assert "is not a date." in text_of(response)


def test_signature_is_moved_on_and_the_page_says_what_to_do(browser):
    deal = make_agreed()
    client = browser("Sponsor")

    response = client.post(address(deal, "sign/"), {"party": CSS, "to": "sent"}, follow=True)

    assert Signatory.objects.get(party=CSS).state == "sent"
    assert "CS&amp;S: sent. Wait for them, or remind them." in text_of(response)
    client.post(address(deal, "sign/"), {"party": CSS, "to": "signed", "on": "2026-03-01"})
    assert str(Signatory.objects.get(party=CSS).signed_on) == "2026-03-01"


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({}, "party: This field is required."),
        ({"party": CSS, "to": "king"}, "Select a valid choice."),
        ({"party": CSS, "to": "expired"}, "“Expired” does not follow “To send”."),
        ({"party": CSS, "to": "declined"}, "CS&amp;S declines, and nobody says why."),
        ({"party": CSS, "to": "signed", "on": "x"}, "That is not a day."),
        ({"party": CSS, "to": "signed", "on": "2999-01-01"}, "is still to come."),
        ({"party": "NASA", "to": "sent"}, "is no party of"),
        ({"party": CSS, "to": "sent", "note": "x" * 251}, "at most 250 characters"),
    ],
)
def test_signature_that_cannot_be_so_is_refused_on_the_page(told, message, browser):
    deal = make_agreed()

    response = browser("BD").post(address(deal, "sign/"), told)

    assert response.status_code == 422
    assert message in text_of(response)
    assert set(Signatory.objects.values_list("state", flat=True)) == {"to_send"}


def test_party_is_added_and_another_signer_named(browser):
    deal = make_agreed()
    client = browser("BD")

    client.post(address(deal, "party/"), {"party": "NASA", "name": "Nell"})
    client.post(address(deal, "party/"), {"party": CSS, "name": "Sam"})

    assert list(Signatory.objects.order_by("position").values_list("name", flat=True)) == [
        "Sam", "Uma Dean", "Nell",
    ]  # fmt: skip


def test_executed_copy_is_uploaded_by_one_and_confirmed_by_another(browser):
    deal = make_agreed()
    sponsor, bd = browser("Sponsor"), browser("BD")
    told = {
        "of": number_of(deal), "role": "executed", "file": pdf(),
        "signed_1": "2026-02-20", "signed_2": "2026-02-27",
    }  # fmt: skip

    assert sponsor.post(address(deal, "upload/"), told).status_code == 302
    own = text_of(sponsor.get(address(deal)))
    assert address(deal, "confirm/") not in own
    refused = sponsor.post(address(deal, "confirm/"), {"sha256": HASH})
    assert refused.status_code == 422
    assert "needs two persons" in text_of(refused)
    assert bd.post(address(deal, "confirm/"), {"sha256": HASH}).status_code == 302

    copy = AgreementCopy.objects.get()
    assert (copy.added_by, copy.confirmed_by) == ("sponsor", "bd")
    assert set(Signatory.objects.values_list("state", flat=True)) == {"signed"}


def test_copy_that_is_not_the_right_one_is_rejected_with_a_reason(browser, full):
    client = browser("BD")

    assert client.post(address(full, "reject/"), {"why": ""}).status_code == 422
    assert client.post(address(full, "reject/"), {"why": "A page is missing."}).status_code == 302

    assert AgreementCopy.objects.count() == 0


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (pdf(b"MZ\x90\x00", "agreement.pdf"), "agreement.pdf is not what its name says."),
        (pdf(b"<html><script>alert(1)</script>", "x.pdf"), "x.pdf is not what its name says."),
        (pdf(b""), "The file is empty."),
        (None, "Choose a file."),
    ],
)
def test_upload_of_what_it_should_not_be_is_refused(file, message, browser):
    deal = make_executed()
    told = {"of": number_of(deal), "role": "executed"} | ({"file": file} if file else {})

    response = browser("BD").post(address(deal, "upload/"), told)

    assert (response.status_code, AgreementCopy.objects.count()) == (422, 0)
    assert message in text_of(response)


def test_upload_that_is_too_large_is_refused_before_it_is_read(browser):
    deal = make_executed()
    large = pdf(PDF + b" " * (25 * 1024 * 1024))

    response = browser("BD").post(
        address(deal, "upload/"), {"of": number_of(deal), "role": "executed", "file": large}
    )

    assert response.status_code == 422
    assert "The file is larger than 25 MiB." in text_of(response)


def test_upload_for_another_deals_document_is_refused(browser):
    deal, other = make_executed(), make_agreed(hubspot_id="77")

    response = browser("BD").post(
        address(deal, "upload/"), {"of": number_of(other), "role": "terms", "file": pdf()}
    )

    assert (response.status_code, AgreementCopy.objects.count()) == (422, 0)


def test_file_is_handed_out_to_be_saved_and_for_what_it_is(browser):
    deal = make_agreed()
    copy = upload(deal, role=CopyRole.TO_SIGN, name="Vertrag – größer.html")

    response = browser("BD").get(address(deal, f"files/{copy.pk}/"))

    assert response.content == PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith(
        "attachment; filename*=utf-8''Vertrag"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert {"private", "no-store"} <= set(response.headers["Cache-Control"].split(", "))


def test_file_name_cannot_add_a_header(browser):
    copy = upload(make_agreed(), role=CopyRole.TO_SIGN, name='a"\r\nSet-Cookie: x=1.pdf')

    response = browser("BD").get(address(copy.agreement.deal, f"files/{copy.pk}/"))

    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("hat", ["PS", "stranger"])
def test_file_is_not_for_those_who_do_not_see_money(hat, browser):
    copy = upload(make_executed())

    assert browser(hat).get(address(copy.agreement.deal, f"files/{copy.pk}/")).status_code == 403


def test_file_is_not_for_those_who_are_not_signed_in():
    copy = upload(make_executed())

    response = Client().get(address(copy.agreement.deal, f"files/{copy.pk}/"))

    assert response.headers["Location"].startswith("/sign-in/")


def test_file_of_another_deal_is_not_found(browser):
    copy, other = upload(make_executed()), make_deal()

    assert browser("BD").get(address(other, f"files/{copy.pk}/")).status_code == 404


def test_file_that_was_tampered_with_is_not_handed_out(browser):
    copy = upload(make_executed())
    path_of(HASH).write_bytes(OTHER_PDF)

    response = browser("BD").get(address(copy.agreement.deal, f"files/{copy.pk}/"))

    assert response.status_code == 422
    assert "no longer has the content that was stored" in text_of(response)


def sent_terms(deal, client, **more):
    """Return the form as it is drawn, with some fields filled in, as a browser sends it."""
    form = client.get(address(deal, "terms/")).context["form"]
    drawn = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in drawn.items() if value is not None} | more


def test_terms_are_written_down_with_rows_and_three_more_are_offered(browser):
    deal, client = make_agreed(tier="premier"), browser("BD")
    told = {
        "line_0_description": "Membership", "line_0_account": "membership", "line_0_amount": "12000",
        "line_2_description": "Cloud", "line_2_account": "cloud",
        "payment_0_occasion": "on signature", "payment_0_amount": "12000",
        "ceiling": "900", "is_prepaid": "yes", "renewal_terms": "By letter.",
    }  # fmt: skip

    response = client.post(address(deal, "terms/"), sent_terms(deal, client, **told))

    assert response.status_code == 302
    agreement = Agreement.objects.get()
    assert (agreement.is_prepaid, agreement.payments.count()) == (True, 1)
    assert list(PriceLine.objects.values_list("position", "gl_code")) == [(1, "4221"), (2, "4222")]
    form = client.get(address(deal, "terms/")).context["form"]
    assert (len(form.line_rows), len(form.payment_rows)) == (5, 4)
    client.post(address(deal, "terms/"), sent_terms(deal, client, ceiling=""))
    assert Agreement.objects.get().ceiling is None


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"line_0_amount": "5"}, "Say what this amount is for."),
        ({"line_0_description": "x", "line_0_amount": "-5"}, "greater than or equal to 0"),
        ({"line_0_description": "x", "line_0_amount": "1e9"}, ""),
        ({"line_0_description": "x", "line_0_account": "gold"}, "Select a valid choice"),
        ({"payment_0_amount": "5"}, "Say on which occasion it is paid."),
        ({"payment_0_occasion": "x"}, "Give an amount above zero."),
        ({"end_on": "2026-02-30"}, "That is not a day."),
        ({"effective_on": "2026-05-01", "end_on": "2026-04-01"}, "is before the start"),
        ({"renewal_terms": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_terms_that_cannot_be_are_refused_with_the_field(told, message, browser):
    deal, client = make_agreed(), browser("BD")

    response = client.post(address(deal, "terms/"), sent_terms(deal, client, **told))

    if not message:
        assert response.status_code == 302  # a number, written oddly
        return
    assert (response.status_code, inspected(text_of(response))) == (422, [])
    assert message in text_of(response)
    assert PriceLine.objects.count() == 0


def test_two_who_edit_at_once_do_not_write_over_each_other(browser):
    deal, first, second = make_agreed(), browser("BD"), browser("Lead")
    begun = sent_terms(deal, first, renewal_terms="By letter.")
    second.post(address(deal, "terms/"), sent_terms(deal, second, ceiling="900"))

    response = first.post(address(deal, "terms/"), begun)

    assert response.status_code == 422
    assert "lead changed ceiling" in text_of(response)
    assert Agreement.objects.get().renewal_terms == ""


def test_amendment_is_recorded_on_a_page_and_withdrawn(browser):
    deal, client = make_executed(), browser("BD")
    page = client.get(address(deal, "amend/"))
    assert inspected(text_of(page)) == []

    refused = client.post(address(deal, "amend/"), {"kind": "extension"})
    made = client.post(address(deal, "amend/"), {"kind": "extension", "end_on": "2027-09-30"})

    assert (refused.status_code, made.status_code) == (422, 302)
    assert "An extension names the new last day." in text_of(refused)
    assert Agreement.objects.count() == 2
    assert client.post(address(deal, "withdraw/"), {"why": ""}).status_code == 422
    assert client.post(address(deal, "withdraw/"), {"why": "No."}).status_code == 302
    assert Agreement.objects.count() == 1


def test_purchase_order_is_accepted_on_the_page(browser):
    deal, client = make_ordered_by_po(), browser("Sponsor")

    assert client.post(address(deal, "accept/"), {"reference": "1"}).status_code == 422
    client.post(address(deal, "accept/"), {"accepted_on": "2026-03-01", "reference": "PO-2"})

    assert (Agreement.objects.get().reference, str(Agreement.objects.get().accepted_on)) == (
        "PO-2", "2026-03-01",
    )  # fmt: skip


def test_order_that_expires_before_the_work_ends_is_a_finding_on_both_pages(browser):
    deal = make_ordered_by_po()
    terms(deal, expires_on="2026-12-31")

    for page in (f"/deals/{deal.pk}/", address(deal)):
        said = "The purchase order expires on 31 Dec 2026, 90 days before the work ends"
        assert said in text_of(browser("PS").get(page))


def test_payer_is_written_down_for_a_cluster_and_a_period(browser):
    deal, client = make_agreed(), browser("BD")
    make_cluster("earth", deal_id="900100")
    told = {"cluster": "earth", "payer": "community", "from_on": "2026-04-01"}

    assert client.post(address(deal, "payer/"), told | {"cluster": "mars"}).status_code == 422
    assert client.post(address(deal, "payer/"), told | {"from_on": ""}).status_code == 422
    assert client.post(address(deal, "payer/"), told).status_code == 302

    assert AgreementPayer.objects.values_list("payer", flat=True).get() == "community"
    assert "The community pays" not in text_of(client.get(address(deal)))
    assert "Community pays" in text_of(client.get(address(deal)))


def test_what_people_write_is_text_and_no_markup(browser):
    deal = make_executed()
    bad = "<img src=x onerror=alert(1)>"
    terms(deal, renewal_terms=bad)
    amend(deal, scope=bad, title=bad)

    text = text_of(browser("BD").get(address(deal)))

    assert (bad in text, text.count("&lt;img src=x") >= 3) == (False, True)


def test_page_takes_as_many_queries_for_three_documents_as_for_two(
    browser, full, django_assert_max_num_queries
):
    client = browser("BD")
    client.get(address(full))
    with django_assert_max_num_queries(16):
        client.get(address(full))
    sign_all(full)
    amend(full, scope="A third hub.")
    with django_assert_max_num_queries(16):
        client.get(address(full))


def test_every_step_is_in_the_journal_under_the_persons_name(browser):
    deal = make_agreed()
    tell(deal, "signatures.requested")
    browser("BD").post(address(deal, "party/"), {"party": "NASA", "name": "Nell"})
    browser("Sponsor").post(address(deal, "sign/"), {"party": CSS, "to": "sent"})

    entries = Entry.objects.about(Deal.objects.get()).order_by("-pk")[:2]

    assert [(one.act, one.by) for one in entries] == [
        ("sales.signature.moved", "sponsor"), ("sales.party.named", "bd"),
    ]  # fmt: skip
