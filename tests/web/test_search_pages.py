"""The page of search, the list below the field of the header, and the page of keys."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_deal, make_engagement
from throughline.people.models import User
from throughline.search.actions.following import catch_up, start_anew
from throughline.search.words import Kind

pytestmark = pytest.mark.django_db
LIST = {"HX-Request": "true", "HX-Target": "search-hits"}


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_results_are_grouped_with_counts_and_lead_to_their_pages(browser):
    deals = [make_deal(name=f"Lighthouse {number}") for number in range(7)]

    page = text_of(browser("BD").get("/search/?q=lighthouse"))

    assert f'<a href="/deals/{deals[6].pk}/"><mark>Lighthouse</mark> 6</a>' in page
    assert 'Deals <span class="muted">7</span>' in page
    assert 'href="?q=lighthouse&amp;kind=deal">2 more of Deals</a>' in page
    assert '<input id="search" name="q" type="search" value="lighthouse"' in page


def test_one_kind_is_shown_page_by_page(browser):
    for number in range(30):
        make_deal(name=f"Lighthouse {number}")
    client = browser("BD")

    first = client.get("/search/?q=lighthouse&kind=deal")
    second = client.get("/search/?q=lighthouse&kind=deal&page=2")

    assert [len(one.context["groups"][0]["found"]) for one in (first, second)] == [25, 5]
    assert "26–30 of 30" in text_of(second)
    for page in ("0", "-1", "x", "99999999999", "٣"):
        assert (
            client.get("/search/", {"q": "lighthouse", "kind": "deal", "page": page}).status_code
            == 200
        )


def test_what_people_wrote_is_escaped_and_only_our_marks_are_tags(browser):
    make_deal(name="<script>alert(1)</script> lighthouse", lost_reason="<b>lighthouse</b>")

    for headers in ({}, LIST):
        page = text_of(browser("BD").get("/search/?q=lighthouse", headers=headers))
        assert "<script>alert" not in page
        assert "<b>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; <mark>lighthouse</mark>" in page


@pytest.mark.parametrize(
    "text",
    ['"', "'", "*", "AND", "NEAR(a b)", "a:*", "🎉", "x" * 10_000, "…", "<script>", "%00", "\\",
     "'; DROP TABLE search_words; --", "(" * 500],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, LIST])
def test_any_text_is_answered(text, headers, browser):
    assert browser("BD").get("/search/", {"q": text}, headers=headers).status_code == 200


def test_bytes_that_are_no_text_are_answered(browser):
    assert browser("BD").get("/search/?q=%ff%fe").status_code == 200
    assert browser("BD").get("/search/?q=%00").status_code == 400  # as on every page


def test_without_words_the_page_says_what_can_be_looked_for(browser):
    page = text_of(browser("PS").get("/search/"))

    assert "name, its number, or its HubSpot id" in page
    assert "an invoice" not in page  # PS sees no money
    assert "an invoice" in text_of(browser("BD").get("/search/"))


def test_nothing_found_says_what_to_do(browser):
    page = text_of(browser("BD").get("/search/?q=zzzz"))

    assert "Nothing goes by that" in page
    assert "Try fewer words" in page
    assert "Look among all kinds" in text_of(browser("BD").get("/search/?q=zzzz&kind=mail"))
    assert browser("BD").get("/search/?q=zzzz&kind=nothing").status_code == 200


def test_pages_are_found_by_those_who_may_open_them(browser):
    make_engagement()

    assert '<a href="/people/">People</a>' in text_of(browser("Admin").get("/search/?q=peop"))
    assert '<a href="/people/">' not in text_of(browser("BD").get("/search/?q=peop"))


def test_sponsor_finds_its_work_and_nothing_of_sales(browser):
    engagement = make_engagement(name="Lighthouse")
    page = text_of(browser("Sponsor").get("/search/?q=lighthouse"))

    assert f'href="/deals/{engagement.number}/agreement/"' in page
    assert 'href="/sponsor/' in page
    assert f'href="/deals/{engagement.number}/"' not in page
    assert f'href="/engagements/{engagement.number}/"' not in page


def test_amounts_are_not_found_and_not_shown_by_those_who_see_money_either(browser):
    make_deal(name="Lighthouse", amount="17531.00", lost_reason="lighthouse for $17,531.00 only")

    for hat in ("PS", "Admin"):
        assert "17,531" not in text_of(browser(hat).get("/search/?q=lighthouse"))
        assert "Nothing goes by that" in text_of(browser(hat).get("/search/?q=17%2C531.00"))


def test_list_has_options_in_groups_and_all_of_it_at_the_end(browser):
    for number in range(5):
        make_deal(name=f"Lighthouse {number}")

    response = browser("BD").get("/search/?q=lighthouse", headers=LIST)
    part = text_of(response)

    assert "<html" not in part
    assert part.count('role="option"') == 4  # three of a kind, and all
    assert [f'id="hit-{number}"' in part for number in range(1, 6)] == [True] * 4 + [False]
    assert "All 5 for “lighthouse”" in part


def test_index_that_is_behind_says_so(browser, monkeypatch, playbook):
    while catch_up(most=1000, playbook=playbook, at=make_deal(name="Lighthouse").created_at):
        pass
    monkeypatch.setattr("throughline.web.search.shown.ask", _behind)

    page = text_of(browser("BD").get("/search/?q=lighthouse"))
    assert "12 changes are not in it yet" in page
    part = text_of(browser("BD").get("/search/?q=lighthouse", headers=LIST))
    assert "12 changes not in the index yet" in part


def _behind(text, **how):
    from dataclasses import replace

    from throughline.search.actions.asking import ask

    return replace(ask(text, **how), behind=12)


def test_field_stands_on_pages_of_those_who_find_something_and_of_no_others(browser, client):
    assert "data-search" in text_of(browser("Sponsor").get("/"))
    assert "data-search" not in text_of(browser("stranger").get("/"))
    assert "data-search" not in text_of(client.get("/sign-in/"))


def test_page_takes_as_many_queries_for_many_as_for_one(browser):
    client = browser("BD")
    make_deal(name="Lighthouse")
    client.get("/search/?q=lighthouse")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get("/search/?q=lighthouse")
        return len(caught)

    one = queries()
    for number in range(20):
        make_deal(name=f"Lighthouse {number}")
    start_anew()
    assert client.get("/search/?q=lighthouse").context["count"] == 21
    assert queries() == one > 5


def test_page_is_small(browser):
    for number in range(40):
        make_deal(name=f"Lighthouse {number} " + "of the northern isles " * 8)
    response = browser("BD").get("/search/?q=lighthouse&kind=deal")

    assert len(response.content) < 100_000


def test_every_kind_has_a_picture(browser):
    from throughline.web.search.shown import ICONS

    assert set(ICONS) == set(Kind)


def test_keys_are_turned_off_and_on_for_one_person(browser):
    client = browser("BD")
    assert '<body data-single-keys="on">' in text_of(client.get("/keys/"))

    said = text_of(client.post("/keys/choose/", {"single": "off"}, follow=True))
    assert "Single-letter keys are off for you." in said
    assert "data-single-keys" not in text_of(client.get("/"))
    assert "data-single-keys" in text_of(browser("PS").get("/"))

    client.post("/keys/choose/", {"single": "on"})
    assert User.objects.get(username="bd").single_keys is True
