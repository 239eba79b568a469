"""What is wrong with a draft is said field by field, all at once, and nothing is kept."""

import pytest

from tests.factories import make_deal
from tests.sales.statement_drafts import DRAFT, draft, with_item, write
from throughline.documents.models import Document
from throughline.intake.authoring import Writer, write_statement_text
from throughline.intake.hours import SowError
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.models import StatementOfWork
from throughline.sales.statements.drafts import DraftRefused, place_of

pytestmark = pytest.mark.django_db

ITEM = "deliverables.0.items.0"
TEAM = "App Engineer, Infrastructure Engineer, Tech Lead, Product, Delivery"


def problems(wanted):
    """Return what is wrong with a draft; nothing may have been written."""
    deal = make_deal()
    entries = Entry.objects.count()
    with pytest.raises(DraftRefused) as refused:
        write(deal, wanted)
    assert (StatementOfWork.objects.count(), Document.objects.count()) == (0, 0)
    assert Entry.objects.count() == entries
    return {one.path: one.message for one in refused.value.problems}


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"low_h": "8", "high_h": "4"}, f"{ITEM}.high_h",
         "4 is below the low hours, 8. Swap or correct them."),
        ({"low_h": "-1"}, f"{ITEM}.low_h", "Hours cannot be negative."),
        ({"high_h": "-1"}, f"{ITEM}.high_h", "Hours cannot be negative."),
        ({"low_h": "many"}, f"{ITEM}.low_h", "'many' is no number of hours. Write one such as 1.5."),
        ({"low_h": "1,5"}, f"{ITEM}.low_h", "'1,5' is no number of hours. Write one such as 1.5."),
        ({"high_h": "NaN"}, f"{ITEM}.high_h", "'nan' is no number of hours. Write one such as 1.5."),
        ({"high_h": "inf"}, f"{ITEM}.high_h", "'inf' is no number of hours. Write one such as 1.5."),
        ({"high_h": "1e9"}, f"{ITEM}.high_h", "1e9 hours are more than 9999."),
        ({"low_h": "0.00001"}, f"{ITEM}.low_h", "0.00001 has more than four decimals."),
        ({"low_h": ""}, f"{ITEM}.low_h", "Hours are missing. Write a number, such as 1.5."),
        ({"text": " "}, f"{ITEM}.text", "Say what is done in these hours."),
        ({"text": "x" * 1001}, f"{ITEM}.text", "1001 characters are too many; at most 1000."),
        ({"text": "Total"}, f"{ITEM}.text",
         "'Total' would be read as a total or a heading. Say what is done."),
        ({"role": "Wizard"}, f"{ITEM}.role",
         f"Nobody of the team is 'Wizard'. Name one of {TEAM}."),
    ],
)  # fmt: skip
def test_item_that_makes_no_sense_is_refused_with_its_field(change, path, message):
    assert problems(with_item(**change)) == {path: message}


@pytest.mark.parametrize("title", ["", "   ", "\x00", "[^1]"])
def test_document_without_a_title_is_refused(title):
    assert problems(draft(title=title)) == {
        "title": "The document has no title. Say in a line what it is about."
    }


def test_document_without_deliverables_is_refused():
    assert problems(draft(deliverables=[])) == {
        "deliverables": "There is no deliverable. Say what will be there at the end."
    }


@pytest.mark.parametrize("again", ["The hub runs", " the  HUB runs "])
def test_two_deliverables_of_one_title_are_refused_because_due_dates_go_by_it(again):
    wanted = draft()
    wanted["deliverables"][1]["title"] = again

    [(path, message)] = problems(wanted).items()

    assert path == "deliverables.1.title"
    assert message.startswith("Deliverable 1 is called ")
    assert message.endswith("too. Due dates go by title: give each its own.")


@pytest.mark.parametrize("title", ["Overview", "Definition of done", "Archive (20h)", "Risks"])
def test_deliverable_called_like_a_section_or_with_hours_is_refused(title):
    wanted = draft()
    wanted["deliverables"][1]["title"] = title

    assert problems(wanted) == {
        "deliverables.1.title": f"{title!r} is the name of a section, or states hours. Name what"
        " will be there at the end."
    }


def test_only_deliverable_called_like_a_section_is_refused():
    assert list(problems(draft(deliverables=[{"title": "Overview"}]))) == ["deliverables"]


def test_text_that_states_a_total_is_refused():
    wanted = draft()
    wanted["deliverables"][0]["overview"] = "Total: 3h to 5h"

    assert problems(wanted) == {
        "deliverables.0.overview": "A text states a total of hours. Leave it out: items are added up."
    }


def test_people_that_nobody_is_are_refused():
    assert list(problems(draft(people=["Wizard (2 of them)"]))) == ["people"]
    wanted = draft()
    wanted["deliverables"][0]["people"] = ["Tech Lead", "Wizard"]
    assert list(problems(wanted)) == ["deliverables.0.people.1"]


def test_list_about_the_overhead_is_refused():
    assert problems(draft(overhead_text="- Meet: 1h to 2h")) == {
        "overhead_text": "Write this in plain paragraphs without a total: a list here is read as"
        " items with hours."
    }


def test_section_without_a_heading_is_refused():
    section = {"heading": "", "text": "Words.", "place": "after"}

    assert problems(draft(sections=[section])) == {
        "sections.0.heading": "The section has no heading."
    }


def test_section_called_like_a_part_of_the_document_is_refused():
    section = {"heading": "People working on this", "text": "- Ada", "place": "after"}

    assert "sections" in problems(draft(sections=[section]))


def test_everything_wrong_is_said_at_once_in_words():
    wanted = with_item(low_h="8", high_h="4") | {"title": ""}

    deal = make_deal()
    with pytest.raises(DraftRefused) as refused:
        write(deal, wanted)

    assert str(refused.value) == (
        "Title: The document has no title. Say in a line what it is about."
        " Deliverable 1, item 1, high hours: 4 is below the low hours, 8. Swap or correct them."
        " Nothing was kept. Correct it and try again."
    )


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"background": "x" * 20_001}, "background"),
        ({"out_of_scope": ["x"] * 201}, "out_of_scope"),
        ({"deliverables": [{"title": f"Part {at}"} for at in range(51)]}, "deliverables"),
    ],
)
def test_far_too_much_is_refused(change, path):
    assert list(problems(draft(**change))) == [path]


def test_rows_left_empty_are_left_out():
    wanted = draft()
    wanted["deliverables"][0]["items"].append({"text": "", "low_h": " ", "high_h": "", "role": ""})
    wanted["deliverables"][0]["risks"].append("  ")

    statement = write(make_deal(), wanted)

    assert len(statement.content["deliverables"][0]["items"]) == 2
    assert statement.content["deliverables"][0]["risks"] == ["Their IT is slow."]


def test_file_of_ten_megabytes_is_refused_before_it_is_read():
    text = "## Deliverables\n\n### One\n\n" + "x" * 10_000_000

    with pytest.raises(Refused) as refused:
        write_statement_text(make_deal().pk, text, Writer(shipped(), "ada", None))

    assert refused.value.message == ("The text has 9.5 MiB; a statement of work has a few pages.")
    assert StatementOfWork.objects.count() == 0


def test_file_whose_hours_are_the_wrong_way_round_is_refused_with_its_line():
    text = "## Deliverables\n\n### One\n\n#### Estimates\n\n:::{estimate-table}\n- - Build\n  - 5h\n  - 3h\n:::\n"

    with pytest.raises(SowError) as refused:
        write_statement_text(make_deal().pk, text, Writer(shipped(), "ada", None))

    assert refused.value.line == 8
    assert StatementOfWork.objects.count() == 0


def test_place_of_a_problem_is_said_in_words():
    assert place_of("deliverables.0.items.2.high_h") == "Deliverable 1, item 3, high hours"
    assert place_of("overhead.items.0.text") == "Overhead, item 1, text"
    assert place_of("title") == "Title"


def test_draft_as_it_is_meant_is_kept():
    assert write(make_deal(), DRAFT).content["total"] == {"low_h": 8.5, "high_h": 19}
