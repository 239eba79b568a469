"""What a look for evidence finds: found, absent, unavailable; and that it repeats nothing."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.factories import NOON, PS, make_cluster, make_deal
from throughline.billing.columns import PAID_BY_US, ColumnGroup, group_name
from throughline.billing.workbook import put_group, workbook_path
from throughline.connectors.http import open_client
from throughline.connectors.hub.client import JupyterHub, connect
from throughline.delivery.actions.engagements import link_clusters, open_imported
from throughline.delivery.actions.structure import put_deliverable, put_project
from throughline.delivery.models import Evidence
from throughline.infrastructure.actions import note_alerts
from throughline.intake.evidence import (
    NO_CLUSTER,
    NOT_ASKED,
    Eyes,
    collect_alerts,
    collect_columns,
    collect_evidence,
    collect_hub_answers,
    eyes_from_settings,
    hub_connections,
)
from throughline.simulators.hub import JupyterHubSimulator
from throughline.simulators.server import answering, dropping, losing_the_answer, slow, too_many
from throughline.simulators.sheets import SheetsSimulator

BY = "worker"
HUBS = {"prod": ("Production", "hub.example.org"), "staging": ("Staging", "staging.example.org")}
UNTOLD = (
    "Nothing says whether the budget alert of maple (aws 012345678901) is armed: "
    "apply the handoff, or import its Terraform variables."
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hub():
    with JupyterHubSimulator("5.2.1") as opened:
        yield opened


@pytest.fixture
def connect_to(hub):
    return lambda _domain: JupyterHub(open_client(hub.url, timeout_s=0.2))


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def engagement(playbook):
    make_deal(hubspot_id="77", stage="closed_won")
    return open_imported(playbook=playbook, by=BY, at=NOON)[0]


def run_on(*names, **fields):
    clusters = [make_cluster(name, deal_id="77", **fields) for name in names]
    link_clusters(by=BY, at=NOON)
    return clusters


def promise(engagement, code, *kinds):
    put_project(engagement.number, "new-hub", title="New hub", kind="new_hub", by=PS, at=NOON)
    wanted = {"title": code, "wanted_evidence": list(kinds)}
    return put_deliverable(engagement.number, "new-hub", code, wanted=wanted, by=PS, at=NOON)


def look(engagement, connect_hub, playbook):
    eyes = Eyes(connect_hub, lambda: None, None)
    return collect_evidence(engagement, eyes=eyes, playbook=playbook, by=BY, at=NOON)


def said(kept):
    return [(one.state, one.text, one.link) for one in kept]


def test_hub_that_answers_is_found_with_version_domain_and_instant(engagement, connect_to):
    run_on("earthscope", hubs={"prod": HUBS["prod"]})
    deliverable = promise(engagement, "production", "issue.closed", "hub.answers")

    [kept] = collect_hub_answers(engagement, connect=connect_to, by=BY, at=NOON)

    assert said([kept]) == [
        ("found", "hub.example.org answers as JupyterHub 5.2.1.", "https://hub.example.org")
    ]
    assert (kept.deliverable, kept.kind, kept.at, kept.by) == (
        deliverable, "hub.answers", NOON, BY,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "state", "what"),
    [
        (answering(404), "absent", "404 Not Found"),
        (answering(401), "absent", "401 Unauthorized"),
        (
            answering(302, Location="/login"),
            "absent",
            "302 Found, points to '/login': use the right",
        ),
        (answering(200, "<html>"), "absent", "the answer is no HubVersion"),
        (answering(500), "unavailable", "500 Internal Server Error"),
        (answering(503), "unavailable", "503 Service Unavailable"),
        (too_many("60"), "unavailable", "429 Too Many Requests"),
        (slow(1), "unavailable", "ReadTimeout: timed out"),
        (losing_the_answer(), "unavailable", "RemoteProtocolError"),
        (dropping(), "unavailable", "RemoteProtocolError"),
    ],
)
def test_hub_that_answers_wrongly_is_absent_and_one_that_time_can_mend_is_unavailable(
    engagement, hub, connect_to, fault, state, what
):
    run_on("earthscope", hubs={"prod": HUBS["prod"]})
    promise(engagement, "production", "hub.answers")
    hub.fail_next(fault)

    [kept] = collect_hub_answers(engagement, connect=connect_to, by=BY, at=NOON)

    start = {
        "absent": "hub.example.org answers, but not as a JupyterHub: GET ",
        "unavailable": "hub.example.org could not be asked: GET ",
    }[state]
    assert kept.state == state
    assert kept.text.startswith(f"{start}{hub.url}/hub/api: {what}")
    assert hub.calls == {("GET", "/hub/api"): 1}


def test_hub_behind_a_closed_port_is_unavailable(engagement, hub, connect_to):
    run_on("earthscope", hubs={"prod": HUBS["prod"]})
    promise(engagement, "production", "hub.answers")
    hub.close()

    [kept] = collect_hub_answers(engagement, connect=connect_to, by=BY, at=NOON)

    assert kept.state == "unavailable"


def test_hub_whose_domain_is_none_is_unavailable_and_says_so(engagement):
    run_on("earthscope", hubs={"prod": ("", "not a domain")})
    promise(engagement, "production", "hub.answers")

    [kept] = collect_hub_answers(engagement, connect=connect, by=BY, at=NOON)

    assert kept.state == "unavailable"
    assert kept.text == (
        "not a domain could not be asked: 'not a domain' is not a domain: "
        "write, say, hub.example.org."
    )


def test_every_hub_is_asked_once_for_all_deliverables_that_want_it(engagement, hub, connect_to):
    run_on("earthscope", hubs=HUBS | {"old": ("Old", "")})
    promise(engagement, "staging", "hub.answers")
    promise(engagement, "production", "hub.answers")
    promise(engagement, "other", "manual")
    expected = [
        ("unavailable", "earthscope/old has no address: add its domain to its cluster file.", ""),
        ("found", "hub.example.org answers as JupyterHub 5.2.1.", "https://hub.example.org"),
        (
            "found",
            "staging.example.org answers as JupyterHub 5.2.1.",
            "https://staging.example.org",
        ),
    ]

    kept = collect_hub_answers(engagement, connect=connect_to, by=BY, at=NOON)

    assert said(kept) == expected * 2
    assert hub.calls.total() == 2


def test_hub_is_not_asked_where_nothing_wants_it(engagement, hub, connect_to, playbook):
    run_on("earthscope", hubs=HUBS)
    promise(engagement, "other", "manual")

    assert look(engagement, connect_to, playbook) == []
    assert hub.calls.total() == 0


def test_hub_is_asked_outside_the_transaction(engagement, connect_to):
    run_on("earthscope", hubs=HUBS)
    promise(engagement, "production", "hub.answers")
    depths = []

    def watched(domain):
        depths.append(len(connection.savepoint_ids))
        return connect_to(domain)

    before = len(connection.savepoint_ids)
    collect_hub_answers(engagement, connect=watched, by=BY, at=NOON)

    assert depths == [before, before]


def test_engagement_without_cluster_has_nothing_to_look_at(engagement, connect_to, playbook):
    promise(engagement, "all", "hub.answers", "billing.column", "budget.armed")

    kept = look(engagement, connect_to, playbook)

    assert [(one.kind, one.state, one.text) for one in kept] == [
        ("hub.answers", "unavailable", NO_CLUSTER),
        ("billing.column", "unavailable", NO_CLUSTER),
        ("budget.armed", "unavailable", NO_CLUSTER),
    ]


def test_cluster_without_hubs_has_nothing_to_ask(engagement, connect_to):
    run_on("earthscope", "maple")
    promise(engagement, "production", "hub.answers")

    assert said(collect_hub_answers(engagement, connect=connect_to, by=BY, at=NOON)) == [
        ("unavailable", "No hub is known on earthscope and maple: import its cluster file.", "")
    ]


def test_hub_checks_that_are_off_are_unavailable_and_said_once(engagement, settings, playbook):
    settings.HUB_CHECKS = False
    run_on("earthscope", hubs=HUBS)
    promise(engagement, "production", "hub.answers")

    first = collect_evidence(
        engagement, eyes=eyes_from_settings(), playbook=playbook, by=BY, at=NOON
    )
    again = collect_evidence(
        engagement, eyes=eyes_from_settings(), playbook=playbook, by=BY, at=NOON
    )

    assert (said(first), again) == ([("unavailable", NOT_ASKED, "")], [])
    assert NOT_ASKED == "not asked: THROUGHLINE_HUB_CHECKS is off"


def test_hub_checks_that_are_on_ask_over_https(settings):
    settings.HUB_CHECKS = True

    assert hub_connections() is connect


def test_evidence_that_says_the_same_is_not_written_again(engagement, hub, connect_to):
    run_on("earthscope", hubs=HUBS)
    promise(engagement, "production", "hub.answers")

    def look(hours):
        later = NOON + timedelta(hours=hours)
        return collect_hub_answers(engagement, connect=connect_to, by=BY, at=later)

    counts = [len(look(0)), len(look(1))]
    hub.version = "5.3.0"
    counts += [len(look(2)), len(look(3))]
    hub.is_down = True
    counts += [len(look(4)), len(look(5))]
    hub.is_down, hub.version = False, "5.2.1"
    counts += [len(look(6)), len(look(7))]

    assert counts == [2, 0, 2, 0, 2, 0, 2, 0]
    assert Evidence.objects.count() == 8


def test_hub_that_went_away_makes_a_look_differ_from_the_one_before(engagement, connect_to):
    run_on("earthscope", hubs=HUBS)
    promise(engagement, "production", "hub.answers")
    collect_hub_answers(engagement, connect=connect_to, by=BY, at=NOON)
    run_on("earthscope", hubs={"staging": HUBS["staging"]})

    later = NOON + timedelta(hours=1)
    kept = collect_hub_answers(engagement, connect=connect_to, by=BY, at=later)

    assert [one.link for one in kept] == ["https://staging.example.org"]


def test_kinds_of_evidence_do_not_hide_one_another(engagement, connect_to, playbook):
    run_on("earthscope", hubs=HUBS, budget_alert=True)
    promise(engagement, "all", "hub.answers", "budget.armed")

    kept = look(engagement, connect_to, playbook)
    again = look(engagement, connect_to, playbook)

    assert ([one.kind for one in kept], again) == (
        ["hub.answers", "hub.answers", "budget.armed"],
        [],
    )


def test_billing_columns_are_absent_then_found_where_they_stand(engagement):
    earthscope, _maple = run_on("earthscope", "maple")
    promise(engagement, "billing", "billing.column")
    name = group_name(engagement.number, earthscope.pk)

    before = collect_columns(engagement, by=BY, at=NOON)
    put_group(ColumnGroup(name, "1 A deal", "earthscope", PAID_BY_US))
    after = collect_columns(engagement, by=BY, at=NOON + timedelta(hours=1))

    maple = ("absent", "The workbook has no columns for maple: apply the handoff.", "")
    assert said(before) == [
        ("absent", "The workbook has no columns for earthscope: apply the handoff.", ""),
        maple,
    ]
    assert said(after) == [
        (
            "found",
            "The workbook has the columns cloud cost, MAU, usage fee, invoiced for earthscope.",
            "",
        ),
        maple,
    ]


@pytest.mark.parametrize("content", [b"garbage", b"", b"PK\x05\x06" + b"\0" * 18])
def test_workbook_that_cannot_be_read_is_unavailable(engagement, content):
    run_on("earthscope")
    promise(engagement, "billing", "billing.column")
    workbook_path().parent.mkdir()
    workbook_path().write_bytes(content)

    [kept] = collect_columns(engagement, by=BY, at=NOON)

    assert kept.state == "unavailable"
    assert kept.text.startswith("The workbook cannot be read (")
    assert kept.text.endswith("): repair it or put it away, and look again.")


@pytest.mark.parametrize(
    ("armed", "state", "text"),
    [
        (True, "found", "The budget alert of maple (aws 012345678901) is armed."),
        (
            False,
            "absent",
            "The budget alert of maple (aws 012345678901) is switched off: switch it on.",
        ),
        (
            None,
            "unavailable",
            UNTOLD,
        ),
    ],
)
def test_budget_alert_is_what_the_cluster_files_say(engagement, armed, state, text):
    run_on("maple", budget_alert=armed)
    promise(engagement, "billing", "budget.armed")

    assert said(collect_alerts(engagement, by=BY, at=NOON)) == [(state, text, "")]


def test_budget_alert_that_is_armed_later_is_new_evidence(engagement):
    run_on("maple", account=None)
    promise(engagement, "billing", "budget.armed")
    [first] = collect_alerts(engagement, by=BY, at=NOON)

    note_alerts({"maple": True}, by=BY, at=NOON)
    [then] = collect_alerts(engagement, by=BY, at=NOON + timedelta(hours=1))

    assert (first.state, then.state) == ("unavailable", "found")
    assert then.text == "The budget alert of maple (an unknown account) is armed."


def test_columns_are_looked_for_in_the_spreadsheet_where_that_is_their_home(engagement, settings):
    (earthscope,) = run_on("earthscope")
    promise(engagement, "billing", "billing.column")
    name = group_name(engagement.number, earthscope.pk)
    put_group(ColumnGroup(name, "1 A deal", "earthscope", PAID_BY_US))  # not its home any more
    with SheetsSimulator() as simulator:
        settings.SHEETS_URL, settings.SHEETS_SPREADSHEET = simulator.url, simulator.book.id
        settings.SHEETS_KEY = simulator.credentials
        absent = collect_columns(engagement, by=BY, at=NOON)
        simulator.is_shared = False
        [unavailable] = collect_columns(engagement, by=BY, at=NOON + timedelta(hours=1))

    assert said(absent) == [
        ("absent", "The spreadsheet has no columns for earthscope: apply the handoff.", ""),
    ]
    assert unavailable.state == "unavailable"
    assert "Share the spreadsheet with throughline@simulated" in unavailable.text
