"""The PDF: the same for the same words, whatever they try to be."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_deal
from tests.sales.statement_drafts import DRAFT, draft, write
from throughline.intake.authoring import publish_draft
from throughline.playbook.loader import shipped
from throughline.sales.export import file_name, statement_file
from throughline.sales.statements.typeset import blocks, day_words, statement_pdf

ABOUT = {"For": "EarthScope", "Version": "1"}


def pdf(wanted=DRAFT, *, at=NOON, due=None, signed=()):
    content = publish_draft(wanted, playbook=shipped())[1]
    return statement_pdf(content, about=ABOUT, due=due or {}, signed=signed, at=at)


def test_pdf_made_twice_is_the_same_to_the_byte():
    first = pdf(due={"The hub runs": "2026-06-30"}, signed=[("Tech Lead", "tom, 2 March 2026")])

    assert first[:5] == b"%PDF-"
    assert first == pdf(
        due={"The hub runs": "2026-06-30"}, signed=[("Tech Lead", "tom, 2 March 2026")]
    )


def test_pdf_of_another_instant_or_with_other_dates_differs():
    assert (
        len({pdf(), pdf(at=NOON + timedelta(days=1)), pdf(due={"The hub runs": "2026-06-30"})}) == 3
    )


@pytest.mark.parametrize(
    "words",
    [
        '#eval("1/0")', "#read(\"/etc/passwd\")", "#panic()", "$x^2$", "*_`<label>@ref", "\\", "]]]",
        "= Heading", "// comment", "/* comment", "#import \"@preview/x:1.0.0\"", "😀 漢字 العربية",
        "x" * 900,
    ],
)  # fmt: skip
def test_words_that_look_like_typst_are_set_and_not_run(words):
    wanted = draft(title=f"A {words} b"[:250], background=words, out_of_scope=[words])
    wanted["deliverables"][0]["items"][0]["text"] = words

    assert pdf(wanted)[:5] == b"%PDF-"


def test_pdf_with_nothing_but_a_deliverable_can_be_made():
    assert pdf({"title": "Little", "deliverables": [{"title": "One"}]})[:5] == b"%PDF-"


def test_markdown_is_a_tree_of_plain_values():
    assert blocks("One *two* `three` [four](https://x.example)\n\n2. five\n\n> six\n\n```\nseven\n```") == [
        {
            "type": "paragraph",
            "parts": [
                {"type": "text", "text": "One "},
                {"type": "em", "parts": [{"type": "text", "text": "two"}]},
                {"type": "text", "text": " "},
                {"type": "code", "text": "three"},
                {"type": "text", "text": " "},
                {
                    "type": "link", "url": "https://x.example",
                    "parts": [{"type": "text", "text": "four"}],
                },
            ],
        },
        {
            "type": "list", "start": 2,
            "items": [[{"type": "paragraph", "parts": [{"type": "text", "text": "five"}]}]],
        },
        {
            "type": "quote",
            "blocks": [{"type": "paragraph", "parts": [{"type": "text", "text": "six"}]}],
        },
        {"type": "code", "text": "seven"},
    ]  # fmt: skip


def test_table_in_a_text_comes_through():
    [table] = blocks("| a | b |\n| --- | --- |\n| 1 | 2 |")

    assert (table["type"], len(table["rows"])) == ("table", 2)
    assert pdf(draft(background="| a | b |\n|---|---|\n| 1 | 2 |"))[:5] == b"%PDF-"


@pytest.mark.django_db
def test_neither_file_has_the_private_note():
    deal = make_deal(hubspot_id="900100")
    statement = write(deal, DRAFT, price_note="9,000 is the least.")
    playbook = shipped()

    text = statement_file(deal, statement, "md", playbook=playbook).decode()
    other = write(deal, DRAFT, price_note="")

    assert "9,000" not in text
    assert "version: 1\n" in text
    # The PDF is compressed: without the note it is the same but for the version's number.
    assert len(statement_file(deal, statement, "pdf", playbook=playbook)) == pytest.approx(
        len(statement_file(deal, other, "pdf", playbook=playbook)), abs=40
    )
    assert file_name(deal, statement, "pdf") == "statement-of-work-900100-1.pdf"


def test_day_is_written_out():
    assert (day_words("2026-06-03"), day_words(None)) == ("3 June 2026", "")
