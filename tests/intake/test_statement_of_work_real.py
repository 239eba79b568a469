from pathlib import Path

import pytest

from throughline.intake.statement_of_work import parse

REAL = Path(__file__).resolve().parents[3] / "shared" / "real" / "statements-of-work"


def _real(name):
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository")
    return parse(path.read_text(encoding="utf-8")).as_json()


def _sums(sow):
    return [(one["low_h"], one["high_h"]) for one in sow["deliverables"]]


def _codes(sow):
    return [warning["code"] for warning in sow["warnings"]]


@pytest.mark.real
def test_binder_ci_cd_read_gives_the_facts_of_the_file():
    sow = _real("binder-ci-cd.md")

    assert sow["title"] == "A New Binderbot for Remote Execution of MyST Projects"
    assert [one["title"] for one in sow["deliverables"]] == [
        "Build a new CLI for managing an unauthenticated BinderHub session",
        "Build a new GitHub action for managing BinderHub sessions in CI",
        "Support Project Pythia in migrating to the new tool",
    ]
    assert [len(one["definition_of_done"]) for one in sow["deliverables"]] == [4, 3, 2]
    assert [len(one["items"]) for one in sow["deliverables"]] == [4, 4, 5]
    assert _sums(sow) == [(5, 11), (4, 8), (5, 10)]
    assert sow["total"] == {"low_h": 14, "high_h": 29}
    assert sow["deliverables"][0]["definition_of_done"][2] == "The clinder tool has a test suite."
    assert sow["deliverables"][2]["items"][1] == {
        "text": "Update the cookbook actions to use the new clinder tool & deploy to a test branch",
        "low_h": 1,
        "high_h": 2,
    }
    assert sow["people"] == [
        {"role": "App Engineer", "count": 2, "text": "App Engineer (1 implementation, 1 review)"}
    ]
    assert len(sow["out_of_scope"]) == 3
    assert sow["out_of_scope"][1] == (
        "Sidecar state management (i.e. uploading data files to the remote BinderHub session, "
        "modifying the environment variables). See jupyter-environment-provisioner for an example "
        "of updating the environment variables."
    )
    assert sow["overhead"] == {"items": [], "low_h": 0, "high_h": 0}
    assert sow["warnings"] == []


@pytest.mark.real
def test_canvas_authentication_read_gives_the_facts_of_the_file():
    sow = _real("canvas-authentication.md")

    assert sow["title"] == "Sustainable first class Canvas Authentication & Authorization support"
    assert [one["title"] for one in sow["deliverables"]] == [
        "Deliverable 1: Canvas Authentication with GenericOAuthenticator",
        "Deliverable 2: Migrate all production hubs to using Canvas authentication",
        "Deliverable 3: Build jupyterhub_oauthenticator_authz_helpers",
        "Deliverable 4: Upstream governance work towards setting up jupyterhub-contrib",
        "Deliverable 5: Deploy jupyterhub_oauthenticator_authz_helpers to production hubs",
    ]
    assert [len(one["definition_of_done"]) for one in sow["deliverables"]] == [5, 3, 12, 2, 5]
    assert [len(one["items"]) for one in sow["deliverables"]] == [4, 7, 12, 1, 4]
    assert [len(one["risks"]) for one in sow["deliverables"]] == [2, 1, 2, 1, 1]
    assert _sums(sow) == [(12, 20), (25, 41), (51, 98), (0, 20), (12, 18)]
    assert sow["total"] == {"low_h": 100, "high_h": 197}
    assert [one["people"] for one in sow["deliverables"]] == [
        ["Infrastructure Engineer", "Tech Lead"],
        ["Infrastructure Engineer", "Tech Lead"],
        ["Infrastructure Engineer", "App Engineer", "Tech Lead"],
        ["Tech Lead"],
        ["Infrastructure Engineer", "App Engineer", "Tech Lead"],
    ]
    assert [(one["role"], one["count"]) for one in sow["people"]] == [
        ("Infrastructure Engineer", 1),
        ("Tech Lead", 1),
        ("App Engineer", 1),
    ]
    assert sow["deliverables"][3]["items"] == [
        {"text": "Governance and Community Work", "low_h": 0, "high_h": 20}
    ]
    assert sow["out_of_scope"] == []
    assert _codes(sow) == ["capped"]
    assert sow["warnings"][0]["message"].startswith("Line 244: ")


@pytest.mark.real
def test_nbgitpuller_error_handling_read_gives_the_facts_of_the_file():
    sow = _real("nbgitpuller-error-handling.md")

    assert sow["title"] == "Improved Error Handling in nbgitpuller"
    assert [one["title"] for one in sow["deliverables"]] == [
        "Add access to a Jupyter frontend following an nbgitpuller error",
        "Redesign the error handling response for link-consumers",
        "Identify common nbgitpuller errors",
        "Design and integrate dedicated error handlers",
    ]
    assert [len(one["definition_of_done"]) for one in sow["deliverables"]] == [1, 2, 2, 1]
    assert [len(one["items"]) for one in sow["deliverables"]] == [4, 3, 5, 5]
    assert _sums(sow) == [(6, 13), (8, 15), (12, 29), (14, 28)]
    assert sow["overhead"] == {
        "items": [
            {"text": "Become familiar with nbgitpuller architecture", "low_h": 2, "high_h": 4},
            {"text": "Set up development environment", "low_h": 1, "high_h": 2},
        ],
        "low_h": 3,
        "high_h": 6,
    }
    assert sow["total"] == {"low_h": 43, "high_h": 91}
    assert [(one["role"], one["count"]) for one in sow["people"]] == [("App Engineer", 2)]
    assert sow["out_of_scope"] == []
    assert sow["warnings"] == [
        {
            "code": "overhead_per_person",
            "message": "The overhead of 3 to 6 hours is counted once. The document says 2 people; "
            "if each of them has it, the total would be 46 to 97 hours instead of 43 to 91 hours.",
        }
    ]


@pytest.mark.real
def test_template_read_gives_the_facts_of_the_file():
    assert _real("sow-template.md") == {
        "title": "Statement of Work",
        "deliverables": [
            {
                "title": "Deliverable 1",
                "definition_of_done": ["Item 1", "Item 2"],
                "items": [
                    {"text": "Item 1", "low_h": 1, "high_h": 2},
                    {"text": "Item 2", "low_h": 3, "high_h": 6},
                ],
                "low_h": 4,
                "high_h": 8,
                "stated_low_h": None,
                "stated_high_h": None,
                "people": [],
                "risks": [],
            }
        ],
        "overhead": {"items": [], "low_h": 0, "high_h": 0},
        "total": {"low_h": 4, "high_h": 8},
        "people": [
            {
                "role": "App Engineer",
                "count": 2,
                "text": "App Engineer (1 implementation, 1 review)",
            }
        ],
        "out_of_scope": ["Item of work"],
        "warnings": [],
        "sections": [
            {
                "heading": "Timeline",
                "text": "```mermaid\nflowchart TD\n    A[Deliverable 1]\n    X[End]\n    A --> X\n```",
                "place": "after",
            }
        ],
    }
