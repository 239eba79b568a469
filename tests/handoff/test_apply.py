"""Plan changes nothing, apply converges with receipts, apply again does nothing."""

from datetime import date

import pytest
from openpyxl import load_workbook

from tests.factories import NOON, make_engagement
from tests.handoff.world import (
    apply,
    files,
    make_whole,
    not_converged,
    plan,
    rows,
    states,
    verify,
    with_cluster,
)
from throughline.billing.workbook import workbook_path
from throughline.delivery.models import Deliverable, Project, Service
from throughline.handoff.models import Outcome
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.sales.models import AgreementPayer, Deal

pytestmark = pytest.mark.django_db


def test_plan_changes_no_row_and_no_file():
    engagement = make_whole()
    before = rows(), files()

    changes = plan(engagement).changes

    assert len(changes) > 10
    assert (rows(), files()) == before


def test_plan_of_a_fresh_engagement_creates_each_part_of_its_template_once():
    engagement = make_engagement()

    lines = [line for line in plan(engagement).lines if line.system != "capacity"]

    premier = shipped().template("premier")
    number = engagement.number
    assert [(line.outcome, line.verb.value) for line in lines] == [
        *(
            line
            for project in premier.projects
            for line in [
                (f"delivery.project:{number}:{project.code}", "create"),
                *(
                    (f"delivery.deliverable:{number}:{project.code}:{part.code}", "create")
                    for part in project.deliverables
                ),
            ]
        ),
        *((f"delivery.service:{number}:{one.code}", "create") for one in premier.services),
        (f"renewals.ladder:{number}", "keep"),
        (f"mail.welcome:{number}", "wait"),
    ]


def test_apply_makes_the_parts_of_the_tier_with_their_due_dates():
    engagement = make_engagement()

    apply(engagement)

    projects = Project.objects.filter(engagement=engagement).order_by("pk")
    assert [(one.code, one.kind) for one in projects] == [
        ("new-hub", "new_hub"),
        ("renewal", "renewal"),
    ]
    due = Deliverable.objects.order_by("pk").values_list("code", "due_on")
    assert [(code, on.isoformat()) for code, on in due] == [
        ("phase-0", "2026-03-09"),
        ("phase-1", "2026-03-16"),
        ("phase-2", "2026-03-30"),
        ("phase-3", "2026-04-27"),
        ("renewal-confirmed", "2027-01-30"),  # a Saturday: 60 days before the end, to the day
    ]
    services = Service.objects.order_by("pk").values_list("code", "rhythm")
    assert list(services) == [
        ("managed-hub", "monthly"),
        ("support", "monthly"),
        ("membership", "ongoing"),
        ("strategy-session", "monthly"),
        ("showcase", "quarterly"),
    ]


def test_apply_converges_all_but_what_waits_each_with_a_receipt():
    engagement = make_whole()

    done = apply(engagement)

    assert not_converged(done) == {f"mail.welcome:{engagement.number}": "waiting"}
    for row in Outcome.objects.filter(state="converged"):
        assert row.receipt
        assert (row.receipt_at, row.seen, row.intent_at) == (NOON, row.wanted, None)


def test_apply_again_writes_nothing_and_the_plan_has_no_changes():
    engagement = make_whole()
    first = apply(engagement)
    before, entries = rows(), list(Entry.objects.values_list("pk", "act"))
    book = files()

    second = apply(engagement)

    assert states(second) == states(first)
    assert rows() == before
    assert list(Entry.objects.values_list("pk", "act")) == entries
    assert files() == book
    assert plan(engagement).changes == ()


def test_apply_writes_one_entry_in_the_journal_for_each_thing_it_makes():
    apply(make_whole())

    made = Entry.objects.filter(act__startswith="delivery.", act__endswith=".made")
    assert made.count() == (
        Project.objects.count() + Deliverable.objects.count() + Service.objects.count()
    )
    converged = Entry.objects.filter(act="handoff.outcome.converged").count()
    assert converged == Outcome.objects.filter(state="converged").count()


def test_apply_adds_the_columns_of_each_cluster_and_says_who_pays():
    engagement = make_whole()
    with_cluster(engagement, "unpaid", paid_by=Payer.UNKNOWN)

    apply(engagement)

    sheet = load_workbook(workbook_path()).active
    heads = [[cell.value for cell in row] for row in sheet.iter_rows(max_row=3, min_col=2)]
    title = f"{engagement.number} EarthScope 2026"
    assert heads == [
        [title, None, None, None] * 3,
        ["earthscope", *[None] * 3, "seismic", *[None] * 3, "unpaid", *[None] * 3],
        [
            *("cloud cost", "MAU", "usage fee", "invoiced"),
            *("community pays", "MAU", "usage fee", "invoiced"),
            *("payer unknown", "MAU", "usage fee", "invoiced"),
        ],
    ]


def test_the_agreements_word_on_who_pays_goes_before_the_files():
    engagement = make_whole()
    AgreementPayer.objects.create(
        agreement=engagement.deal.agreements.get(),
        cluster=Cluster.objects.get(name="earthscope"),
        payer=Payer.COMMUNITY,
        from_on=date(2026, 4, 1),
    )

    keys = {line.outcome: line.after for line in plan(engagement).lines}

    wanted = keys[f"workbook.columns:{engagement.number}:earthscope"]
    assert wanted["columns"] == ["community pays", "MAU", "usage fee", "invoiced"]


def test_without_an_end_date_the_ladder_waits_with_a_remedy_and_the_rest_converges():
    engagement = make_engagement()
    Deal.objects.filter(pk=engagement.pk).update(end_on=None)

    done = apply(engagement)

    ladder, welcome = f"renewals.ladder:{engagement.number}", f"mail.welcome:{engagement.number}"
    assert not_converged(done) == {ladder: "waiting", welcome: "waiting"}
    remedy = "Record the end date: without one, nobody is told before the end."
    assert Outcome.objects.get(key=ladder).remedy == remedy
    assert [line.remedy for line in plan(engagement).waiting if line.outcome == ladder] == [remedy]


def test_the_ladder_converges_once_the_end_date_is_known():
    engagement = make_engagement()
    end_on = engagement.deal.end_on
    Deal.objects.filter(pk=engagement.pk).update(end_on=None)
    apply(engagement)
    Deal.objects.filter(pk=engagement.pk).update(end_on=end_on)

    apply(engagement)

    row = Outcome.objects.get(key=f"renewals.ladder:{engagement.number}")
    assert (row.state, row.remedy) == ("converged", "")
    assert row.wanted == {"end_on": "2027-03-31", "180": "2026-10-02", "60": "2027-01-30"}


def test_verify_of_an_applied_handoff_says_converged_and_writes_no_entry():
    engagement = make_whole()
    applied = states(apply(engagement))
    entries = Entry.objects.count()

    assert states(verify(engagement)) == applied
    assert Entry.objects.count() == entries


def test_verify_before_any_apply_makes_nothing_but_its_own_rows():
    engagement = make_whole()

    found = verify(engagement)

    assert Project.objects.count() == 0
    assert files().keys() == {name for name in files() if name.startswith("documents/")}
    assert {state for key, state in states(found).items() if "delivery" in key} == {"wanted"}
