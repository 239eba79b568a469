"""What is written is what is read: authoring, export and import agree."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.sales.statement_drafts import DRAFT, DRAFTS, draft
from throughline.intake.authoring import publish_draft, template_text
from throughline.intake.statement_of_work import parse
from throughline.playbook.loader import shipped
from throughline.sales.statements.content import draft_of
from throughline.sales.statements.drafts import DraftRefused
from throughline.sales.statements.render import markdown

REAL = Path(__file__).resolve().parents[3] / "shared" / "real" / "statements-of-work"
PLAYBOOK = shipped()


def read(text):
    """Return what a document says; a warning without the number of its line."""
    content = parse(text).as_json()
    content["warnings"] = [
        one | {"message": one["message"].partition(": ")[2]} for one in content["warnings"]
    ]
    return content


def said(content):
    return {name: value for name, value in content.items() if name != "warnings"}


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["binder-ci-cd", "canvas-authentication", "nbgitpuller-error-handling", "sow-template"]
)
def test_real_document_exported_reads_back_the_same(name):
    path = REAL / f"{name}.md"
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository")
    content = read(path.read_text(encoding="utf-8"))

    assert read(markdown(content)) == content
    assert read(markdown(content, version=3)) == content


@pytest.mark.real
def test_real_document_keeps_its_words():
    path = REAL / "nbgitpuller-error-handling.md"
    if not path.exists():
        pytest.skip("nbgitpuller-error-handling is not beside the repository")
    content = read(path.read_text(encoding="utf-8"))

    assert content["background"].startswith("`nbgitpuller` is a Jupyter Server extension")
    assert content["overhead_text"].endswith(
        "We will assume that two separate developers incur this cost."
    )
    assert [one["heading"] for one in content["sections"]] == ["Relevant GitHub Issues", "Timeline"]
    assert "[JupyterHub](https://github.com/jupyterhub/jupyterhub)" in content["technical_details"]
    assert "SHARED BLOCK" not in markdown(content)


def test_draft_is_published_as_a_document_that_says_the_same():
    text, content = publish_draft(DRAFT, playbook=PLAYBOOK)

    assert content == {
        "title": "A hub for the atlas",
        "deliverables": [
            {
                "title": "The hub runs",
                "definition_of_done": ["Anybody of the atlas can sign in."],
                "items": [
                    {
                        "text": "Set it up", "low_h": 4, "high_h": 8,
                        "role": "Infrastructure Engineer",
                    },
                    {"text": "Talk to their IT", "low_h": 1.5, "high_h": 6, "role": "Tech Lead"},
                ],
                "low_h": 5.5,
                "high_h": 14,
                "stated_low_h": None,
                "stated_high_h": None,
                "people": ["Infrastructure Engineer", "Tech Lead", "App Engineer"],
                "risks": ["Their IT is slow."],
                "overview": "A hub of their own.",
                "demo": "Somebody signs in.",
            },
            {
                "title": "The maps open",
                "definition_of_done": ["A map opens within five seconds."],
                "items": [{"text": "Move the maps", "low_h": 2, "high_h": 3}],
                "low_h": 2,
                "high_h": 3,
                "stated_low_h": None,
                "stated_high_h": None,
                "people": [],
                "risks": [],
            },
        ],
        "overhead": {
            "items": [{"text": "Meet", "low_h": 1, "high_h": 2, "role": "Delivery"}],
            "low_h": 1,
            "high_h": 2,
        },
        "total": {"low_h": 8.5, "high_h": 19},
        "people": [
            {"role": role, "count": 1, "text": role}
            for role in ("Infrastructure Engineer", "Tech Lead", "App Engineer")
        ],
        "out_of_scope": ["A second hub."],
        "warnings": [],
        "background": "The maps lie on *one* disk.",
        "technical_details": "- JupyterHub\n- [a bucket](https://bucket.example)",
        "sections": [
            {"heading": "Links", "text": "See <https://atlas.example>.", "place": "after"}
        ],
        "overhead_text": "We meet each week.",
    }  # fmt: skip
    assert parse(text).as_json() == content
    assert parse(markdown(content)).as_json() == content


@settings(max_examples=150)
@given(DRAFTS)
def test_any_draft_is_refused_by_field_or_reads_back_the_same(wanted):
    try:
        text, content = publish_draft(wanted, playbook=PLAYBOOK)
    except DraftRefused as refused:
        problems = refused.problems
        text = content = None

    if content is None:
        assert [one for one in problems if not one.path or not one.message] == []
        return

    assert said(parse(text).as_json()) == said(content)
    assert said(parse(markdown(content)).as_json()) == said(content)
    assert said(publish_draft(draft_of(content), playbook=PLAYBOOK)[1]) == said(content)


def test_zero_to_some_hours_are_written_as_a_cap_and_read_as_such():
    wanted = draft()
    wanted["deliverables"][1]["items"][0] |= {"low_h": "0", "high_h": "20"}

    text, content = publish_draft(wanted, playbook=PLAYBOOK)

    assert text.count("up to 20h") == 1
    assert content["deliverables"][1]["items"] == [
        {"text": "Move the maps", "low_h": 0, "high_h": 20}
    ]
    assert content["warnings"] == []


@pytest.mark.parametrize("minutes", [1, 7, 20, 40, 59])
def test_minutes_read_back_as_the_same_hours(minutes):
    items = f"- Build: {minutes}m to 2h\n" * 3
    content = parse(f"## Deliverables\n\n### One\n\n#### Estimates\n\n{items}").as_json()

    assert content["total"]["low_h"] == round(minutes / 20, 4)
    assert said(parse(markdown(content)).as_json()) == said(content)


def test_template_of_ours_can_be_read_and_names_the_deal():
    content = parse(template_text('A "quoted": title')).as_json()

    assert content["title"] == 'A "quoted": title'
    assert [one["title"] for one in content["deliverables"]] == ["<DELIVERABLE>"]
    assert content["total"] == {"low_h": 0, "high_h": 0}
