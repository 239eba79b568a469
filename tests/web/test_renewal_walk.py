"""Pages of one engagement's end: decided, run on, taken down, and shown for a pretended day."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from tests.factories import make_deal, make_engagement
from tests.renewals.endings import make_running
from tests.renewals.world import make_representative
from throughline.journal.models import Entry
from throughline.mail.models import Message
from throughline.people.models import SignedLink
from throughline.renewals.actions_courses import end_engagement
from throughline.renewals.actions_data import data_token
from throughline.renewals.models import Course, DataQuestion, LapseDecision, LapseToken, Notice
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db


@pytest.fixture
def lapsed():
    """Return an engagement that ended ten days ago, with a hub that runs."""
    end_on = timezone.now().date() - timedelta(days=10)
    return make_running(end_on.isoformat(), start_on="2020-01-01", hubspot_id="700")


@pytest.fixture
def ending(lapsed):
    """Return an engagement that ends in a month, of which it is decided that it ends."""
    Deal.objects.filter(pk=lapsed.pk).update(end_on=timezone.now().date() + timedelta(days=30))
    make_representative(lapsed, "rae@example.org")
    end_engagement(lapsed.number, by="ada", at=timezone.now())
    return lapsed


def text(response):
    return response.content.decode()


def test_the_page_says_what_runs_and_lets_bd_renew(browser, lapsed):
    client = browser("BD")
    page = client.get(f"/renewals/{lapsed.number}/")

    assert page.context["running"].days == 10
    assert page.context["following"] is None
    answer = client.post(
        f"/renewals/{lapsed.number}/renew/",
        {"name": "Next", "start_on": "2030-01-01", "end_on": "2030-12-31", "amount": "100.00"},
        follow=True,
    )

    course = Course.objects.get()
    assert (course.successor.name, course.successor.amount) == ("Next", Decimal(100))
    assert "on which nothing is agreed" in text(answer)


def test_what_is_refused_is_shown_with_what_was_filled_in(browser, lapsed):
    client = browser("BD")
    answer = client.post(
        f"/renewals/{lapsed.number}/renew/", {"deal": "nobody", "why": "So it is."}
    )

    assert answer.status_code == 422
    assert answer.context["opened"] == "renew_form"
    assert "So it is." in text(answer)
    assert Course.objects.count() == 0
    bare = client.post(f"/renewals/{lapsed.number}/extend/", {"end_on": "soon"})
    assert bare.status_code == 422


def test_extending_and_amending_ask_the_sponsor_and_ending_can_be_taken_back(browser):
    number = make_engagement().number
    client = browser("BD")

    client.post(f"/renewals/{number}/extend/", {"end_on": "2028-03-31"})
    assert Course.objects.get().amendment.title == "Extension 1"
    refused = client.post(
        f"/renewals/{number}/amend/", {"effective_on": "2026-06-01", "tier": "essential"}
    )
    assert refused.status_code == 422  # the extension is not signed yet
    client.post(f"/renewals/{number}/end/", {"why": "No money."})
    assert text(client.get(f"/engagements/{number}/")).count("It ends, and is not renewed") == 1
    client.post(f"/renewals/{number}/take-back/", {"why": "Money."})

    kinds = list(Course.objects.order_by("pk").values_list("kind", "withdrawn_by"))
    assert kinds == [("extend", ""), ("end", "bd")]


def test_the_pack_is_a_pdf_and_money_is_in_it_for_those_who_see_money(browser, lapsed):
    Deal.objects.filter(pk=lapsed.pk).update(amount="100.00", amount_collected="40.00")

    bd, ps = (text(browser(hat).get(f"/renewals/{lapsed.number}/")) for hat in ("BD", "PS"))
    file = browser("PS").get(f"/renewals/{lapsed.number}/pack.pdf")

    assert "60.00 of 100.00 USD is not collected yet" in bd
    assert "60.00" not in ps
    assert ps.count("not shown to you") == 3
    assert (file["Content-Type"], file.content[:5]) == ("application/pdf", b"%PDF-")


def test_the_patch_is_a_download_and_what_is_missing_is_said(browser, lapsed):
    client = browser("BD")
    assert client.get(f"/renewals/{lapsed.number}/clusters.patch").status_code == 422
    next_deal = make_deal(name="Next", hubspot_id="701")
    client.post(f"/renewals/{lapsed.number}/renew/", {"deal": str(next_deal.pk)})

    answer = client.get(f"/renewals/{lapsed.number}/clusters.patch")

    assert answer["Content-Disposition"] == f'attachment; filename="clusters-{lapsed.number}.patch"'


def test_bd_allows_two_weeks_and_a_lead_decides(browser, lapsed):
    subject = lapsed.deal.subject
    bare = browser("BD").post("/renewals/running/allow/", {"subject": subject, "why": ""})
    browser("BD").post("/renewals/running/allow/", {"subject": subject, "why": "They sign."})
    until = (timezone.now().date() + timedelta(days=100)).isoformat()
    decided = {"subject": subject, "verdict": "keep", "until_on": until, "why": "They sign."}
    forbidden = browser("BD").post("/renewals/running/decide/", decided)
    browser("Lead").post("/renewals/running/decide/", decided)

    assert (bare.status_code, forbidden.status_code) == (422, 403)
    assert [one.by for one in LapseToken.objects.all()] == ["bd"]
    assert LapseDecision.objects.get().until_on.isoformat() == until
    assert "decided by" not in text(browser("PS").get("/renewals/running/"))


def test_the_check_list_is_gone_through_and_the_community_answers_by_its_link(browser, ending):
    url = f"/offboarding/{ending.number}/"
    client = browser("PS")
    waits = client.post(f"{url}hubs/", {"note": "Gone."})
    client.post(f"{url}ask/", {"of": "rae@example.org"})
    question = DataQuestion.objects.get()
    outside = f"/s/data/{data_token(question)}/"
    stranger = browser("stranger")

    assert waits.status_code == 422
    assert "tide/prod" in text(stranger.get(outside))
    assert stranger.post(f"{outside}answer/", {"answer": "not_yet"}).status_code == 422
    stranger.post(f"{outside}answer/", {"answer": "saved"})
    assert "Thank you: it is written down." in text(stranger.get(outside))
    client.post(f"{url}hubs/", {"note": "Gone."})
    client.post(f"{url}numbers/", {"final_cost": "12.50", "final_users": "3"})
    lines = {one.code.value: one.is_done for one, _form in client.get(url).context["lines"]}
    assert [code for code, done in lines.items() if done] == ["data", "numbers", "hubs"]
    assert "12.50" not in text(client.get(url))
    assert "12.50 USD" in text(browser("BD").get(url))


def test_a_deal_of_which_nothing_is_taken_down_has_no_check_list(browser, lapsed):
    assert browser("PS").get(f"/offboarding/{lapsed.number}/").status_code == 404


def test_a_pretended_day_is_marked_says_what_it_brings_and_changes_nothing(browser, lapsed):
    Deal.objects.filter(pk=lapsed.pk).update(end_on="2032-06-30")
    client = browser("BD")
    before = (Entry.objects.count(), Message.objects.count(), Notice.objects.count())

    page = client.get("/renewals/?pretend=2032-05-01")
    one = client.get(f"/renewals/{lapsed.number}/?pretend=2032-07-10")

    assert [mail.subject for mail in page.context["brings"].mails] == [
        "Agreement expiring in 60 days"
    ]
    assert page.context["now"].on.isoformat() == "2032-05-01"
    assert text(page).count("Pretended: this page is as if today were 1 May 2032.") == 1
    assert one.context["running"].days == 10
    assert one.context["may_decide"] is False
    assert (Entry.objects.count(), Message.objects.count(), Notice.objects.count()) == before
    assert "That is no day." in text(client.get("/renewals/?pretend=soon"))


def test_many_ends_in_one_month_are_warned_of(browser):
    first = timezone.now().date().replace(day=1) + timedelta(days=62)
    for number in range(3):
        make_running((first + timedelta(days=number)).isoformat(), hub=f"hub{'abc'[number]}")

    found = browser("BD").get("/renewals/").context["concentrations"]

    assert [(one.count, one.of) for one in found] == [(3, 3)]


def test_pages_of_endings_cost_as_many_queries_for_three_as_for_one(
    browser, lapsed, django_assert_num_queries
):
    client = browser("BD")
    client.get("/renewals/running/")
    with django_assert_num_queries(11):
        client.get("/renewals/running/")
    for name in ("ebb", "flow"):
        make_running("2026-01-01", hub=name, community=name.title())
    with django_assert_num_queries(11):
        assert len(client.get("/renewals/running/").context["lines"]) == 3


def test_a_calendars_address_is_ones_own_until_it_is_revoked(browser):
    client = browser("BD")
    address = client.post("/renewals/calendars/new/").context["fresh_link"]
    path = urlsplit(address).path
    link = SignedLink.objects.get(purpose="calendar")
    outside = browser("stranger")

    assert outside.get(path)["Content-Type"] == "text/calendar; charset=utf-8"
    browser("PS").post(f"/renewals/calendars/{link.pk}/revoke/")
    assert outside.get(path).status_code == 200  # nobody closes another's
    client.post(f"/renewals/calendars/{link.pk}/revoke/")
    closed = outside.get(path)
    assert (closed.status_code, text(closed)[:22]) == (403, "This link was revoked.")
