"""A month by commands alone: bills and users in, whose they are, reviewed, sent, exported, closed."""

import pytest

from tests.billing.line import make_served

COSTS = """\
"Linked account","012345678901","222222222222","Total costs($)"
"Linked account name","EarthScope($)","Management($)","Total costs($)"
"Linked account total","100.005","7.5","107.505"
"2026-04-01","100.005","7.5","107.505"
"""
MAU = "cluster,date,unique_users\nearth,2026-04-30,280\nmaple-x,2026-04-30,N/A\n"
TEMPLATE = "INVOICE_NO,CUSTOMER_ID,CREATED_DATE,DUE_DATE,TOTAL_DUE,LINE_NO,ACCT_NO,AMOUNT\n"
IMPORTED = {
    "months", "rows", "matched", "unassigned", "total", "provider_total", "unchanged", "changes",
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


@pytest.fixture
def earth(db, home):
    return make_served("earth", hubspot_id="77")[0]


def test_bill_answers_with_exactly_the_totals_of_its_provider(ask, earth, files):
    path = files("costs.csv", COSTS)

    document = ask("import", "costs", path, "--provider", "aws")

    assert set(document) == IMPORTED | {"currency"}
    assert document["months"] == ["2026-04"]
    assert (document["rows"], document["matched"]) == (2, 1)
    assert document["unassigned"] == [
        {"account": "222222222222", "name": "Management", "total": "7.50"}
    ]
    assert document["total"] == document["provider_total"] == {"2026-04": "107.51"}
    again = ask("import", "costs", path, "--provider", "aws")
    assert again == document | {"unchanged": True}


def test_users_answer_with_whole_numbers_and_warn_of_blanks(run, earth, files):
    ran = run("import", "mau", files("mau.csv", MAU), "--json")

    assert set(ran.json) == IMPORTED | {"blank", "rejected"}
    assert (ran.code, ran.json["total"], ran.json["matched"]) == (0, {"2026-04": 280}, 1)
    assert ran.json["unassigned"] == [{"account": "maple-x", "name": "maple-x", "total": 0}]
    assert ran.err == "warning: maple-x in 2026-04: nobody knows how many; look by hand.\n"


def test_row_of_users_that_makes_no_sense_is_told_with_exit_code_1(run, earth, files):
    ran = run("import", "mau", files("mau.csv", MAU + "earth,2026-05-31,many\n"), "--json")

    assert (ran.code, [one["row"] for one in ran.json["rejected"]]) == (1, [4])


@pytest.mark.parametrize(
    "words",
    [
        ("import", "costs", "none.csv", "--provider", "aws"),
        ("import", "mau", "none.csv"),
        ("billing", "month", "2026-13"),
        ("billing", "review", "2026-04"),
        ("billing", "send", "2026-04"),
        ("billing", "close", "2026-04"),
        ("billing", "assign", "none", "--ours", "x"),
        ("billing", "split", "none", "--part", "1=1", "--from", "2026-04"),
        ("billing", "correct", "2026-04", "x", "--account", "1", "--why", "x"),
        ("billing", "correct", "2026-04", "-5", "--why", "x"),
        ("billing", "count", "earth", "2026-04", "many", "--why", "x"),
        ("billing", "receipt", "TL-1", "2"),
        ("billing", "bear", "1", "--why", "x"),
        ("billing", "customer", "1", "C-1"),
        ("billing", "export", "2026-04", "x.csv"),
    ],
)
def test_refusal_says_what_to_do_and_changes_nothing(run, rows, words, home):
    before = rows()

    ran = run(*words, "--json")

    assert (ran.code, set(ran.json)) == (1, {"refused", "remedy"})
    assert ran.json["remedy"] != ""
    assert rows() == before


def test_broken_bill_is_refused_whole(run, rows, files, home):
    before = rows()

    ran = run("import", "costs", files("c.csv", COSTS[:-9]), "--provider", "aws", "--json")

    assert (ran.code, ran.json["refused"].split(":")[0]) == (1, "c.csv, line 4")
    assert rows() == before


def test_month_by_commands_alone(ask, run, earth, files, tmp_path):
    ask("import", "costs", files("costs.csv", COSTS), "--provider", "aws")
    run("import", "mau", files("mau.csv", MAU))
    ask("billing", "assign", "222222222222", "--ours", "The payer account.")
    ask("billing", "count", "earth", "2026-04", "100", "--why", "Two sources differ.")
    ask("billing", "correct", "2026-04", "-10", "--engagement", "77", "--cluster", "earth",
        "--credit", "--why", "Promised.")  # fmt: skip

    month = ask("billing", "month", "2026-04")
    assert [(one["cost"], one["users"], one["usage_fee"]) for one in month["cells"]] == [
        ("100.01", 100, "550.00")
    ]
    assert (month["ours"], month["unassigned"], month["checks"]) == ("7.50", "0.00", True)
    assert ask("billing", "unbilled", "--on", "2026-06-01")["total"] == "640.01"

    ask("billing", "review", "2026-04", "--by", "ada")
    assert run("billing", "send", "2026-04", "--by", "ada").code == 1
    assert ask("billing", "send", "2026-04", "--by", "sol")["state"] == "sent"
    invoice = ask("billing", "month", "2026-04")["invoices"][0]["invoice"]
    assert ask("billing", "unbilled", "--on", "2026-06-01")["total"] == "0.00"

    ask("billing", "customer", "77", "C-1")
    filled = tmp_path / "filled.csv"
    template = files("template.csv", TEMPLATE)
    written = ask("billing", "invoices", "2026-04", filled, "--template", template)
    assert (written["rows"], written["total"]) == (3, "640.01")
    assert filled.read_text().splitlines()[1].split(",")[:2] == [invoice, "C-1"]
    assert ask("billing", "export", "2026-04", tmp_path / "all.csv")["total"] == "647.51"

    ask("billing", "receipt", invoice, "INV-9")
    assert ask("billing", "close", "2026-04")["state"] == "closed"
    assert [one["state"] for one in ask("billing", "months")] == ["closed"]


def test_shared_account_is_split_by_a_command(ask, earth, files):
    ask("import", "costs", files("costs.csv", COSTS), "--provider", "aws")

    made = ask("billing", "split", "earth", "--part", "77=3", "--part", "ours=1",
               "--from", "2026-04")  # fmt: skip

    assert made == {
        "account": "012345678901", "version": 1, "from_month": "2026-04", "method": "fixed",
    }  # fmt: skip
    month = ask("billing", "month", "2026-04")
    assert (month["communities"], month["ours"]) == ("75.01", "25.00")
