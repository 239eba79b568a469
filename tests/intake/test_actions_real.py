"""The organisation's own files, taken in by the actions that the command line calls."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.factories import NOON
from throughline.billing.workbook import workbook_path
from throughline.delivery.models import Engagement, EngagementCluster
from throughline.delivery.queries import engagements
from throughline.handoff.passes import apply_handoff, verify_handoff
from throughline.handoff.plans import plan_handoff
from throughline.handoff.wanted import Doing
from throughline.infrastructure.models import Cluster
from throughline.intake.actions import import_deals, import_infrastructure, import_statement
from throughline.journal.models import Entry
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.renewals.jobs import DueMail, rehearse_ladders, run_ladders
from throughline.renewals.reconcile import findings
from throughline.sales.models import Deal

REAL = Path(__file__).resolve().parents[3] / "shared" / "real"
pytestmark = [
    pytest.mark.real,
    pytest.mark.django_db,
    pytest.mark.usefixtures("home"),
    pytest.mark.skipif(not REAL.exists(), reason="the real files are not beside the repository"),
]
EXPORT = REAL / "deals" / "hubspot-deals-export.csv"
TORONTO, EARTHSCOPE, CIROH, BIDS, CELLMAP = (
    "86221242056", "86221242058", "86221242068", "86221242070", "86221243078",
)  # fmt: skip
NASA = "86933236464"  # pays for four clusters, and is not in the export


def take_deals(path: Path = EXPORT):
    return import_deals(path, playbook=shipped(), by="ada", at=NOON)


def take_clusters():
    return import_infrastructure([REAL / "clusters", REAL / "tfvars"], by="ada", at=NOON)


@pytest.fixture
def taken():
    take_deals()
    take_clusters()


def links() -> set[tuple[str, str]]:
    return set(
        EngagementCluster.objects.values_list("engagement__deal__hubspot_id", "cluster__name")
    )


def found(on: str) -> dict[str, list[str]]:
    """Return the findings of a day: code, and where."""
    by_code: dict[str, list[str]] = {}
    for one in findings(on=date.fromisoformat(on), playbook=shipped()):
        by_code.setdefault(one.code, []).append(one.cluster or one.deal_id)
    return by_code


def test_the_five_deals_come_in_as_the_export_says():
    taken = take_deals()

    assert (taken.created, taken.updated, taken.unchanged, taken.rejected) == (5, 0, 0, ())
    deals = Deal.objects.order_by("hubspot_id").values_list(
        "hubspot_id", "name", "stage", "tier", "amount", "amount_collected", "start_on", "end_on"
    )
    assert [tuple(str(cell) for cell in deal) for deal in deals] == [
        (TORONTO, "University of Toronto RFP 2025", "closed_won", "premier", "17500.00",
         "17500.00", "2025-10-01", "2027-09-30"),
        (EARTHSCOPE, "EarthScope Usage Quotas Project 2025", "closed_won", "", "99750.00",
         "34125.00", "2026-01-01", "2026-06-01"),
        (CIROH, "AWI CIROH 2025-2026 Extension", "closed_won", "", "15000.00", "15000.00",
         "2025-07-01", "2026-06-30"),
        (BIDS, "BIDS 2025", "closed_won", "premier", "45000.00", "45205.00", "2025-08-01",
         "2026-07-31"),
        (CELLMAP, "Delegate CellMap Management 2025", "closed_won", "", "2500.00", "2500.00",
         "2025-08-15", "2025-09-30"),
    ]  # fmt: skip
    assert Engagement.objects.count() == 5


def test_each_deal_is_warned_of_what_it_goes_without_and_nothing_is_invented():
    taken = take_deals()

    by_deal = {deal: [one.code for one in taken.warnings if one.deal == deal] for deal in
               (TORONTO, EARTHSCOPE, CIROH, BIDS, CELLMAP)}  # fmt: skip
    known_tier, unknown_tier = (
        ["agreement_missing", "community_missing"],
        ["agreement_missing", "community_missing", "tier_unknown"],
    )
    assert by_deal == {
        TORONTO: known_tier,
        EARTHSCOPE: unknown_tier,
        CIROH: unknown_tier,
        BIDS: known_tier,
        CELLMAP: unknown_tier,
    }
    assert len(taken.warnings) == 13


def test_everything_twice_changes_nothing(taken):
    entries, before = Entry.objects.count(), links()

    again, (_files, kept) = take_deals(), take_clusters()

    assert (again.created, again.updated, again.unchanged) == (0, 0, 5)
    assert (kept.created, kept.updated, len(kept.unchanged)) == ([], [], 17)
    assert (Entry.objects.count(), links()) == (entries, before)


def test_clusters_are_linked_to_the_deals_that_are_known(taken):
    assert Cluster.objects.count() == 17
    assert links() == {(TORONTO, "utoronto"), (CIROH, "awi-ciroh"), (BIDS, "jupyter-health")}


def test_one_deal_gets_all_its_four_clusters(tmp_path, taken):
    export = tmp_path / "with-nasa.csv"
    columns = EXPORT.read_text().splitlines()[0].count(",")
    row = f"{NASA},NASA VEDA,membership-premier,1000.0,2026-01-01,Membership Sales,Closed Won"
    export.write_text(EXPORT.read_text() + row + "," * (columns - row.count(",")) + "\n")

    counts = take_deals(export)

    assert (counts.created, counts.unchanged) == (1, 5)
    nasa = Engagement.objects.get(deal__hubspot_id=NASA)
    assert sorted(link.cluster.name for link in nasa.on_clusters.all()) == [
        "disasters",
        "maap",
        "nasa-ghg-hub",
        "nasa-veda",
    ]


def test_clusters_on_a_kubeconfig_have_no_account_and_an_unknown_payer(taken):
    kubeconfig = Cluster.objects.filter(provider="kubeconfig").order_by("name")

    assert [(one.name, one.account, one.paid_by) for one in kubeconfig] == [
        ("projectpythia-binder", None, "unknown"),
        ("utoronto", None, "unknown"),
    ]


def test_account_numbers_stay_text_and_who_pays_is_the_files(taken):
    by_name = {one.name: one for one in Cluster.objects.select_related("account")}

    assert by_name["jupyter-health"].account.identifier == "211125465508"
    assert Counter(one.paid_by for one in by_name.values()) == {
        "us": 6,
        "community": 9,
        "unknown": 2,
    }


def test_findings_of_a_day_on_which_all_known_deals_run(taken):
    on_the_day = found("2026-03-02")

    assert {code: len(where) for code, where in on_the_day.items()} == {
        "deal_unknown": 14,
        "alert_missing": 3,
        "community_id_legacy": 7,
    }
    assert on_the_day["alert_missing"] == ["2i2c", "dubois", "hhmi"]
    assert on_the_day["community_id_legacy"] == [
        "2i2c", "2i2c-aws-us", "awi-ciroh", "jupyter-health", "nasa-ghg-hub", "nasa-veda",
        "projectpythia-binder",
    ]  # fmt: skip


def test_ciroh_is_lapsed_from_the_day_after_its_last_and_bids_a_month_later(taken):
    lapsed = {on: found(on).get("agreement_lapsed", []) for on in
              ("2026-06-30", "2026-07-01", "2026-07-31", "2026-08-01")}  # fmt: skip

    assert lapsed == {
        "2026-06-30": [],
        "2026-07-01": ["awi-ciroh"],
        "2026-07-31": ["awi-ciroh"],
        "2026-08-01": ["awi-ciroh", "jupyter-health"],
    }


def test_deals_without_a_cluster_are_found_where_they_sell_a_hub(taken):
    EngagementCluster.objects.filter(cluster__name="utoronto").delete()

    assert found("2026-03-02")["agreement_without_cluster"] == [TORONTO]


def test_on_the_first_of_may_ciroh_is_told_in_the_words_of_the_process(taken):
    nine = datetime(2026, 5, 1, 9, tzinfo=UTC)

    first = run_ladders(at=nine, playbook=shipped(), by="worker")
    second = run_ladders(at=nine, playbook=shipped(), by="worker")

    number = Engagement.objects.get(deal__hubspot_id=CIROH).number
    mail = DueMail(("partnerships@2i2c.org",), "Agreement expiring in 60 days", number, "60")
    assert [one for one in first.queued if one.subject == mail.subject] == [mail]
    # EarthScope's own day has passed before the files came: it is told the true number
    assert sorted(one.subject for one in first.queued) == [
        "Agreement expiring in 31 days",
        "Agreement expiring in 60 days",
    ]
    assert second.queued == []
    assert Message.objects.count() == 2


def test_a_rehearsal_of_the_first_of_may_shows_ciroh_alone(taken):
    mails = rehearse_ladders(on=date(2026, 5, 1), today=date(2026, 3, 2), playbook=shipped())

    assert [(one.to, one.subject) for one in mails] == [
        (("partnerships@2i2c.org",), "Agreement expiring in 60 days")
    ]


def test_every_statement_of_work_is_kept_once(taken):
    paths = sorted((REAL / "statements-of-work").glob("*.md"))
    first = [import_statement(path, deal=None, by="ada", at=NOON) for path in paths]
    entries = Entry.objects.count()

    second = [import_statement(path, deal=None, by="ada", at=NOON) for path in paths]

    assert [is_new for _statement, is_new in first] == [True] * 4
    assert [(one.pk, is_new) for one, is_new in second] == [(one.pk, False) for one, _new in first]
    assert Entry.objects.count() == entries


def unmade(outcomes) -> set[str]:
    return {one.key for one in outcomes if one.state != "converged"}


def test_every_engagement_is_handed_over_whole_and_again_there_is_nothing_to_do(taken):
    doing = Doing(by="pia", at=NOON)
    waits: dict[int, set[str]] = {}
    for one in engagements():
        done = apply_handoff(one, playbook=shipped(), holder="worker", doing=doing)
        waits[one.number] = unmade(done)
    # BIDS has an account that we pay for, and no community yet whose address alerts could go to
    bids = Engagement.objects.get(deal__hubspot_id=BIDS).number
    account = Cluster.objects.get(name="jupyter-health").account.identifier
    lacking = {f"budgets.computed:{bids}:{account}:month"}
    assert {number: keys for number, keys in waits.items() if keys} == {bids: lacking}
    entries = Entry.objects.count()

    for one in engagements():
        plan = plan_handoff(one, playbook=shipped(), at=NOON)
        assert (plan.changes, plan.ledger.missing) == ((), ())
        assert {line.outcome for line in plan.waiting} == waits[one.number]
        again = apply_handoff(one, playbook=shipped(), holder="worker", doing=doing)
        seen = verify_handoff(one, playbook=shipped(), doing=doing)
        assert unmade(again) == unmade(seen) == waits[one.number]

    assert Entry.objects.count() == entries
    assert Message.objects.count() == 0  # nobody who came in already won is welcomed


def test_the_workbook_has_the_columns_of_each_linked_cluster(taken):
    for one in engagements():
        apply_handoff(one, playbook=shipped(), holder="w", doing=Doing(by="pia", at=NOON))

    sheet = load_workbook(workbook_path()).active
    heads = {
        sheet.cell(2, column).value: [sheet.cell(3, column + offset).value for offset in range(4)]
        for column in range(2, sheet.max_column + 1)
        if sheet.cell(2, column).value
    }
    assert heads == {
        "utoronto": ["payer unknown", "MAU", "usage fee", "invoiced"],
        "awi-ciroh": ["community pays", "MAU", "usage fee", "invoiced"],
        "jupyter-health": ["cloud cost", "MAU", "usage fee", "invoiced"],
    }
