"""What each command answers: one document on stdout, exactly these keys, this exit code."""

import pytest

from tests.factories import make_cluster, make_deal, make_deliverable, make_engagement, make_ready
from throughline.sales.models import Deal

DEAL = {
    "deal", "number", "hubspot_id", "name", "stage", "stage_elsewhere", "pipeline", "owner",
    "buyer", "community", "community_id", "revenue_type", "tier", "amount", "currency",
    "amount_collected", "mrr", "arr", "projected_amount", "probability", "close_on",
    "contract_start_on", "contract_end_on", "target_start_on", "target_end_on", "start_on",
    "end_on", "lost_reason", "engagement",
}  # fmt: skip
GATE = {"deal", "from", "to", "open", "conditions"}
CONDITION = {"code", "status", "required", "message", "remedy"}
DELIVERABLE = {
    "number", "engagement", "project", "code", "title", "promise", "definition_of_done",
    "wanted_evidence", "due_on", "low_h", "high_h", "state", "done_by", "done_at", "verdict",
    "evidence", "owner", "points", "spent_h", "needs", "waits_for",
}  # fmt: skip
PLAN = {"engagement", "changes", "waiting", "later", "unchanged", "ledger"}
STORED = {
    "plan", "engagement", "state", "made_at", "made_by", "decided_by", "decided_at", "applied_at",
    "reason", "differences",
}  # fmt: skip
OUTCOME = {"outcome", "engagement", "system", "state", "receipt", "remedy"}
DAY = {"mails", "passes", "gates", "alerts"}
STATEMENT = """\
# Statement of Work

## Deliverables

### Sign in with the campus account

#### Definition of Done

- Students sign in.

### Out of scope

- Teaching.
"""


@pytest.fixture
def engagement():
    return make_engagement(name="Coral")


@pytest.mark.django_db
def test_deals_are_listed_with_every_field_and_money_as_text(ask):
    make_deal(name="Coral", amount="48000")

    listed = ask("deal", "list")

    assert [set(one) for one in listed] == [DEAL]
    assert (listed[0]["amount"], listed[0]["mrr"]) == ("48000.00", None)
    assert ask("deal", "show", listed[0]["deal"]) == listed[0] | {"seen": 0}


@pytest.mark.django_db
def test_deals_of_one_stage_are_listed_by_its_name_or_code(ask):
    make_deal(name="Coral", stage="proposal")
    make_deal(name="Reef")

    assert [one["name"] for one in ask("deal", "list", "--stage", "Proposal")] == ["Coral"]
    assert [one["name"] for one in ask("deal", "list", "--stage", "lead")] == ["Reef"]


def test_deal_created_here_begins_at_lead_with_its_amount(ask):
    made = ask("deal", "create", "Coral", "--owner", "ada", "--amount", "480.5", "--by", "ada")

    assert set(made) == DEAL
    assert (made["stage"], made["owner"], made["amount"]) == ("Lead", "ada", "480.50")


@pytest.mark.django_db
@pytest.mark.parametrize(("ready", "is_open"), [(True, True), (False, False)])
def test_gate_answers_with_everything_and_exits_0_whatever_it_says(ask, ready, is_open):
    deal = make_deal()
    if ready:
        make_ready(deal, "qualified")

    gate = ask("deal", "gate", deal.pk)

    assert set(gate) == GATE
    assert [set(one) for one in gate["conditions"]] == [CONDITION, CONDITION]
    assert (gate["from"], gate["to"], gate["open"]) == ("Lead", "Qualified", is_open)


@pytest.mark.django_db
def test_gate_over_several_stages_names_every_condition_between(ask):
    deal = make_deal()

    gate = ask("deal", "gate", deal.pk, "--to", "Proposal")

    assert [one["code"] for one in gate["conditions"]] == [
        "deal.owner", "community.named", "community.id", "cloud.preference",
    ]  # fmt: skip


@pytest.mark.django_db
def test_refused_advance_is_the_gate_with_the_refusal_and_nothing_on_stdout_without_json(run, ask):
    deal = make_deal()

    refused = ask("deal", "advance", deal.pk, "Qualified", code=1)
    told = run("deal", "advance", deal.pk, "Qualified")

    assert set(refused) == GATE | {"refused", "remedy"}
    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines()[0] == f"refused: {deal} is not ready for Qualified."


@pytest.mark.django_db
def test_advance_and_record_answer_with_the_deal(ask, record):
    deal = make_ready(make_deal(), "qualified")

    assert set(ask("deal", "advance", deal.pk, "Qualified")) == DEAL
    kept = ask("deal", "record", deal.pk, "deal.owner", "--value", '{"owner": "bea"}')
    assert (set(kept), kept["owner"]) == (DEAL | {"recorded"}, "bea")


@pytest.mark.django_db
def test_waiver_answers_with_who_and_until_and_opens_the_gate(ask):
    deal = make_deal()
    for code in ("deal.owner", "community.named"):
        waived = ask(
            "deal", "waive", deal.pk, code, "--by", "lea", "--reason", "Known.", "--until",
            "2199-01-01",
        )  # fmt: skip

    gate = ask("deal", "gate", deal.pk)

    assert waived == {
        "deal": str(deal.pk), "code": "community.named", "until": "2199-01-01", "by": "lea",
    }  # fmt: skip
    assert {one["status"] for one in gate["conditions"]} == {"waived"}
    assert gate["open"] is True


@pytest.mark.django_db
def test_early_start_lets_order_before_the_agreement_is_executed(ask):
    deal = make_deal(stage="contract_admin", owner="ada")
    refused = ask("order", deal.pk, "--by", "ada", code=1)

    ask(
        "deal", "waive", deal.pk, "order.early_start", "--by", "lea", "--reason", "Term begins.",
        "--until", "2199-01-01", "--limit", "5000",
    )  # fmt: skip

    assert set(refused) == {"refused", "remedy"}
    assert ask("order", deal.pk, "--by", "ada") == {"deal": str(deal.pk), "engagement": deal.pk}
    assert ask("deal", "gate", deal.pk)["open"] is False


def test_deliverables_answer_with_evidence_and_verdict(ask, engagement):
    number = make_deliverable(engagement).pk

    listed = ask("deliverable", "list", engagement.number)
    done = ask(
        "deliverable", "done", number, "--by", "pia", "--evidence", "Runs.",
        "--link", "https://example.org/1",
    )  # fmt: skip
    returned = ask("deliverable", "return", number, "--by", "ada", "--because", "Not yet.")
    ask("deliverable", "done", number, "--by", "pia")
    verified = ask("deliverable", "verify", number, "--by", "ada")

    assert [set(one) for one in (*listed, done, returned, verified)] == [DELIVERABLE] * 4
    assert set(done["evidence"][0]) == {"kind", "state", "text", "link", "file", "at", "by"}
    assert set(verified["verdict"]) == {"verdict", "by", "at", "why"}
    assert listed[0]["verdict"] is None


def test_a_look_for_evidence_keeps_what_is_new_and_says_that_no_hub_was_asked(ask, engagement):
    ask("handoff", "apply", engagement.number)

    first = ask("deliverable", "look", engagement.number, "--by", "pia")
    again = ask("deliverable", "look", engagement.number, "--by", "pia")

    hubs = [one for one in first if one["kind"] == "hub.answers"]
    assert {(one["state"], one["by"]) for one in hubs} == {("unavailable", "pia")}
    assert again == []


def test_plan_of_one_and_of_all_have_their_shapes(ask, engagement):
    one = ask("handoff", "plan", engagement.number, code=3)
    every = ask("handoff", "plan", "--all", code=3)

    assert set(one) == PLAN
    assert {key for line in one["changes"] for key in line} == {
        "outcome", "system", "verb", "summary",
    }  # fmt: skip
    assert set(one["ledger"]) == {
        "fields", "sent", "to_be_sent", "linked", "not_needed", "missing",
    }  # fmt: skip
    assert (set(every), every["plans"]) == ({"changes", "plans"}, [one])
    assert [line["engagement"] for line in every["changes"]] == [engagement.number] * len(
        one["changes"]
    )


@pytest.mark.parametrize("verb", ["apply", "verify"])
def test_apply_and_verify_answer_with_outcomes(ask, engagement, verb):
    answer = ask("handoff", verb, engagement.number, "--by", "ada")

    assert set(answer) == {"outcomes"}
    assert {frozenset(one) for one in answer["outcomes"]} == {frozenset(OUTCOME)}


def test_stored_plans_answer_with_where_they_stand_and_carry_out_what_was_approved(ask, engagement):
    saved = ask("handoff", "plan", engagement.number, "--save", "--by", "ada", code=3)
    number = saved["plan"]
    listed = ask("handoff", "plans", engagement.number)
    shown = ask("handoff", "show", number)
    approved = ask("handoff", "approve", number, "--by", "lea")
    applied = ask("handoff", "apply", engagement.number, "--plan", number, "--by", "ada")
    after = ask("handoff", "show", number)

    assert set(saved) == PLAN | {"plan", "state"}
    assert {frozenset(one) for one in (*listed["plans"], approved)} == {frozenset(STORED)}
    assert set(shown) == STORED | {"lines"}
    assert {key for line in shown["lines"] for key in line} == {
        "outcome", "system", "verb", "summary", "before", "after", "remedy", "audience", "preview",
    }  # fmt: skip
    assert (saved["state"], approved["state"], after["state"]) == (
        "proposed",
        "approved",
        "applied",
    )
    assert approved["decided_by"] == "lea"
    assert set(applied) == {"outcomes"}


def test_a_stale_plan_answers_with_the_lines_that_differ(ask, engagement):
    number = ask("handoff", "plan", engagement.number, "--save", "--by", "ada", code=3)["plan"]
    Deal.objects.filter(pk=engagement.pk).update(end_on="2028-06-30")

    stale = ask("handoff", "apply", engagement.number, "--plan", number, "--by", "ada", code=1)
    rejected = ask("handoff", "reject", number, "--because", "Late.", "--by", "lea", code=1)

    assert set(stale) == {"outcomes", "plan", "state", "differences"}
    assert (stale["plan"], stale["state"], stale["outcomes"]) == (number, "stale", [])
    assert {key for one in stale["differences"] for key in one} == {
        "outcome", "summary", "what", "approved", "now",
    }  # fmt: skip
    assert rejected["refused"] == f"Plan {number} is stale."


def test_drift_exits_3_until_the_handoff_is_true_and_0_after(ask, engagement):
    before = ask("handoff", "drift", engagement.number, code=3)
    ask("handoff", "apply", engagement.number)
    ask("handoff", "accept", engagement.number, "--by", "pia")
    ask("handoff", "apply", engagement.number)
    after = ask("handoff", "drift", engagement.number)

    assert {one["state"] for one in before["outcomes"]} >= {"wanted"}
    assert {one["state"] for one in after["outcomes"]} == {"converged"}


def test_renewals_answer_with_every_notice(ask, engagement):
    listed = ask("renewals", "list", "--on", "2026-05-01")

    assert [set(one) for one in listed] == [{"engagement", "deal", "end_on", "state", "notices"}]
    assert {frozenset(one) for one in listed[0]["notices"]} == {
        frozenset({"step", "due_on", "state", "sent_at", "to"})
    }
    assert listed[0]["end_on"] == "2027-03-31"


@pytest.mark.django_db
def test_reconcile_exits_3_with_findings_and_0_without(ask):
    assert ask("reconcile", "infrastructure") == {"findings": []}

    make_cluster("nasa-veda")
    found = ask("reconcile", "infrastructure", code=3)["findings"]

    assert {frozenset(one) for one in found} == {
        frozenset({"code", "cluster", "deal_id", "message", "remedy"})
    }
    assert [one["code"] for one in found] == [
        "alert_missing", "community_id_legacy", "deal_missing",
    ]  # fmt: skip


def test_run_due_and_rehearse_answer_alike(ask, engagement):
    rehearsed = ask("rehearse", "--on", "2027-01-30")
    ran = ask("run-due", "--at", "2027-01-30T08:00:00Z")

    assert (set(rehearsed), set(ran)) == (DAY, DAY)
    assert rehearsed["mails"] == ran["mails"] != []
    assert set(ran["mails"][0]) == {"to", "subject", "engagement", "step"}


def test_rehearsal_changes_nothing(ask, engagement, rows, home):
    before = rows()
    for day in ("2027-01-30", "2027-04-01", "2026-04-30"):
        ask("rehearse", "--on", day)

    assert rows() == before
    assert list(home.rglob("*")) == []


def test_import_of_deals_answers_with_counts(ask, table):
    path = table("1,Coral,membership-premier,100.0,default,Closed Won,2031-01-01,2031-12-31")

    first, second = (ask_quietly(ask, path) for _again in range(2))

    assert set(first) == {"created", "updated", "unchanged", "rejected", "warnings"}
    assert [(one["created"], one["unchanged"]) for one in (first, second)] == [(1, 0), (0, 1)]
    assert {one["code"] for one in first["warnings"]} == {"agreement_missing", "community_missing"}


def ask_quietly(ask, path):
    """Ask where warnings on stderr are expected: `ask` expects none."""
    ran = ask.run("import", "deals", path, "--json")
    assert ran.code == 0
    return ran.json


def test_import_of_infrastructure_answers_with_clusters(ask, tmp_path):
    (tmp_path / "coral.yaml").write_text(
        "name: coral\nprovider: aws\nmetadata:\n  2i2c:\n    hubspot_deal_id: 7\n"
        "aws:\n  billing:\n    paid_by_us: true\naccount: 1\nhubs:\n"
        "  - name: staging\n    domain: staging.coral.example\n"
    )
    ran = ask.run("import", "infrastructure", tmp_path, "--json")

    assert ran.code == 0
    assert set(ran.json) == {"clusters", "warnings", "created", "updated", "unchanged"}
    assert set(ran.json["clusters"][0]) == {
        "name", "provider", "account", "region", "paid_by", "deal_id", "budget_alert", "hubs",
    }  # fmt: skip
    assert ran.json["clusters"][0]["hubs"] == [
        {"name": "staging", "domain": "staging.coral.example"}
    ]


def test_import_of_a_statement_answers_with_what_it_says(ask, tmp_path):
    path = tmp_path / "sow.md"
    path.write_text(STATEMENT)
    ran = ask.run("import", "sow", path, "--json")

    assert ran.code == 0
    assert set(ran.json) == {
        "title", "deliverables", "overhead", "total", "people", "out_of_scope", "warnings",
    }  # fmt: skip
    assert [one["title"] for one in ran.json["deliverables"]] == ["Sign in with the campus account"]


def test_user_added_answers_with_a_password_that_is_shown_once(ask):
    added = ask("user", "add", "joe", "--role", "bd", "--role", "Lead")
    again = ask("user", "add", "joe", "--role", "bd", code=1)

    assert set(added) == {"user", "roles", "password"}
    assert (added["user"], added["roles"]) == ("joe", ["BD", "Lead"])
    assert again["refused"] == "There is a user joe already."


def test_doctor_answers_with_checks_and_remedies(ask, home):
    well = ask("doctor")
    key = home / "secret-key"
    key.write_text("x")
    key.chmod(0o644)
    ill = ask("doctor", code=1)

    assert (set(well), well["well"]) == ({"well", "checks"}, True)
    assert {frozenset(one) for one in well["checks"]} == {
        frozenset({"name", "is_well", "message", "remedy"})
    }
    assert [one["name"] for one in ill["checks"] if not one["is_well"]] == ["home"]
    assert ill["checks"][0]["remedy"] == f"chmod 600 {key}"


@pytest.mark.django_db
def test_migrate_says_so_on_stderr(run):
    ran = run("migrate")

    assert (ran.code, ran.out, ran.err) == (0, "", "The database is up to date.\n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words",
    [
        ("deal",), ("deal", "create"), ("deal", "waive", "1", "deal.owner"), ("frobnicate",),
        ("deliverable", "done", "first"), ("handoff", "plan"), ("handoff", "plan", "1", "--all"),
        ("rehearse",), ("import", "infrastructure"), ("user", "add", "joe"),
        ("user", "add", "joe", "--role", "King"), ("deal", "list", "--colour"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_2_and_says_so_on_stderr(run, words, rows):
    before = rows()
    ran = run(*words)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: throughline")
    assert rows() == before


@pytest.mark.django_db
def test_reconcile_of_changed_files_exits_3_with_findings_0_without_and_1_where_one_is_broken(
    ask, tmp_path
):
    good, bad = tmp_path / "cluster.yaml", tmp_path / "bad.tfvars"
    good.write_text("name: coral\nprovider: gcp\nhubs: []\n")
    bad.write_text("a =\n")
    reconcile = ("reconcile", "infrastructure", "--changed")

    assert ask(*reconcile) == {"findings": [], "clusters": []}
    found = ask(*reconcile, str(good), code=3)
    assert (found["clusters"], [one["code"] for one in found["findings"]]) == (
        ["coral"], ["deal_missing"],
    )  # fmt: skip
    assert "line 1" in ask(*reconcile, str(good), str(bad), code=1)["refused"]


@pytest.mark.django_db
def test_week_counts_and_lists_the_same(ask, engagement):
    make_deal(name="Reef", stage="lead")

    counted = ask("week", "--on", "2027-01-30")
    listed = {
        one["figure"]: ask("week", one["figure"], "--on", "2027-01-30")
        for one in counted["figures"]
    }

    assert (counted["on"], counted["to"], counted["zone"]) == ("2027-01-30", "2027-02-06", "UTC")
    assert {code: len(one["lines"]) for code, one in listed.items()} == {
        one["figure"]: one["count"] for one in counted["figures"]
    }
    assert listed["renewals"]["lines"] == [{
        "about": "renewal", "key": str(engagement.pk), "name": "EarthScope: Coral",
        "what": "Step 60, to partnerships@2i2c.org; ends 2027-03-31", "ball": "ada",
        "since_on": None, "due_on": "2027-01-30",
    }]  # fmt: skip


@pytest.mark.django_db
def test_start_tells_the_organisation_confirms_skips_and_shows_how_far_it_is(
    ask, settings, tmp_path
):
    settings.HOME = tmp_path
    told = ask(
        "start", "organisation", "--name", "Reef", "--zone", "UTC", "--currency", "EUR",
        "--renewals", "r@reef.example", "--support", "s@reef.example",
    )  # fmt: skip
    confirmed = ask("start", "confirm", "--by", "ada")
    shown = ask("start", "skip", "import", "--by", "ada")

    assert told == {
        "name": "Reef", "zone": "UTC", "currency": "EUR", "file": str(tmp_path / "playbook.toml"),
    }  # fmt: skip
    assert (confirmed["by"], confirmed["file"]) == ("ada", told["file"])
    assert {one["step"]: one["state"] for one in shown["steps"]} == {
        "organisation": "done", "people": "open", "playbook": "done", "import": "skipped",
    }  # fmt: skip
    assert ask("start", "show") == shown
