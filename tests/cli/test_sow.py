"""`throughline sow …`: from the template to the signed-off version and its files."""

import pytest

from tests.factories import make_deal, tell
from tests.sales.statement_drafts import DRAFT, draft, write
from throughline.intake.statement_of_work import parse
from throughline.sales.models import StatementOfWork

DOCUMENT = """\
# A hub

## Deliverables

### {title}

#### Definition of done

- It answers.

#### Estimates

:::{{estimate-table}}
- - Set it up
  - {low}h
  - {high}h
  - {role}
:::
"""


@pytest.fixture
def deal(db):
    return make_deal(hubspot_id="900100", name="The atlas")


@pytest.fixture
def document(tmp_path):
    def make(title="The hub runs", low="4", high="8", role="Tech Lead"):
        path = tmp_path / "sow.md"
        path.write_text(DOCUMENT.format(title=title, low=low, high=high, role=role))
        return path

    return make


def test_new_prints_the_template_of_the_deal_and_keeps_nothing(ask, deal):
    said = ask("sow", "new", "900100")

    assert said["deal"] == "900100"
    assert parse(said["template"]).title == "The atlas"
    assert StatementOfWork.objects.count() == 0


def test_new_with_a_file_keeps_version_1_once(ask, deal, document):
    assert ask("sow", "new", "900100", "--file", document(), "--by", "ada")["version"] == 1

    refused = ask("sow", "new", "900100", "--file", document(title="Other"), code=1)

    assert refused["refused"] == "ada has made version 1 since you began with an empty page."
    assert StatementOfWork.objects.count() == 1


def test_show_tells_hours_due_dates_roles_and_sign_offs(ask, run, deal, document):
    ask("sow", "new", "900100", "--file", document(), "--by", "pia")
    due = {"The hub runs": "2026-06-30"}
    tell(deal, "dates.agreed", start_on="2026-04-01", end_on="2027-03-31", deliverables=due)

    said = ask("sow", "show", "900100")

    assert (said["version"], said["by"], said["total"]) == (1, "pia", {"low_h": 4, "high_h": 8})
    assert said["deliverables"][0]["due_on"] == "2026-06-30"
    assert said["by_role"] == [{"role": "Tech Lead", "low_h": 4, "high_h": 8}]
    assert [one["by"] for one in said["sign_offs"]] == [None, None, None]
    assert run("sow", "show", "900100").out.splitlines() == [
        "A hub: version 1 by pia.",
        "  The hub runs: 4–8 h, due 2026-06-30",
        "      done when: It answers.",
        "All together: 4–8 h.",
        "  Tech Lead: 4–8 h",
        "  Head of Product: has not signed off",
        "  Tech Lead: has not signed off",
        "  BD Lead: has not signed off",
    ]


def test_edit_keeps_a_new_version_and_the_same_file_none(ask, deal, document):
    ask("sow", "new", "900100", "--file", document())

    changed = ask("sow", "edit", "900100@1", "--file", document(high="20"))
    same = ask("sow", "edit", "900100", "--file", document(high="20"))

    assert (changed["version"], changed["new"]) == (2, True)
    assert (same["version"], same["new"]) == (2, False)


def test_edit_of_a_version_that_was_overtaken_is_refused(ask, rows, deal, document):
    ask("sow", "new", "900100", "--file", document())
    ask("sow", "edit", "900100@1", "--file", document(high="20"), "--by", "pia")
    before = rows()

    refused = ask("sow", "edit", "900100@1", "--file", document(low="1"), code=1)

    assert refused["refused"] == (
        "pia has made version 2 since you began with version 1. They changed “The hub runs”."
    )
    assert rows() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"low": "9"}, "Line 14: 'Set it up / 9h / 8h / Tech Lead': 9 is above 8."),
        ({"low": "-1"}, "Line 14: 'Set it up / -1h / 8h / Tech Lead': hours cannot be negative."),
        ({"role": "Wizard"}, "Deliverable 1, item 1, role: Nobody of the team is 'Wizard'."),
        ({"title": "Overview"}, "Line 3: 'Deliverables' has no deliverable below it."),
    ],
)
def test_file_that_makes_no_sense_is_refused_with_line_or_field(
    ask, rows, deal, document, change, words
):
    before = rows()

    refused = ask("sow", "new", "900100", "--file", document(**change), code=1)

    assert refused["refused"].startswith(words)
    assert rows() == before


def test_file_of_ten_megabytes_is_refused(ask, rows, deal, tmp_path):
    path = tmp_path / "big.md"
    path.write_bytes(b"x" * 10_000_000)
    before = rows()

    for words in (["sow", "new", "900100", "--file"], ["import", "sow", "--deal", "900100"]):
        assert "a statement of work has a few pages" in ask(*words, path, code=1)["refused"]
    assert rows() == before


def test_import_and_edit_of_one_document_say_the_same(ask, deal, document):
    imported = ask("import", "sow", document(), "--deal", "900100")

    kept = ask("sow", "edit", "900100", "--file", document())

    assert kept["new"] is False
    assert {name: kept[name] for name in ("title", "total", "people")} == {
        name: imported[name] for name in ("title", "total", "people")
    }


def test_diff_tells_what_changed_in_hours_and_words(ask, deal, document):
    ask("sow", "new", "900100", "--file", document())
    ask("sow", "edit", "900100", "--file", document(high="20"))

    said = ask("sow", "diff", "900100", "1", "2")

    assert said["total"] == {
        "before": {"low_h": 4, "high_h": 8}, "after": {"low_h": 4, "high_h": 20},
    }  # fmt: skip
    assert said["changed"][0]["items"] == {
        "added": ["Set it up: 4–20 h, Tech Lead"], "removed": ["Set it up: 4–8 h, Tech Lead"],
    }  # fmt: skip
    assert [line for line in said["lines"] if line[0] in "+-"] == ["-  - 8h", "+  - 20h"]
    assert ask("sow", "diff", "900100", "2", "2")["lines"] == []


def test_sign_is_of_the_version_named_and_refused_for_an_older_one(ask, deal, document):
    ask("sow", "new", "900100", "--file", document())
    ask("sow", "edit", "900100", "--file", document(high="20"), "--by", "pia")

    refused = ask("sow", "sign", "900100@1", "tech_lead", "--by", "tom", code=1)
    signed = ask("sow", "sign", "900100@2", "Tech Lead", "--by", "tom")

    assert refused["refused"] == "You read version 1, and pia has made version 2 since."
    assert [(one["role"], one["by"]) for one in signed["sign_offs"]] == [
        ("head_of_product", None), ("tech_lead", "tom"), ("bd_lead", None),
    ]  # fmt: skip


def test_export_writes_the_public_part_and_markdown_reads_back(ask, deal, tmp_path):
    statement = write(deal, DRAFT, price_note="9,000 is the least.")

    for kind in ("md", "pdf"):
        said = ask("sow", "export", "900100", "--format", kind, tmp_path / f"sow.{kind}")
        assert (said["version"], said["format"]) == (1, kind)

    text = (tmp_path / "sow.md").read_text()
    assert parse(text).as_json() == statement.content
    assert "9,000" not in text
    assert (tmp_path / "sow.pdf").read_bytes()[:5] == b"%PDF-"


def test_export_of_an_older_version_is_that_version(ask, deal, tmp_path):
    write(deal, DRAFT)
    write(deal, draft(title="Newer"))

    ask("sow", "export", "900100@1", "--format", "md", tmp_path / "sow.md")

    assert parse((tmp_path / "sow.md").read_text()).title == "A hub for the atlas"


@pytest.mark.parametrize(
    "words",
    [
        ["sow", "show", "900100"],
        ["sow", "show", "nobody"],
        ["sow", "diff", "900100", "1", "2"],
        ["sow", "sign", "900100", "tech_lead", "--by", "tom"],
        ["sow", "edit", "900100", "--file", "nowhere.md"],
        ["sow", "export", "900100", "--format", "md", "out.md"],
        ["sow", "new", "900100", "--file", "nowhere.md"],
    ],
)
def test_what_is_not_there_is_refused_with_a_remedy(ask, deal, words):
    said = ask(*words, code=1)

    assert said["refused"]
    assert said["remedy"]
