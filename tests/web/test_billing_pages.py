"""The pages of billing: the sheet, a month, what is behind a cell, and what is not billed yet."""

import re
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.billing.bills import ACCOUNT, APRIL, LATER, MAY, book, count_mau
from tests.billing.line import make_served
from tests.cli.test_billing import COSTS, TEMPLATE
from tests.web.test_every_page import inspected
from throughline.billing.models import (
    AccountAssignment,
    BillingMonth,
    Charge,
    CostEntry,
    Invoice,
    SplitRule,
    UserCount,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def july(monkeypatch):
    """Let it be the second of July."""
    monkeypatch.setattr("throughline.web.moment.timezone", SimpleNamespace(now=lambda: LATER))


@pytest.fixture
def served():
    engagement, cluster = make_served()
    book({ACCOUNT: "100.005", "2": "7.77"})
    count_mau({"maple": 280})
    return engagement, cluster


def text_of(response):
    return " ".join(response.content.decode().split())


def csv(name, text):
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def post(client, where, expected=302, **told):
    response = client.post(f"/billing/{where}/", told)
    assert response.status_code == expected
    return text_of(response)


def send(browser):
    """Have April reviewed by BD and sent by the Sponsor."""
    post(browser("BD"), "step", month="2026-04", step="review")
    post(browser("Sponsor"), "step", month="2026-04", step="send")


def test_sheet_shows_cost_users_and_fee_and_the_check_of_each_month(browser, served):
    shown = text_of(browser("BD").get("/billing/"))

    assert inspected(shown) == []
    for said in ("100.01", "280 MAU · fee 1,000.00", "7.77", "107.78", "as booked", "1,107.78"):
        assert said in shown, said


def test_blank_is_a_task_zero_a_number_and_community_pays_a_word(browser, served):
    make_served("birch", account="3", paid_by="community")
    book({ACCOUNT: "0"}, month=MAY)

    shown = text_of(browser("BD").get("/billing/"))

    assert ("community pays" in shown, "MAU blank" in shown, ">0.00 </a>" in shown) == (
        True, True, True,
    )  # fmt: skip


@pytest.mark.parametrize("where", ["", "month/?month=2026-04", "cell/?month=2026-04", "waiting/"])
def test_money_is_hidden_from_those_who_need_not_see_it(browser, served, where):
    shown = text_of(browser("PS").get(f"/billing/{where}"))

    assert "hidden" in shown
    assert [one for one in ("100.01", "1,000.00", "7.77", "100.005") if one in shown] == []


def test_cell_opens_the_lines_that_it_is_made_of(browser, served):
    engagement, cluster = served
    book({ACCOUNT: "110.005"})
    where = f"/billing/cell/?month=2026-04&engagement={engagement.pk}&cluster={cluster.pk}"

    shown = text_of(browser("BD").get(where))

    assert inspected(shown) == []
    for said in ("100.005", "10.000", "bill.csv", "100.00 %"):
        assert said in shown, said
    assert browser("BD").get("/billing/cell/?engagement=999&cluster=1").status_code == 404
    assert browser("BD").get("/billing/cell/?month=soon").status_code == 404


def test_month_goes_through_its_steps_by_buttons_with_two_persons(browser, served):
    shown = text_of(browser("BD").get("/billing/month/?month=2026-04"))
    assert (inspected(shown), "It is reviewed</button>" in shown) == ([], True)

    post(browser("BD"), "step", month="2026-04", step="review")
    said = post(browser("BD"), "step", 422, month="2026-04", step="send")
    assert "Sending a month needs two persons" in said
    post(browser("Sponsor"), "step", month="2026-04", step="send")
    invoice = Invoice.objects.get()
    post(browser("Sponsor"), "receipt", invoice=invoice.number, number="INV-9", month="2026-04")
    post(browser("BD"), "step", month="2026-04", step="close")

    assert BillingMonth.objects.get(month=APRIL).state == "closed"
    shown = text_of(browser("BD").get("/billing/month/?month=2026-04"))
    assert (inspected(shown), "INV-9" in shown) == ([], True)


def test_file_for_the_sponsor_and_their_template_are_given_out_once_it_is_sent(browser, served):
    engagement, _cluster = served
    client = browser("Sponsor")
    assert client.get("/billing/charges.csv?month=2026-04").status_code == 422
    send(browser)

    charges = client.get("/billing/charges.csv?month=2026-04")
    assert charges["Content-Disposition"] == 'attachment; filename="charges-2026-04.csv"'
    assert "CHECK" in charges.content.decode()
    told = {"month": "2026-04", "file": csv("template.csv", TEMPLATE)}
    assert client.post("/billing/invoices.csv", told).status_code == 422  # no customer's number yet
    post(client, "customer", engagement=engagement.pk, number="C-1", month="2026-04")
    told = {"month": "2026-04", "file": csv("template.csv", TEMPLATE)}
    filled = client.post("/billing/invoices.csv", told)
    assert filled.content.decode().splitlines()[1].split(",")[1] == "C-1"


def test_bill_and_users_come_in_by_the_page_whole_or_not_at_all(browser):
    client = browser("BD")

    said = post(client, "import", 422, what="aws", file=csv("c.csv", COSTS[:-9]))
    assert ("c.csv, line 4" in said, CostEntry.objects.count()) == (True, 0)
    post(client, "import", what="aws", file=csv("c.csv", COSTS))
    post(
        client, "import", what="mau", file=csv("m.csv", "cluster,date,unique_users\na,2026-04,3\n")
    )
    said = post(client, "import", 422, what="aws", rate="2", file=csv("d.csv", COSTS + "\n"))

    assert "A rate needs its day" in said
    assert (CostEntry.objects.count(), UserCount.objects.get().users) == (2, 3)


def test_credit_is_booked_on_the_page_of_its_month(browser, served):
    engagement, cluster = served
    told = {"month": "2026-04", "place": f"{engagement.pk}:{cluster.pk}", "kind": "credit",
            "why": "Promised."}  # fmt: skip

    said = post(browser("BD"), "correct", 422, amount="10", **told)
    assert "A credit is below zero." in said
    post(browser("BD"), "correct", amount="-10", **told)

    assert CostEntry.objects.get(kind="credit").amount == -10


def test_correction_of_an_account_is_shared_as_its_bill_is_and_is_of_one_thing(browser, served):
    engagement, cluster = served
    told = {"month": "2026-04", "kind": "correction", "why": "Theirs.", "amount": "-1.50"}
    place = f"{engagement.pk}:{cluster.pk}"

    said = post(browser("BD"), "correct", 422, place=place, account=ACCOUNT, **told)
    assert "A correction is of an account or of an engagement." in said
    assert "Name one of them." in post(browser("BD"), "correct", 422, **told)
    post(browser("BD"), "correct", account=ACCOUNT, **told)

    assert CostEntry.objects.get(kind="correction").account.identifier == ACCOUNT
    assert "98.51" in text_of(browser("BD").get("/billing/"))


def test_blank_count_leads_to_its_form_and_is_counted_there(browser):
    engagement, cluster = make_served()
    book({ACCOUNT: "100"})
    cell = f"/billing/cell/?month=2026-04&amp;engagement={engagement.pk}&amp;cluster={cluster.pk}"
    client = browser("BD")
    assert f'<a href="{cell}#count">' in text_of(client.get("/billing/"))
    form = text_of(client.get(cell.replace("&amp;", "&")))
    assert ('value="maple"' in form, inspected(form)) == (True, [])
    filled = "/billing/waiting/?month=2026-04&amp;cluster=maple#count"
    assert f'<a href="{filled}">' in text_of(client.get("/billing/waiting/"))

    told = {"month": "2026-04", "cluster": "maple"}
    post(client, "count", 422, users="5", **told)  # it needs a reason
    assert "There is no cluster" in post(
        client, "count", 422, month="2026-04", cluster="elm", users="5", why="Grafana."
    )
    post(client, "count", users="0", why="Grafana.", **told)

    assert UserCount.objects.get().users == 0
    assert "0 MAU" in text_of(client.get("/billing/"))


def test_what_is_not_billed_says_why_and_accounts_are_assigned_and_split_there(browser, served):
    engagement, _cluster = served
    shown = text_of(browser("BD").get("/billing/waiting/"))
    assert inspected(shown) == []
    assert ("Account not assigned" in shown, "2026-04" in shown) == (True, True)

    said = post(browser("BD"), "assign", 422, name="2")
    assert "An account of our own needs a reason." in said
    post(browser("BD"), "assign", name="2", ours="The payer.")
    said = post(browser("BD"), "split", 422, account="maple", method="fixed", from_month="2026-04",
                parts="nobody=1")  # fmt: skip
    assert "There is no engagement nobody." in said
    post(browser("BD"), "split", account="maple", method="fixed", from_month="2026-04",
         parts=f"{engagement.pk}=3\nours=1")  # fmt: skip

    assert (AccountAssignment.objects.count(), SplitRule.objects.get().parts.count()) == (1, 2)


def test_cost_of_a_sent_month_is_borne_on_the_page(browser, served):
    send(browser)
    lost = Charge.objects.get(standing="unassigned")

    assert "This needs a reason." in post(browser("BD"), "bear", 422, number=lost.pk)
    post(browser("BD"), "bear", number=lost.pk, why="A trial.")

    lost.refresh_from_db()
    assert (lost.borne_by, lost.borne_why) == ("bd", "A trial.")


def test_pages_take_as_many_queries_for_three_rows_as_for_one(browser):
    client = browser("BD")
    make_served("maple", account="1")
    book({"1": "5"})
    counts = []
    for more in (None, "birch"):
        if more:
            make_served("birch", account="2")
            make_served("cedar", account="3")
            book({"1": "5", "2": "6", "3": "7"}, month=MAY)
        for where in ("", "month/?month=2026-05", "waiting/"):
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/billing/{where}")
            counts.append(len(queries))

    assert counts[:3] == counts[3:]


def test_reason_leads_to_what_waits_for_it_alone_on_whatever_page_that_was(
    browser, served, monkeypatch
):
    monkeypatch.setattr("throughline.web.billing.shown.A_PAGE", 1)
    client = browser("BD")
    links = set(re.findall(r"/billing/waiting/\?because=\w+", text_of(client.get("/billing/"))))
    assert len(links) > 1

    for link in links:
        page = client.get(link)
        waits = {one["item"].reason for one in page.context["items"]}
        assert waits == {link.partition("=")[2]}
        assert f"Only: {page.context['reason'].label}, " in text_of(page)
    assert page.context["page_query"] == f"{link.partition('?')[2]}&"
    assert client.get("/billing/waiting/?because=nonsense").context["reason"] is None
    gone = text_of(client.get("/billing/waiting/?because=not_split"))
    assert "Nothing waits for this reason any more" in gone
