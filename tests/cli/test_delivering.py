"""Deliverables, projects and joint work on the command line."""

import pytest

from tests.factories import NOON, PS, make_deliverable, make_engagement
from tests.sales.agreements_world import amend, sign_all
from throughline.delivery.actions.structure import put_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def engagement(db):
    return make_engagement(name="Coral", hubspot_id="900100")


@pytest.fixture
def number(engagement):
    return make_deliverable(engagement).pk


def test_a_deliverable_is_owned_worked_on_and_moved(ask, number):
    assert ask("deliverable", "own", number, "pia")["owner"] == "pia"
    spent = ask("deliverable", "spend", number, "2.5", "--on", "2026-03-01", "--note", "Cluster")
    assert spent["spent_h"] == 2.5
    moved = ask("deliverable", "replan", number, "2026-05-04", "--because", "No quota.")
    assert moved["due_on"] == "2026-05-04"


def test_points_are_ticked_by_number_and_taken_back(ask, engagement, number):
    made = ask("deliverable", "add", engagement.number, "new-hub", "Tidy", "--point", "It is tidy.",
               "--hours", "1", "2.5", "--due", "2026-05-04")  # fmt: skip
    assert (made["promise"], made["low_h"], made["high_h"]) == (None, 1.0, 2.5)

    ticked = ask("deliverable", "tick", made["number"], 1, "--by", "pia")
    assert [(one["text"], one["by"]) for one in ticked["points"]] == [("It is tidy.", "pia")]
    undone = ask("deliverable", "tick", made["number"], 1, "--undo", "--by", "pia")
    assert [one["at"] for one in undone["points"]] == [None]


def test_what_waits_for_what_is_said_and_taken_back(ask, engagement, number):
    second = make_deliverable(engagement, "phase-2").pk

    waiting = ask("deliverable", "need", second, number)
    assert (waiting["needs"], waiting["waits_for"]) == ([number], [number])
    refused = ask("deliverable", "need", number, second, code=1)
    assert refused["remedy"] == "Take one of the two back first."
    assert ask("deliverable", "need", second, number, "--no-more")["needs"] == []


def test_scope_changes_by_an_amendment_and_gaps_are_listed(ask, engagement, number):
    amendment = amend(engagement.deal, kind="amendment", scope="Less.").pk
    refused = ask("deliverable", "drop", number, "--amendment", amendment, "--because", "x", code=1)
    assert refused["remedy"] == "Have it signed first."
    sign_all(engagement.deal)

    changed = ask("deliverable", "rescope", number, "--amendment", amendment, "--because", "Less.",
                  "--point", "It runs.", "--hours", "1", "2")  # fmt: skip
    assert (changed["definition_of_done"], changed["high_h"]) == (["It runs."], 2.0)
    clause = ask("deliverable", "clause", engagement.number, "§ 1", "A hub.",
                 "--agreement", amendment)  # fmt: skip
    assert set(clause) == {"clause", "engagement", "name", "text"}
    gaps = ask("deliverable", "promises", engagement.number)
    assert {(one["code"], one["text"]) for one in gaps} >= {
        ("promise_without_work", "§ 1: A hub."), ("work_without_promise", "Phase 1"),
    }  # fmt: skip
    served = ask("deliverable", "serve", number, "clause: § 1")
    assert served["promise"] == "clause: § 1"
    dropped = ask("deliverable", "drop", number, "--amendment", amendment, "--because", "No.")
    assert dropped["state"] == "dropped"


def test_a_project_is_begun_and_its_tables_say_what_is_missing(ask, engagement):
    begun = ask("project", "begin", engagement.number, "event", "--on", "2026-06-20")
    assert (begun["project"], len(begun["deliverables"])) == ("event", 3)

    tables = ask("project", "tell", engagement.number, "event", "project.attendees", "40")
    planned = next(one for one in tables if one["deliverable"] == "event-planned")
    assert set(planned) == {"project", "deliverable", "title", "ready", "missing", "fields"}
    assert "project.attendees" not in planned["missing"]
    assert ask("project", "ready", engagement.number) == tables
    assert ask("project", "season", engagement.number) is None


def test_joint_work_is_opened_started_and_left(ask, engagement, number):
    make_engagement(name="Reef", hubspot_id="900200")

    opened = ask("joint", "open", engagement.number, "new-hub", "Shared hub", "--share", "900100",
                 "3", "--share", "900200", "1", "--threshold", "2")  # fmt: skip
    assert [(one["deal"], one["pct"], one["signed"]) for one in opened["shares"]] == [
        ("900100", 75.0, True), ("900200", 25.0, True),
    ]  # fmt: skip
    work = opened["joint_work"]
    assert ask("joint", "list") == [opened]
    assert ask("joint", "start", work)["started_at"] is not None
    priced = ask("joint", "price", work, "30000", "--currency", "eur")
    assert (priced["price"], priced["currency"], [one["money"] for one in priced["shares"]]) == (
        "30000.00", "EUR", ["22500.00", "7500.00"],
    )  # fmt: skip
    assert ask("joint", "price", work, "much", code=1)["refused"] == "'much' is not an amount."
    left = ask("joint", "leave", work, "900200", "--because", "No money.")
    assert (left["shares"][0]["pct"], left["left"]) == (
        100.0, [{"deal": "900200", "why": "No money."}],
    )  # fmt: skip
    assert ask("joint", "show", work) == left
    assert ask("joint", "show", 999, code=1)["refused"] == "There is no joint work 999."
    joined = ask("joint", "join", work, "900200", "1", code=1)
    assert joined["remedy"] == "Open another joint work."


def test_services_are_listed_and_said_of_month_by_month(ask, engagement):
    put_service(engagement.number, "support", title="Support", rhythm="monthly", by=PS, at=NOON)

    missed = ask("service", "check", engagement.number, "support", "2026-05", "--not-given",
                 "--note", "Nobody was there.", "--by", "pia")  # fmt: skip
    assert ask("service", "list", engagement.number) == [missed]
    assert set(missed) == {"service", "engagement", "code", "title", "rhythm", "months"}
    [month] = missed["months"]
    assert month | {"at": ""} == {
        "month": "2026-05", "given": False, "note": "Nobody was there.", "by": "pia", "at": "",
    }  # fmt: skip
    given = ask("service", "check", engagement.number, "support", "2026-05", "--given")
    assert [(one["month"], one["given"]) for one in given["months"]] == [("2026-05", True)]
    unknown = ask("service", "check", engagement.number, "x", "2026-05", "--given", code=1)
    assert unknown["remedy"] == "It has: support."
    bad = ask("service", "check", engagement.number, "support", "2026-13", "--given", code=1)
    assert bad == {"refused": "'2026-13' is no month.", "remedy": "Write it as YYYY-MM."}


def test_a_review_goes_from_its_agenda_to_its_minutes(ask, engagement, tmp_path):
    agenda = ask("meeting", "agenda")
    assert [one["code"] for one in agenda["parts"]] == ["new", "off", "risk", "stale"]
    assert ask("meeting", "close", code=1)["remedy"] == "Open one: `throughline meeting open`."
    opened = ask("meeting", "open", "--by", "bo")
    made = ask("meeting", "decide", "Ask again.", "--of", engagement.number, "--owner", "pia",
               "--due", "2026-05-01", "--by", "bo")  # fmt: skip
    ask("meeting", "decide", "Meet on Mondays.", "--by", "bo")
    assert (made["engagement"], made["owner"], made["due_on"]) == (
        engagement.number, "pia", "2026-05-01",
    )  # fmt: skip
    assert [one["text"] for one in ask("meeting", "decisions")] == [
        "Ask again.", "Meet on Mondays.",
    ]  # fmt: skip
    assert ask("meeting", "settle", made["decision"], "--by", "pia")["settled_by"] == "pia"

    closed = ask("meeting", "close", "--by", "bo")

    file = tmp_path / "minutes.md"
    written = ask("meeting", "minutes", opened["meeting"], "--to", file)
    assert file.read_text() == closed["minutes"] == written["minutes"]
    assert "- Decided: Meet on Mondays.\n" in closed["minutes"]
    assert [one["closed_by"] for one in ask("meeting", "list")] == ["bo"]
    assert ask("meeting", "minutes", 999, code=1)["refused"] == "There is no review 999."


def test_a_file_is_brought_as_evidence_and_written_out_again(ask, number, tmp_path):
    shown = tmp_path / "login.png"
    shown.write_bytes(b"\x89PNG\r\n\x1a\n")

    kept = ask("deliverable", "prove", number, "--evidence", "The login.", "--file", shown,
               "--by", "pia")  # fmt: skip
    done = ask("deliverable", "done", number, "--file", shown, "--by", "pia")

    assert (kept["file"]["name"], kept["by"], kept["text"]) == ("login.png", "pia", "The login.")
    assert [one["file"] for one in done["evidence"]] == [kept["file"]] * 2
    ask("deliverable", "evidence-file", kept["file"]["sha256"], tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes() == shown.read_bytes()
    assert ask("deliverable", "evidence-file", "0" * 64, tmp_path / "x", code=1)["refused"] == (
        "No evidence has the file 000000000000."
    )
    gone = ask("deliverable", "prove", number, "--file", tmp_path / "gone.png", code=1)
    assert gone["remedy"] == "Check the path."
