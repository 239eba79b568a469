"""An issue that is closed as completed shows that a deliverable is done; nothing else does."""

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.test_github import REPOSITORY, github, issue  # noqa: F401 -- a fixture
from tests.handoff.world import apply
from throughline.handoff.outside.github import client_from_settings, issue_numbers
from throughline.intake.evidence import collect_issues

pytestmark = pytest.mark.django_db
BY = "ada"


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path


@pytest.fixture
def engagement():
    return make_engagement(name="EarthScope 2026")


def look(engagement):
    kept = collect_issues(engagement, connect=client_from_settings, by=BY, at=NOON)
    return {one.deliverable.code: (one.state, one.text, one.link) for one in kept}


def test_issue_closed_as_completed_is_evidence_and_open_or_given_up_is_none(github, engagement):  # noqa: F811 -- the fixture
    apply(engagement)
    done, dropped, worked = (
        issue(github, engagement, f"new-hub:phase-{number}") for number in (0, 1, 2)
    )
    done.state, done.state_reason = "closed", "completed"
    dropped.state, dropped.state_reason = "closed", "not_planned"
    worked.assignees = ["grace", "ada"]

    found = look(engagement)

    def at(number):
        return f"https://github.com/{REPOSITORY}/issues/{number}"

    name = f"{REPOSITORY}#"
    assert found["phase-0"] == (
        "found", f"{name}{done.number} was closed as completed on 2 November 2026.",
        at(done.number),
    )  # fmt: skip
    assert found["phase-1"] == (
        "absent", f"{name}{dropped.number} is closed as not planned: nothing says that it was done.",
        at(dropped.number),
    )  # fmt: skip
    assert found["phase-2"] == (
        "absent", f"{name}{worked.number} is open, with grace, ada.", at(worked.number),
    )  # fmt: skip
    assert found["phase-3"][1].endswith("is open, with nobody.")


def test_second_look_that_says_the_same_keeps_nothing(github, engagement):  # noqa: F811 -- the fixture
    apply(engagement)
    look(engagement)

    assert look(engagement) == {}


def test_github_that_cannot_be_asked_is_unavailable_and_not_absent(github, engagement):  # noqa: F811 -- the fixture
    apply(engagement)
    github.tokens.clear()

    assert {state for state, _text, _link in look(engagement).values()} == {"unavailable"}


def test_deliverable_without_an_issue_says_what_to_do(github, engagement, settings):  # noqa: F811 -- the fixture
    settings.GITHUB_REPOSITORY = ""
    apply(engagement)
    settings.GITHUB_REPOSITORY = REPOSITORY

    assert issue_numbers(engagement) == {}
    assert set(look(engagement).values()) == {
        ("absent", "It has no issue yet: apply the handoff.", "")
    }


def test_where_github_is_not_connected_issues_are_unavailable_and_that_is_said_once(engagement):
    apply(engagement)

    first, again = look(engagement), look(engagement)

    assert set(first.values()) == {
        (
            "unavailable",
            "GitHub is not connected: an administrator sets THROUGHLINE_GITHUB_REPOSITORY.",
            "",
        )
    }
    assert again == {}
