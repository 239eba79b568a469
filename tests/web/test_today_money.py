"""The standing number on Today: what is not billed yet, and what makes it smaller."""

import pytest

from tests.billing.bills import ACCOUNT, MAY, book, count_mau
from tests.billing.line import make_served
from tests.web.test_billing_pages import july, post, text_of  # noqa: F401 -- a fixture
from throughline.kernel.money import shown

pytestmark = pytest.mark.django_db


def standing(browser, hat="BD"):
    found = browser(hat).get("/").context["standing"]
    return shown(found.total), [(one.title, one.url) for one in found.items]


@pytest.mark.parametrize("hat", ["PS", "stranger"])
def test_number_is_for_those_who_see_money_alone(hat, browser):
    make_served()
    book({ACCOUNT: "100.005"})

    said = text_of(browser(hat).get("/"))

    assert ("Not billed yet" in said, "100.0" in said) == (False, False)


def test_number_stands_there_though_nothing_waits(browser):
    said = text_of(browser("Sponsor").get("/"))

    assert "0.00 USD" in said
    assert "Nothing that is booked waits." in said


def test_number_says_which_months_accounts_and_counts_wait_and_leads_to_each(browser):
    make_served()
    book({ACCOUNT: "100.005", "2": "7.77"})
    count_mau({"maple": 280})
    book({ACCOUNT: "50"}, month=MAY)

    total, items = standing(browser)

    assert total == "1157.78"
    assert items == [
        ("Review 2026-04", "/billing/month/?month=2026-04"),
        ("Review 2026-05", "/billing/month/?month=2026-05"),
        ("Account not assigned: 1", "/billing/waiting/?because=unassigned#one-by-one"),
        ("Active users not known: 1", "/billing/waiting/?because=users_blank#one-by-one"),
    ]
    said = text_of(browser("BD").get("/"))
    assert '<a href="/billing/waiting/">1,157.78 USD</a>' in said


def test_month_waits_for_a_second_person_and_is_gone_once_sent(browser):
    make_served()
    book({ACCOUNT: "100"})
    count_mau({"maple": 280})
    post(browser("BD"), "step", month="2026-04", step="review")

    assert standing(browser)[1] == [("Send 2026-04", "/billing/month/?month=2026-04")]
    assert " USD. Reviewed by bd: somebody else sends it." in text_of(browser("Sponsor").get("/"))
    post(browser("Sponsor"), "step", month="2026-04", step="send")

    assert standing(browser) == ("0.00", [])


def test_month_that_only_costs_nobody_is_reviewed_all_the_same(browser):
    book({"2": "7.77"})

    assert standing(browser)[1][0] == ("Review 2026-04", "/billing/month/?month=2026-04")
