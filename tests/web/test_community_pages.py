"""The list of communities, and what is known of one."""

from datetime import date

import pytest
from django.test import Client

from tests.factories import NOON, make_cluster, make_deal, make_deal_at, make_engagement, tell
from throughline.communities.actions import Told, answer_question, keep_alias, name_community
from throughline.communities.words import AliasKind
from throughline.playbook.loader import shipped


def text_of(response):
    return response.content.decode()


def make_community(name="Tidewater"):
    return name_community(name, by="factory", at=NOON)


def answer(community, text, *, question="goals"):
    answer_question(
        community.pk, question, told=Told(text, "call of 3 May"), playbook=shipped(), by="ada", at=NOON
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/communities/", "/communities/{}/"])
def test_community_pages_open_for_staff_only(path, browser):
    address = path.format(make_community().pk)

    found = {hat: browser(hat).get(address).status_code for hat in ("BD", "PS", "stranger")}

    assert found == {"BD": 200, "PS": 200, "stranger": 403}
    assert Client().get(address).headers["Location"] == f"/sign-in/?next={address}"


def test_list_asks_as_many_queries_for_one_community_as_for_three(
    browser, django_assert_num_queries
):
    client = browser("BD")
    make_community()
    with django_assert_num_queries(5):
        client.get("/communities/")
    for name in ("Aurora", "Saltmarsh"):
        tell(make_deal(), "community.named", short_name=name)

    with django_assert_num_queries(5):
        client.get("/communities/")


def test_list_is_searched_by_names_ids_and_older_ids_and_counts_deals(browser):
    tidewater = make_community()
    keep_alias(
        tidewater.pk, "old-tide", kind=AliasKind.LEGACY, on=date(2024, 1, 1), by="ada", at=NOON
    )
    tell(make_deal(), "community.named", short_name="Tidewater")
    tell(make_deal(), "community.named", short_name="Tidewater")
    make_community("Aurora")
    client = browser("PS")

    def found(text):
        page = client.get(f"/communities/?q={text}").context["page"]
        return [(one.short_name, one.deal_count) for one in page.object_list]

    assert found("") == [("Aurora", 0), ("Tidewater", 2)]
    assert found("tidew") == found("old-t") == [("Tidewater", 2)]
    assert found("nobody") == []


def test_community_page_asks_as_many_queries_for_one_deal_as_for_three(
    browser, django_assert_num_queries
):
    client = browser("BD")
    community = make_engagement(hubspot_id="1").deal.community
    with django_assert_num_queries(13):
        client.get(f"/communities/{community.pk}/")
    for number in ("2", "3"):
        tell(make_deal(hubspot_id=number), "community.named", short_name="EarthScope")

    with django_assert_num_queries(13):
        client.get(f"/communities/{community.pk}/")


def test_community_page_says_where_its_id_is_used(browser):
    community = make_engagement().deal.community
    make_cluster("earthscope", hubs={"prod": ("Production", "hub.example.org")})
    keep_alias(
        community.pk, "earth-scope", kind=AliasKind.LEGACY, on=date(2024, 1, 1), by="ada", at=NOON
    )

    context = browser("BD").get(f"/communities/{community.pk}/").context

    assert context["community"].get_id_state_display() == "In use"
    assert [one.name for one in context["clusters"]] == ["earthscope"]
    assert [one.alias for one in context["aliases"]] == ["earth-scope"]


def test_what_a_community_is_to_us_stands_at_the_top_and_its_worth_for_those_who_see_money(browser):
    community = make_engagement(amount="17500.00").deal.community
    address = f"/communities/{community.pk}/"

    strips = {hat: browser(hat).get(address).context["stats"] for hat in ("BD", "PS")}

    labels = {hat: [one["label"] for one in strip] for hat, strip in strips.items()}
    assert labels["PS"] == ["Tier", "Engagements", "Last end"]
    assert labels["BD"] == [*labels["PS"], "Agreed so far"]
    assert (strips["BD"][-1]["value"], strips["BD"][-1]["unit"]) == ("17,500", "USD")


def test_community_without_an_engagement_has_no_strip(browser):
    community = make_deal_at("qualified").community

    assert browser("BD").get(f"/communities/{community.pk}/").context["stats"] == []


def test_each_phase_says_how_much_of_it_is_known(browser):
    community = make_community()

    page = browser("BD").get(f"/communities/{community.pk}/")

    assert [(one["known"], one["wanted"]) for one in page.context["phases"]] == [
        (0, 2), (0, 4), (0, 2),
    ]  # fmt: skip
    assert 'id="phase-2" max="4" value="0"' in text_of(page)


def test_missing_fields_are_marked(browser):
    community = make_community()

    facts = browser("BD").get(f"/communities/{community.pk}/").context["facts"]

    assert [(one["label"], one["value"]) for one in facts if one["tone"] == "bad"] == [
        ("Long name", "missing"), ("Website", "missing"), ("Cloud", "missing"),
    ]  # fmt: skip


def test_people_are_a_matrix_with_a_gap_for_each_required_role_that_nobody_has(browser):
    deal = make_deal_at("qualified")
    tell(deal, "community.people", people=[
        {"role": role, "full_name": "Rae Rep", "email": "rae@example.org"}
        for role in ("representative", "technical_lead")
    ])  # fmt: skip

    matrix = browser("BD").get(f"/communities/{deal.community_id}/").context["matrix"]

    cells = [[cell.state for cell in row.cells] for row in matrix.rows]
    assert [row.contact.full_name for row in matrix.rows] == ["Rae Rep"]
    assert cells == [["", "", "held", "held", "", ""]]
    assert [role.name for role in matrix.gaps] == [
        "Buyer",
        "Community Champion / PI",
        "Technical Contact",
    ]


def test_people_of_another_deal_are_shown_when_it_is_chosen(browser):
    first, second = make_deal_at("qualified"), make_deal(name="Second")
    tell(second, "community.named", short_name="EarthScope")
    address = f"/communities/{first.community_id}/"

    chosen = [
        browser("BD").get(f"{address}{query}").context["chosen"].pk
        for query in ("", f"?deal={first.pk}", "?deal=none")
    ]

    assert chosen == [second.pk, first.pk, second.pk]


def test_amounts_are_hidden_from_ps(browser):
    deal = make_deal_at("qualified", amount="17531.00")
    address = f"/communities/{deal.community_id}/"

    shown = {hat: "17,531 USD" in text_of(browser(hat).get(address)) for hat in ("BD", "PS")}

    assert shown == {"BD": True, "PS": False}


@pytest.mark.parametrize(
    ("markdown", "shown", "not_shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)", "<script>alert(1)"),
        ("**Open** data", "<strong>Open</strong> data", "**Open**"),
        ("[site](https://a.example)", '<a href="https://a.example" rel="nofollow noopener">', "[site]"),
        ("[bad](javascript:alert(1))", "[bad](javascript:alert(1))", 'href="javascript:'),
        ("![x](https://a.example/track.png)", "track.png", "<img src=\"https://a.example"),
        ("# Loud", "# Loud", "<h1>Loud"),
    ],
)  # fmt: skip
def test_answer_is_rendered_from_markdown_and_nothing_else(markdown, shown, not_shown, browser):
    community = make_community()
    answer(community, markdown)

    text = text_of(browser("BD").get(f"/communities/{community.pk}/"))

    assert (shown in text, not_shown in text) == (True, False)


def test_answers_show_source_and_day_and_what_was_not_asked(browser):
    community = make_community()
    answer(community, "To share data.")
    answer(community, "", question="data")

    text = text_of(browser("PS").get(f"/communities/{community.pk}/"))

    assert "call of 3 May · ada, 2 Mar 2026" in text
    assert [text.count(words) for words in ("Asked, not answered.", "Not asked yet.")] == [1, 2]


def test_html_in_a_communitys_names_is_shown_as_text(browser):
    nasty = "<script>alert(1)</script>"
    community = make_community(nasty)

    for path in ("/communities/", f"/communities/{community.pk}/"):
        text = text_of(browser("BD").get(path))
        assert (nasty in text, "&lt;script&gt;" in text) == (False, True)


def test_community_that_is_none_is_not_found(browser):
    assert browser("BD").get("/communities/999999/").status_code == 404
