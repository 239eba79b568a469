"""`budget`, `alert`, `import alert`: what they answer, and what they leave behind."""

import pytest

from tests.factories import make_engagement
from tests.handoff.world import apply, fresh, with_cluster
from tests.intake.alerts.texts import MAIL
from throughline.sales.models import SponsorWork

LINE = {
    "engagement", "deal", "name", "provider", "account", "clusters", "payer", "policy", "currency",
    "ceiling", "ceiling_currency", "prepaid", "spent", "spent_pct", "month", "forecast",
    "monthly_rate", "runs_out_on", "ends_on", "armed", "ways", "tested_at", "to", "violation",
    "alerts_waiting", "as_of", "months",
}  # fmt: skip
ALERT = {
    "number", "about", "account", "engagement", "month", "state", "owner", "acknowledged_by",
    "cause", "decision", "decided_by", "why", "champion_told_at", "credit_asked_at", "opened_at",
    "last_at", "crossings",
}  # fmt: skip


@pytest.fixture
def engagement(db, home):
    made = make_engagement(name="EarthScope 2026")
    with_cluster(made)
    return fresh(made)


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "alert.eml"
    found.write_text(MAIL)
    return found


def test_budget_list_ends_with_3_while_an_account_of_ours_is_watched_by_nothing(run, engagement):
    before = run("budget", "list", "--json")
    apply(engagement)
    after = run("budget", "list", engagement.pk, "--json")

    assert [(set(one), one["violation"], one["armed"]) for one in before.json] == [
        (LINE, True, None)
    ]
    assert (before.code, after.code) == (3, 0)
    (line,) = after.json
    assert (line["armed"], line["ways"], line["to"]) == (
        True, ["Throughline"], "support+earthscope@2i2c.org",
    )  # fmt: skip
    assert run("budget", "list", "--violations", "--json").json == []


def test_budget_terraform_prints_the_variables_of_each_file(run, engagement):
    answer = run("budget", "terraform", engagement.pk, "--json").json

    assert answer == {
        "files": [
            {
                "file": "earthscope.tfvars",
                "variables": 'default_budget_alert = {\n  "enabled" : true,\n'
                '  "subscriber_email_addresses" : ["support+earthscope@2i2c.org"],\n}\n',
            }
        ]
    }


def test_budget_watch_has_an_account_watched_and_names_those_there_are(run, engagement):
    done = run("budget", "watch", engagement.pk, "012345678901", "--json")
    refused = run("budget", "watch", engagement.pk, "7", "--json")

    assert done.json == {
        "engagement": engagement.pk, "account": "012345678901",
        "to": "support+earthscope@2i2c.org",
    }  # fmt: skip
    assert (refused.code, refused.json["remedy"]) == (1, "Use one of: 012345678901.")


def test_alert_is_taken_in_and_seen_to_from_beginning_to_end(run, engagement, file):
    taken = run("import", "alert", file, "--json").json
    again = run("import", "alert", file, "--json").json
    (alert,) = taken["alerts"]
    number = alert["number"]

    assert (set(alert), taken["new"], again["new"]) == (ALERT, True, False)
    assert run("alert", "take", number, "--by", "pia", "--json").json["owner"] == "pia"
    assert run("alert", "acknowledge", number, "--json").json["state"] == "acknowledged"
    assert run("alert", "decide", number, "reduce", "--because", "x").code == 1
    assert run("alert", "cause", number, "A workshop.", "--json").json["cause"] == "A workshop."
    told = run("alert", "tell", number, "--json").json
    asked = run("alert", "credit", number, "120.00", "--because", "Ours.", "--json").json
    assert (told["champion_told_at"] is None, asked["credit_asked_at"] is None) == (False, False)
    assert SponsorWork.objects.filter(kind="credit").count() == 1
    decided = run("alert", "decide", number, "reduce", "--because", "Too large.", "--json").json
    assert (decided["state"], decided["decision"]) == ("decided", "reduce")
    assert run("alert", "list", "--json").json == {"alerts": [], "unreadable": []}
    assert [one["number"] for one in run("alert", "list", "--all", "--json").json["alerts"]] == [
        number
    ]
    assert "A workshop." in run("alert", "show", number).out


def test_alert_that_cannot_be_read_fails_is_kept_and_settled(run, tmp_path):
    odd = tmp_path / "odd.txt"
    odd.write_text("Hello")

    answer = run("import", "alert", odd, "--json")

    assert (answer.code, answer.json["state"]) == (1, "unreadable")
    (kept,) = run("alert", "list", "--json").json["unreadable"]
    assert kept["body"] == "Hello"
    settled = run("alert", "settle", kept["number"], "--because", "Spam.", "--json")
    assert (settled.code, settled.json["state"]) == (0, "settled")


@pytest.mark.parametrize(
    "words",
    [
        ("alert", "take", "99"),
        ("alert", "show", "99"),
        ("alert", "settle", "99", "--because", "x"),
        ("budget", "terraform", "99"),
        ("import", "alert", "no-such-file"),
    ],
)
def test_what_is_not_there_is_refused_with_what_to_do(run, words):
    answer = run(*words, "--json")

    assert (answer.code, set(answer.json)) == (1, {"refused", "remedy"})
