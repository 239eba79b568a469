"""The pages of statements of work: read, written without JavaScript, compared, signed off."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_deal, tell
from tests.sales.statement_drafts import DRAFT, draft, with_item, write
from throughline.intake.statement_of_work import parse
from throughline.sales.models import SignOff, StatementOfWork
from throughline.sales.versions import version_of
from throughline.web.statements.sheets import (
    blank_sheet,
    renamed_in,
    sheet_from,
    sheet_of,
    sums_of,
    take_step,
)

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "statement-form"}


@pytest.fixture
def deal():
    return make_deal(name="The atlas")


@pytest.fixture
def kept(deal):
    return write(deal, DRAFT)


def address(name, deal, *more):
    return reverse(f"web:{name}", args=[deal.pk, *more])


def words_of(response):
    """Return what a page says, without its marks."""
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def form_of(response):
    """Return what a browser would send of the page's form."""
    return {
        field.html_name: field.value() or "" for field in response.context["form"]
    }  # fmt: skip


def begun(client, deal, **changes):
    return form_of(client.get(address("statement-edit", deal))) | changes


def send(client, deal, sent, do="save", **headers):
    return client.post(address("statement-edit", deal), sent | {"do": do}, **headers)


def test_page_shows_the_newest_version_with_due_dates_and_sums(browser, deal, kept):
    due = {"The hub runs": "2026-06-30"}
    tell(deal, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31", deliverables=due)

    page = browser("PS").get(address("statement", deal))

    said = words_of(page)
    for words in (
        "A hub for the atlas", "Version 1 of 1, written by ada", "Due on 30 Jun 2026",
        "No due date is agreed yet", "Anybody of the atlas can sign in.", "8.5–19 h",
        "Infrastructure Engineer 4–8 h", "Head of Product has not signed off", "A second hub.",
        "Version 1 lacks the sign-off of Head of Product, Tech Lead, BD Lead.",
    ):  # fmt: skip
        assert words in said, words


def test_deal_without_one_says_who_writes_it(browser, deal):
    assert "There is none yet" in words_of(browser("BD").get(address("statement", deal)))


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_for_any_number(browser, count, django_assert_num_queries):
    for at in range(count):
        write(make_deal(name=f"Deal {at}"), DRAFT)
    client = browser("PS")
    client.get(reverse("web:statements"))

    with django_assert_num_queries(6):
        page = client.get(reverse("web:statements"))

    assert len(page.context["rows"]) == count


@pytest.mark.parametrize("versions", [1, 3])
def test_page_takes_the_same_queries_for_any_number_of_versions(
    browser, deal, versions, django_assert_max_num_queries
):
    for at in range(versions):
        write(deal, draft(title=f"Title {at}"))
    client = browser("PS")
    client.get(address("statement", deal))

    with django_assert_max_num_queries(30):
        assert client.get(address("statement", deal)).status_code == 200


def test_older_version_can_be_read_and_says_that_it_is_old(browser, deal, kept):
    write(deal, draft(title="Newer"))

    said = words_of(browser("PS").get(address("statement-version", deal, 1)))

    assert "A hub for the atlas" in said
    assert "This is an older version." in said
    assert "Sign off version 1" not in said


@pytest.mark.parametrize("name", ["statement-version", "statement-sign"])
def test_version_that_is_none_is_not_found(browser, deal, kept, name):
    client = browser("PS")
    if name == "statement-version":
        assert client.get(address(name, deal, 9)).status_code == 404
    else:
        assert client.post(address(name, deal, 9), {"role": "tech_lead"}).status_code == 404
    assert SignOff.objects.count() == 0


def test_private_note_is_shown_to_those_who_may_see_money_only(browser, deal):
    write(deal, DRAFT, price_note="9,000 is the least.")

    seen = {
        (hat, name): "9,000 is the least." in words_of(browser(hat).get(address(name, deal)))
        for hat in ("BD", "PS")
        for name in ("statement", "statement-edit")
    }

    assert {pair for pair, is_seen in seen.items() if is_seen} == {
        ("BD", "statement"),
        ("BD", "statement-edit"),
    }


def test_words_of_people_are_shown_and_never_run(browser, deal):
    bad = "<script>alert(1)</script> {{ 7|add:7 }} <img src=x onerror=y>"
    write(deal, draft(title=bad, background=bad, out_of_scope=[bad]))

    page = browser("PS").get(address("statement", deal)).content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}" in page


def test_form_begins_with_the_template_where_there_is_none(browser, deal):
    sent = begun(browser("BD"), deal)

    assert (sent["base"], sent["title"]) == ("0", "The atlas")
    assert sent["deliverables.0.title"] == ""
    assert "deliverables.1.title" not in sent


def test_form_begins_with_the_newest_version_and_saves_it_unchanged_as_nothing(browser, deal, kept):
    client = browser("BD")
    sent = begun(client, deal)

    answer = send(client, deal, sent)

    assert (sent["base"], sent["deliverables.0.items.1.low_h"]) == ("1", "1.5")
    assert (answer.status_code, StatementOfWork.objects.count()) == (302, 1)


def test_form_filled_in_is_a_new_version_and_leads_to_it(browser, deal, kept):
    client = browser("BD")
    sent = begun(client, deal, **{"title": "Another", "deliverables.0.items.0.high_h": "20"})

    answer = send(client, deal, sent)

    statement = version_of(deal)
    assert answer.headers["Location"] == address("statement", deal)
    assert (statement.version, statement.imported_by, statement.title) == (2, "bd", "Another")
    assert statement.content["deliverables"][0]["items"][0]["high_h"] == 20


def test_form_sent_by_htmx_is_led_on_by_htmx(browser, deal, kept):
    client = browser("BD")

    answer = send(client, deal, begun(client, deal, title="Another"), **HTMX)

    assert answer.headers["HX-Redirect"] == address("statement", deal)


@pytest.mark.parametrize(
    ("do", "there", "gone"),
    [
        ("add.deliverables", "deliverables.2.title", None),
        ("add.deliverables.0.items", "deliverables.0.items.2.text", None),
        ("add.overhead.items", "overhead.items.1.text", None),
        ("add.sections", "sections.1.heading", None),
        ("remove.deliverables.1", "deliverables.0.title", "deliverables.1.title"),
        (
            "remove.deliverables.0.items.1",
            "deliverables.0.items.0.text",
            "deliverables.0.items.1.text",
        ),
        ("remove.overhead.items.0", "title", "overhead.items.0.text"),
        ("remove.sections.0", "title", "sections.0.heading"),
        ("count", "title", None),
        ("remove.deliverables.9", "deliverables.1.title", None),
        ("add.title", "title", None),
        ("__class__", "title", None),
    ],
)
def test_row_is_added_or_removed_without_keeping_anything(browser, deal, kept, do, there, gone):
    client = browser("BD")
    sent = begun(client, deal, background="Typed and not kept.")

    answer = send(client, deal, sent, do)

    fields = form_of(answer)
    assert (answer.status_code, StatementOfWork.objects.count()) == (200, 1)
    assert fields["background"] == "Typed and not kept."
    assert (there in fields, gone in fields) == (True, False)


def test_row_added_by_htmx_comes_as_the_form_alone_with_the_new_row_to_go_to(browser, deal, kept):
    client = browser("BD")

    answer = send(client, deal, begun(client, deal), "add.deliverables", **HTMX)

    page = answer.content.decode()
    assert "<!doctype html>" not in page
    assert re.search(r'name="deliverables\.2\.title"[^>]*autofocus', page)


def test_deliverable_moved_up_keeps_all_that_it_says(browser, deal, kept):
    client = browser("BD")

    sent = form_of(send(client, deal, begun(client, deal), "up.deliverables.1"))
    send(client, deal, sent)

    content = version_of(deal).content
    assert [one["title"] for one in content["deliverables"]] == ["The maps open", "The hub runs"]
    assert content["deliverables"][1]["risks"] == ["Their IT is slow."]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(browser, deal, kept):
    client = browser("BD")
    sent = begun(
        client, deal,
        **{
            "title": " ", "deliverables.1.title": "The hub runs", "deliverables.0.items.0.high_h": "1",
            "deliverables.0.people": "App Engineer\nWizard",
        },
    )  # fmt: skip

    answer = send(client, deal, sent)

    form = answer.context["form"]
    assert (answer.status_code, StatementOfWork.objects.count()) == (422, 1)
    assert form["title"].errors == ["The document has no title. Say in a line what it is about."]
    assert form["deliverables.0.items.0.high_h"].errors == [
        "1 is below the low hours, 4. Swap or correct them."
    ]
    assert (
        form["deliverables.0.people"]
        .errors[0]
        .startswith("Line 2: Nobody of the team is 'Wizard'.")
    )
    assert form["deliverables.1.title"].errors[0].startswith("Deliverable 1 is called")
    assert "Nothing was kept yet." in words_of(answer)


def test_second_of_two_editors_sees_what_the_first_changed_and_keeps_their_own_text(
    browser, deal, kept
):
    client = browser("BD")
    sent = begun(client, deal, title="Mine")
    write(deal, with_item(high_h="20"), by="pia")

    refused = send(client, deal, sent)

    said = words_of(refused)
    assert (refused.status_code, StatementOfWork.objects.count()) == (422, 2)
    assert "pia has made version 2 since you began with version 1." in said
    assert "Set it up: 4–20 h, Infrastructure Engineer" in said
    assert form_of(refused)["title"] == "Mine"
    again = send(client, deal, form_of(refused))
    assert (again.status_code, version_of(deal).version, version_of(deal).title) == (302, 3, "Mine")


def test_renamed_deliverable_keeps_its_due_date(browser, deal, kept):
    due = {"The hub runs": "2026-06-30"}
    tell(deal, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31", deliverables=due)
    client = browser("BD")

    send(client, deal, begun(client, deal, **{"deliverables.0.title": "Their hub  runs"}))

    deal.refresh_from_db()
    assert deal.deliverable_dates == {"Their hub runs": "2026-06-30"}


def test_note_stays_where_the_editor_may_not_see_it_whatever_they_send(browser, deal):
    write(deal, DRAFT, price_note="Private.")
    client = browser("PS")

    send(client, deal, begun(client, deal, title="By PS", price_note="Overwritten"))

    assert (version_of(deal).title, version_of(deal).price_note) == ("By PS", "Private.")


def test_signing_off_needs_a_press_and_counts_for_the_version_on_the_page(browser, deal, kept):
    client = browser("PS")

    answer = client.post(address("statement-sign", deal, 1), {"role": "tech_lead"})

    assert answer.headers["Location"] == address("statement-version", deal, 1)
    assert SignOff.objects.values_list("role", "by", "statement__version").get() == (
        "tech_lead", "ps", 1,
    )  # fmt: skip


def test_signing_off_a_version_that_was_overtaken_is_refused_with_words(browser, deal, kept):
    write(deal, draft(title="Newer"), by="pia")

    answer = browser("PS").post(address("statement-sign", deal, 1), {"role": "tech_lead"})

    assert (answer.status_code, SignOff.objects.count()) == (422, 0)
    assert "You read version 1, and pia has made version 2 since." in words_of(answer)


@pytest.mark.parametrize("hat", ["stranger", "Sponsor"])
def test_stranger_may_neither_read_write_nor_sign(browser, deal, kept, hat):
    client = browser(hat)

    answers = [
        client.get(address("statement", deal)),
        client.get(address("statement-edit", deal)),
        client.get(address("statement-file", deal, 1, "md")),
        client.post(address("statement-edit", deal), {"do": "save", "title": "Theirs"}),
        client.post(address("statement-sign", deal, 1), {"role": "tech_lead"}),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert (StatementOfWork.objects.count(), SignOff.objects.count()) == (1, 0)


def test_comparison_shows_substance_and_wording(browser, deal, kept):
    write(deal, with_item(high_h="20") | {"background": "Two disks."}, by="pia")

    said = words_of(browser("PS").get(f"{address('statement-changes', deal)}?from=1&to=2"))

    for words in (
        "From version 1 (ada, 2 Mar 2026) to version 2 (pia, 2 Mar 2026)",
        "All together: 8.5–19 h → 8.5–31 h", "Infrastructure Engineer: 4–8 h → 4–20 h",
        "The maps lie on *one* disk.", "Two disks.",
    ):  # fmt: skip
        assert words in said, words


@pytest.mark.parametrize("query", ["", "?from=x&to=y", "?from=1&to=1"])
def test_comparison_without_numbers_takes_the_newest_two(browser, deal, kept, query):
    write(deal, draft(title="Newer"))

    page = browser("PS").get(address("statement-changes", deal) + query)

    shown = page.context["shown"]
    assert (shown["before"].version, shown["after"].version) == (1, 1 if "1" in query else 2)


@pytest.mark.parametrize("query", ["?from=1&to=9", "?from=0&to=1"])
def test_comparison_with_a_version_that_is_none_is_not_found(browser, deal, kept, query):
    assert browser("PS").get(address("statement-changes", deal) + query).status_code == 404


def test_files_are_sent_to_be_kept_and_read_back(browser, deal, kept):
    client = browser("PS")

    markdown = client.get(address("statement-file", deal, 1, "md"))
    pdf = client.get(address("statement-file", deal, 1, "pdf"))

    assert parse(markdown.content.decode()).as_json() == kept.content
    assert pdf.content[:5] == b"%PDF-"
    assert [one.headers["Content-Disposition"] for one in (markdown, pdf)] == [
        f'attachment; filename="statement-of-work-{deal.pk}-1.{kind}"' for kind in ("md", "pdf")
    ]
    assert {one.headers["X-Content-Type-Options"] for one in (markdown, pdf)} == {"nosniff"}
    assert client.get(address("statement-file", deal, 1, "exe")).status_code == 404


def test_sheet_of_a_kept_document_says_what_the_document_says(kept):
    sheet = sheet_of(kept.content, price_note="")

    assert sheet["deliverables"][0]["items"][1] == {
        "text": "Talk to their IT", "low_h": "1.5", "high_h": "6", "role": "Tech Lead",
    }  # fmt: skip
    assert sheet["deliverables"][0]["people"] == ["App Engineer"]
    assert sheet["people"] == []


def test_sheet_counts_what_is_a_number_and_nothing_else():
    sheet = sheet_from({
        "deliverables.0.items.0.low_h": "2", "deliverables.0.items.0.high_h": "4h",
        "deliverables.0.items.1.low_h": "many", "deliverables.0.items.1.high_h": "-3",
        "deliverables.0.items.1.role": "Tech Lead", "deliverables.7.title": "Late",
        "deliverables.x.title": "never",
    })  # fmt: skip

    sums = sums_of(sheet)

    assert [one["title"] for one in sheet["deliverables"]] == ["", "Late"]
    assert (sums["total"], sums["deliverables"]) == ("2–4 h", ["2–4 h", "0 h"])
    assert sums["roles"] == [("No role named", "2–4 h"), ("Tech Lead", "0 h")]


def test_sheet_knows_which_deliverables_were_renamed(kept):
    sheet = sheet_of(kept.content, price_note="")
    sheet["deliverables"][0]["title"] = "New"
    take_step(sheet, "add.deliverables")
    sheet["deliverables"][2]["title"] = "Added"

    assert renamed_in(sheet) == {"The hub runs": "New"}
    assert renamed_in(blank_sheet(DRAFT)) == {}
