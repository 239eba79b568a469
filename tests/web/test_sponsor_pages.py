"""The Sponsor's desk, and a work order for somebody with a link and no account."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.factories import make_deal, make_deal_at, tell
from tests.sales.agreements_world import (
    CSS,
    LINES,
    PDF,
    UNIVERSITY,
    amend,
    confirm,
    make_agreed,
    make_executed,
    terms,
    upload,
)
from tests.web.conftest import TOKEN, WORK_TOKEN, issue, issue_work, keep_version_to_sign
from tests.web.test_every_page import inspected
from throughline.journal.models import Entry
from throughline.people.models import SignedLink
from throughline.sales.models import (
    Agreement,
    AgreementCopy,
    Signatory,
    SponsorReminder,
    SponsorWork,
)
from throughline.sales.words import CopyRole

pytestmark = pytest.mark.django_db
LINKED = f"/s/work/{WORK_TOKEN}/"


def text_of(response):
    return response.content.decode()


def work_of(deal, kind="signatures"):
    return SponsorWork.objects.get(deal=deal, kind=kind)


@pytest.fixture
def asked():
    """Return a deal whose signatures are to be collected and whose invoicing is to be prepared."""
    return make_deal_at("contract_admin", name="EarthScope hub", amount="17500.00")


@pytest.mark.parametrize("hat", ["BD", "PS", "Lead", "Sponsor", "Admin"])
def test_desk_is_sound_and_shows_the_check_list_only_to_those_who_see_money(hat, browser, asked):
    terms(asked, lines=LINES)

    response = browser(hat).get("/sponsor/")

    assert (response.status_code, inspected(text_of(response))) == (200, [])
    assert ("Membership: 12000.00 USD" in text_of(response)) == (hat != "PS")


def test_desk_says_with_whom_each_thing_is_and_since_when(browser, asked):
    client = browser("Sponsor")
    client.post(f"/deals/{asked.pk}/agreement/sign/", {"party": CSS, "to": "sent", "back": "desk"})

    panels = client.get("/sponsor/").context["panels"]

    holders = {panel["work"].kind: panel["item"].holder for panel in panels}
    assert holders == {"signatures": "Sol Sponsor for CS&S", "invoicing": "the Sponsor"}


def test_step_from_the_desk_leads_back_to_it(browser, asked):
    told = {"party": CSS, "to": "sent", "back": "desk"}

    response = browser("Sponsor").post(f"/deals/{asked.pk}/agreement/sign/", told)

    assert response.headers["Location"] == "/sponsor/"


def test_desk_with_nothing_to_do_says_what_would_come(browser):
    text = text_of(browser("Sponsor").get("/sponsor/"))

    assert "Nothing waits for the Sponsor." in text
    assert "A deal that enters Contract Admin asks for signatures" in text


def test_work_is_taken_reminded_of_and_closed_on_the_desk(browser, asked):
    work, client = work_of(asked, "invoicing"), browser("Sponsor")

    client.post(f"/sponsor/{work.pk}/take/")
    client.post(f"/sponsor/{work.pk}/remind/", {"to": "", "text": "Please."})
    refused = client.post(f"/sponsor/{work.pk}/finish/", {"receipt": " "})
    done = client.post(f"/sponsor/{work.pk}/finish/", {"receipt": "SAGE C-0302"})

    work.refresh_from_db()
    assert (refused.status_code, done.headers["Location"]) == (422, f"/sponsor/#work-{work.pk}")
    assert (work.taken_by, work.done_by, work.receipt) == ("sponsor", "sponsor", "SAGE C-0302")
    assert SponsorReminder.objects.get().to == "the Sponsor"
    assert "SAGE C-0302" in text_of(client.get("/sponsor/?view=done"))


def test_signatures_close_themselves_and_not_by_a_receipt(browser, asked):
    work, client = work_of(asked), browser("Sponsor")

    refused = client.post(f"/sponsor/{work.pk}/finish/", {"receipt": "All there."})
    for party in (CSS, UNIVERSITY):
        client.post(f"/deals/{asked.pk}/agreement/sign/", {"party": party, "to": "signed"})

    work.refresh_from_db()
    assert (refused.status_code, work.receipt) == (422, "The agreement is executed.")


def test_work_order_that_is_not_there_is_refused_on_the_desk(browser, asked):
    client = browser("Admin")
    for step in ("finish", "take", "remind", "link"):
        assert (
            client.post(f"/sponsor/999/{step}/", {"receipt": "x", "issued_to": "x"}).status_code
            == 422
        )
    assert client.post("/sponsor/links/999/revoke/").status_code == 422


def test_link_is_shown_once_and_only_its_fingerprint_is_kept(browser, asked):
    client, work = browser("BD"), work_of(asked)

    response = client.post(f"/sponsor/{work.pk}/link/", {"issued_to": "Sol Sponsor"})

    address = response.context["fresh_link"]
    token = address.rstrip("/").rpartition("/")[2]
    assert Client().get(f"/s/work/{token}/").status_code == 200
    assert SignedLink.objects.get().token_sha256 == sha256(token.encode()).hexdigest()
    assert address not in text_of(client.get("/sponsor/"))


def test_link_for_nobody_or_for_somebody_with_an_account_is_refused(browser, asked, person):
    person("Sponsor")
    client, work = browser("BD"), work_of(asked)

    for name in ("", "sponsor"):
        assert client.post(f"/sponsor/{work.pk}/link/", {"issued_to": name}).status_code == 422

    assert SignedLink.objects.count() == 0


def test_link_is_revoked_from_the_desk(browser, asked):
    link = issue_work(work_of(asked))
    assert Client().get(LINKED).status_code == 200

    browser("Sponsor").post(f"/sponsor/links/{link.pk}/revoke/")

    response = Client().get(LINKED)
    assert (response.status_code, inspected(text_of(response))) == (403, [])
    assert "This link was revoked." in text_of(response)


def test_linked_page_shows_that_work_order_and_nothing_else_of_the_deal(asked):
    terms(asked, lines=LINES, ceiling="4321.00", renewal_terms="By letter.")
    issue_work(work_of(asked))

    response = Client().get(LINKED)

    text = text_of(response)
    assert (response.status_code, inspected(text)) == (200, [])
    others = ("17,500", "17500", "12000", "4,321", "By letter", "Cam Champion", "bo@", "Premier",
              "Contract Admin", "SAGE", "/deals/", "/sponsor/")  # fmt: skip
    assert [one for one in others if one in text] == []
    assert "Uma Dean" in text


def test_linked_page_of_invoicing_shows_the_check_list_and_takes_the_receipt(asked):
    terms(asked, lines=LINES)
    work = work_of(asked, "invoicing")
    issue_work(work)
    client = Client()

    text = text_of(client.get(LINKED))
    assert ("Membership: 12000.00 USD" in text, "Uma Dean" in text) == (True, False)
    assert client.post(f"{LINKED}finish/", {"receipt": ""}).status_code == 422
    client.post(f"{LINKED}finish/", {"receipt": "SAGE C-0302"})

    work.refresh_from_db()
    assert (work.done_by, work.receipt) == ("Sol Sponsor", "SAGE C-0302")
    assert "This is done." in text_of(client.get(LINKED))


def test_linked_question_is_answered_under_the_name_of_the_link():
    deal = tell(make_deal(name="Windrow"), "legal.involved", needed_because="Who is liable?")
    issue_work(work_of(deal, "legal"))
    client = Client()
    assert "Who is liable?" in text_of(client.get(LINKED))

    client.post(f"{LINKED}finish/", {"receipt": "The community is."})

    entries = Entry.objects.about(deal).order_by("-pk").values_list("act", "by")
    assert list(entries[:3]) == [
        ("sales.sponsor.answered", "Sol Sponsor"),
        ("sales.sponsor.looked", "Sol Sponsor"),
        ("sales.sponsor.looked", "Sol Sponsor"),
    ]
    assert work_of(deal, "legal").receipt == "The community is."


def test_linked_signatures_are_moved_under_the_name_of_the_link(asked):
    issue_work(work_of(asked))
    client = Client()

    assert client.post(f"{LINKED}sign/", {"party": "NASA", "to": "sent"}).status_code == 422
    client.post(f"{LINKED}sign/", {"party": CSS, "to": "sent"})

    signatory = Signatory.objects.get(party=CSS)
    assert (signatory.state, signatory.state_by) == ("sent", "Sol Sponsor")


def test_linked_upload_waits_for_somebody_with_an_account_and_is_never_a_new_version(asked):
    issue_work(work_of(asked))
    file = SimpleUploadedFile("signed.pdf", PDF)
    told = {"role": "to_sign", "file": file, "signed_1": "2026-02-20", "signed_2": "2026-02-27"}

    assert Client().post(f"{LINKED}upload/", told).status_code == 302

    copy = AgreementCopy.objects.get()
    assert (copy.role, copy.added_by, copy.confirmed_at) == ("executed", "Sol Sponsor", None)
    assert Agreement.objects.get().document is None
    confirm(asked, sha256(PDF).hexdigest())
    assert work_of(asked).receipt == "The agreement is executed."


def test_linked_file_is_the_one_to_sign_and_no_other(asked):
    upload(asked, role=CopyRole.TO_SIGN)
    other = keep_version_to_sign(make_executed().agreements.get())
    own = AgreementCopy.objects.get(agreement__deal=asked)
    issue_work(work_of(asked))
    client = Client()

    response = client.get(f"{LINKED}files/{own.pk}/")

    assert response.content == PDF
    assert response.headers["Content-Disposition"] == 'attachment; filename="a.pdf"'
    assert client.get(f"{LINKED}files/{other.pk}/").status_code == 404
    assert client.get(f"{LINKED}files/999/").status_code == 404


def test_linked_file_is_not_there_for_a_link_to_other_work(asked):
    upload(asked, role=CopyRole.TO_SIGN)
    issue_work(work_of(asked, "invoicing"))
    copy = AgreementCopy.objects.get()

    assert Client().get(f"{LINKED}files/{copy.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "step"), [("invoicing", "sign"), ("invoicing", "upload"), ("signatures", "finish")]
)
def test_link_does_only_what_its_work_order_is_about(kind, step, asked):
    issue_work(work_of(asked, kind))

    response = Client().post(
        f"{LINKED}{step}/", {"party": CSS, "to": "signed", "receipt": "x", "file": b""}
    )

    assert response.status_code == 422
    assert "This link is for something else" in text_of(response)
    assert set(Signatory.objects.values_list("state", flat=True)) == {"to_send"}


def test_link_to_work_that_is_done_changes_nothing_any_more(asked):
    work = work_of(asked, "invoicing")
    issue_work(work)
    client = Client()
    client.post(f"{LINKED}finish/", {"receipt": "SAGE C-1"})

    response = client.post(f"{LINKED}finish/", {"receipt": "SAGE C-2"})

    work.refresh_from_db()
    assert (response.status_code, work.receipt) == (422, "SAGE C-1")


@pytest.mark.parametrize("step", ["", "sign/", "finish/", "upload/", "files/1/"])
def test_link_that_is_for_something_else_opens_no_work_order(step, world):
    issue(world.engagement, token="x" * 43)
    ask = Client().get if step in {"", "files/1/"} else Client().post

    for token in (TOKEN, "x" * 43, "nothing"):
        assert ask(f"/s/work/{token}/{step}").status_code == 403


def test_work_link_opens_no_engagement_and_signs_nobody_in(asked):
    issue_work(work_of(asked))
    client = Client()

    assert client.get(f"/s/{WORK_TOKEN}/").status_code == 403
    assert client.get(f"/?token={WORK_TOKEN}").status_code == 403
    for page in ("/", "/sponsor/", f"/deals/{asked.pk}/", f"/deals/{asked.pk}/agreement/"):
        assert client.get(page).headers["Location"].startswith("/sign-in/")


def test_link_of_one_work_order_does_not_sign_for_another_deal(asked):
    other = make_agreed(hubspot_id="77")
    issue_work(work_of(asked))

    Client().post(f"{LINKED}sign/", {"party": CSS, "to": "sent", "deal": other.pk})

    states = dict(Signatory.objects.filter(party=CSS).values_list("agreement__deal", "state"))
    assert states == {asked.pk: "sent", other.pk: "to_send"}


def test_link_that_expired_opens_nothing_and_says_what_to_do(asked):
    link = issue_work(work_of(asked))
    SignedLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    for response in (Client().get(LINKED), Client().post(f"{LINKED}sign/", {})):
        assert response.status_code == 403
        assert "Ask the person who sent it for a new one." in text_of(response)


def test_linked_form_without_token_is_refused(asked):
    issue_work(work_of(asked, "invoicing"))

    response = Client(enforce_csrf_checks=True).post(f"{LINKED}finish/", {"receipt": "x"})

    assert (response.status_code, work_of(asked, "invoicing").done_at) == (403, None)


def test_linked_page_of_an_amendment_shows_what_is_signed_now():
    deal = make_executed()
    amend(deal, title="Amendment One", scope="A second hub.")
    issue_work(work_of(deal))

    assert "Amendment One" in text_of(Client().get(LINKED))


def test_desk_takes_as_many_queries_for_three_as_for_one(browser, django_assert_max_num_queries):
    client = browser("Admin")
    make_agreed()
    for number in range(3):
        deal = make_agreed(name=f"Deal {number}", hubspot_id=str(number))
        tell(deal, "signatures.requested")
        client.get("/sponsor/")
        with django_assert_max_num_queries(16):
            client.get("/sponsor/")
