"""`throughline capacity …` and `import people`: the documents, the words and the exit codes."""

from pathlib import Path

import pytest

from throughline.capacity.models import CapacityAnswer, Demand, Hold
from throughline.sales.models import StatementOfWork

SOW = """# Alpha

## Deliverables

### Deliverable 1: Do it

#### Estimates

:::{estimate-table}
- - Do it
  - 10h
  - 20h
:::

#### Who works on this?

- Infrastructure Engineer
"""
TEAM = """name,roles,weekly_hours,billable_share,from,to,country
Ada,Infra Eng;Tech Lead,40,0.5,,,
Bo,App Engineer,40,,,,DE
"""
REAL = Path(__file__).resolve().parents[3] / "shared" / "real" / "statements-of-work"
STATEMENTS = sorted(REAL.glob("*.md")) or [None]
KEYS = {
    "answer", "sentence", "start_on", "finish_p50_on", "finish_p80_on", "finish_p95_on", "limits",
    "only_if", "start_weeks_later", "low_h", "high_h", "pairs", "expires_on", "assumptions",
}  # fmt: skip


@pytest.fixture
def sow(tmp_path):
    path = tmp_path / "sow.md"
    path.write_text(SOW, encoding="utf-8")
    return path


@pytest.fixture
def team(tmp_path, ask):
    path = tmp_path / "people.csv"
    path.write_text(TEAM, encoding="utf-8")
    return ask("import", "people", path)


@pytest.fixture
def deal(ask, sow):
    number = ask("deal", "create", "Alpha", "--owner", "bea")["deal"]
    ask("import", "sow", sow, "--deal", number)
    return number


def test_import_people_counts_and_exits_1_where_a_row_is_rejected(ask, tmp_path, team):
    bad = tmp_path / "bad.csv"
    bad.write_text(TEAM + "Eve,Wizard,40,,,,\n", encoding="utf-8")

    found = ask.run("import", "people", bad, "--json")

    assert team == {"created": 2, "updated": 0, "unchanged": 0, "rejected": []}
    assert (found.code, found.json["unchanged"], found.json["rejected"][0]["row"]) == (1, 2, 4)
    assert ask.run("import", "people", bad).out.splitlines()[0] == (
        "0 created, 0 updated, 2 unchanged, 1 rejected."
    )


def test_ask_about_a_file_keeps_nothing_and_exits_0_whatever_the_answer(ask, sow, team):
    found = ask("capacity", "ask", "--sow", sow, "--start", "2027-03-01")

    assert set(found) == KEYS
    assert (found["answer"], found["start_on"], found["low_h"], found["high_h"]) == (
        "yes", "2027-03-01", 10, 20,
    )  # fmt: skip
    assert found["finish_p95_on"] == "2027-03-05"
    assert (StatementOfWork.objects.count(), Demand.objects.count()) == (0, 0)


def test_ask_without_people_is_only_if_naming_the_role(ask, sow):
    found = ask("capacity", "ask", "--sow", sow)

    assert (found["answer"], found["only_if"]) == (
        "only_if", ["somebody for Infrastructure Engineer (20 h)"],
    )  # fmt: skip


def test_ask_about_a_deal_says_it_in_one_sentence_and_lists_what_was_assumed(ask, deal, team):
    lines = ask.run("capacity", "ask", deal, "--start", "2027-03-01").out.splitlines()

    assert lines[0] == "Yes – Infrastructure Engineer is the limit (100 % in week 9)."
    assert lines[3] == "  finished by 2027-03-05 in 95 of 100 cases"
    assert lines[4].startswith("  assumed: ")
    assert lines[-1].endswith("once PS gives it: `throughline capacity answer`.")


@pytest.mark.parametrize("words", [[], ["7", "--sow", "sow.md"]])
def test_ask_about_nothing_or_two_things_is_wrong_usage(run, words):
    assert run("capacity", "ask", *words).code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ask", "7"], "There is no deal 7."),
        (["ask", "--sow", "nowhere.md"], "nowhere.md cannot be read: No such file or directory."),
        (["ask", "7", "--start", "soon"], "'soon' is not a date."),
        (["away", "Eve", "2026-03-02", "2026-03-03"], "The team has no 'Eve'."),
    ],
)
def test_capacity_commands_refuse_what_they_cannot_do(ask, words, message):
    assert ask("capacity", *words, code=1)["refused"] == message


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        (
            ("Infrastructure Engineer", "Wizard"),
            "Line 17: Deliverable 1, 'Deliverable 1: Do it': nobody of the team is Wizard.",
        ),
        (("10h", "-10h"), "Line 10: 'Do it / -10h / 20h': hours cannot be negative."),
        (("10h", "30h"), "Line 10: 'Do it / 30h / 20h': 30 is above 20."),
        (("10h", "many"), "Line 10: 'Do it / many / 20h': the hours cannot be read."),
    ],
)
def test_ask_about_a_statement_that_makes_no_sense_is_refused_with_its_line(
    ask, sow, team, wrong, refused
):
    sow.write_text(SOW.replace(*wrong), encoding="utf-8")

    found = ask("capacity", "ask", "--sow", sow, code=1)

    assert found["refused"] == refused
    assert found["remedy"]


def test_ask_from_a_day_that_is_over_counts_from_today_and_says_so(ask, sow, team):
    found = ask("capacity", "ask", "--sow", sow, "--start", "2020-01-06")

    assert found["assumptions"][0] == "2020-01-06 is over: the work is counted from today."
    assert found["start_on"] > "2020-01-06"


def test_team_is_kept_by_those_who_may_by_commands_too(ask, tmp_path, team):
    people = tmp_path / "people.csv"
    ask("user", "add", "bea", "--role", "bd")

    imported = ask("import", "people", people, "--by", "bea", code=1)
    away = ask("capacity", "away", "Ada", "2027-03-01", "2027-03-05", "--by", "bea", code=1)

    assert [one["refused"] for one in (imported, away)] == ["bea may not keep the team."] * 2


def test_answer_is_written_down_with_its_holds_by_somebody_else_than_the_owner(ask, deal, team):
    by_owner = ask("capacity", "answer", deal, "yes", "--by", "bea", code=1)
    assert (CapacityAnswer.objects.count(), Hold.objects.count()) == (0, 0)

    found = ask(
        "capacity", "answer", deal, "only_if", "--only-if", "Ada stays", "--only-if", "no leave",
        "--assuming", "hubs stay", "--note", "call me", "--expires", "2030-01-01", "--by", "pia",
    )  # fmt: skip

    assert by_owner["refused"] == "A capacity answer needs two persons, and bea did the first part."
    assert (found["answer"], found["only_if"], found["assumptions"], found["note"]) == (
        "only_if", ["Ada stays", "no leave"], ["hubs stay"], "call me",
    )  # fmt: skip
    assert (found["by"], found["expires_on"], found["held_h"], found["how"]) == (
        "pia", "2030-01-01", 20.0, "countered",
    )  # fmt: skip


def test_answer_from_a_day_needs_the_day(ask, deal):
    assert ask("capacity", "answer", deal, "yes_from", "--by", "pia", code=1)["remedy"] == (
        "Give start_on as YYYY-MM-DD."
    )
    found = ask("capacity", "answer", deal, "yes_from", "--start", "2030-01-07", "--by", "pia")
    assert found["start_on"] == "2030-01-07"


def test_answer_is_what_the_gate_reads(ask, deal, team):
    ask("capacity", "answer", deal, "yes", "--by", "pia")

    gate = ask("deal", "gate", deal, "--to", "negotiation")

    found = {one["code"]: one["status"] for one in gate["conditions"]}
    assert found["capacity.answered"] == "met"


def test_assign_and_away_change_the_answer(ask, sow, deal, team):
    sow.write_text(SOW.replace("- Infrastructure", "- App Engineer\n- Infrastructure"))
    ask("import", "sow", sow, "--deal", deal)
    ask("capacity", "ask", deal, "--start", "2027-03-01")

    chosen = ask("capacity", "assign", deal, "1.1", "App Eng")
    ask("capacity", "away", "Bo", "2027-03-01", "2027-03-12")
    found = ask("capacity", "ask", deal, "--start", "2027-03-01")

    assert (chosen["role"], found["answer"], found["start_on"]) == (
        "app_engineer", "yes_from", "2027-03-15",
    )  # fmt: skip
    assert ask("capacity", "assign", deal, "1.1", "any")["role"] is None
    assert ask("capacity", "assign", deal, "1.1", "Wizard", code=1)["refused"] == (
        "'Wizard' is no role of the team."
    )


def test_due_date_before_the_start_is_refused_with_the_line(ask, deal, team):
    ask("deal", "record", deal, "dates.agreed", "--value",
        '{"start_on": "2027-03-01", "end_on": "2027-06-30",'
        ' "deliverables": {"Deliverable 1: Do it": "2027-03-31"}}')  # fmt: skip

    found = ask("capacity", "ask", deal, "--start", "2027-04-01", code=1)

    assert found["refused"] == (
        "Line 1, 'Deliverable 1: Do it': it is due 2027-03-31, before it starts 2027-04-01."
    )


@pytest.mark.real
@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: path.stem if path else "none")
def test_real_statements_of_work_get_an_answer_with_and_without_people(ask, team, path):
    if path is None:
        pytest.skip("the organisation's public files are not here (../shared/real)")

    found = ask("capacity", "ask", "--sow", path, "--start", "2027-03-01")

    assert found["answer"] in {"yes", "yes_from"}
    assert found["finish_p50_on"] <= found["finish_p80_on"] <= found["finish_p95_on"]
