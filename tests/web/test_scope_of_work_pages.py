"""The page of scope: amendments, promises, what waits for what, begun projects, joint work."""

from decimal import Decimal

import pytest

from tests.factories import BD, NOON, make_deliverable, make_engagement
from tests.sales.agreements_world import amend, sign_all
from throughline.delivery.actions.joint import open_joint_work, price_joint_work
from throughline.delivery.models import (
    BegunProject,
    Clause,
    Deliverable,
    JointWork,
    ProjectFact,
    ScopeChange,
)
from throughline.journal.models import Entry

pytestmark = pytest.mark.django_db


def page_of(client, world):
    return client.get(f"/engagements/{world.number}/scope/")


def amended(world):
    made = amend(world.engagement.deal, kind="amendment", scope="Less.")
    sign_all(world.engagement.deal)
    return made.pk


def places(answers):
    return [one.headers["Location"].rpartition("#")[2] for one in answers]


def test_scope_changes_on_the_page_by_an_executed_amendment(browser, world):
    client, one, number = browser("BD"), world.deliverable, amended(world)
    said = {"amendment": number, "why": "They asked."}

    answers = [
        client.post(
            f"/deliverables/{one.pk}/rescope/",
            said | {"points": "It runs.\n\n It is known. ", "low_h": "1", "high_h": "2.5"},
        ),
        client.post(
            f"/engagements/{world.number}/scope/add/",
            {"project": one.project.code, "title": "Train", "points": "Ten came.",
             "amendment": number},
        ),
        client.post(f"/deliverables/{one.pk}/drop/", said),
    ]  # fmt: skip

    one.refresh_from_db()
    assert places(answers) == [f"deliverable-{one.pk}", "promised", f"deliverable-{one.pk}"]
    assert (one.definition_of_done, str(one.high_h), one.state) == (
        ["It runs.", "It is known."], "2.50", "dropped",
    )  # fmt: skip
    added = Deliverable.objects.get(title="Train")
    assert (added.definition_of_done, added.promise[:11]) == (["Ten came."], "amendment: ")
    assert list(ScopeChange.objects.order_by("pk").values_list("verb", "by")) == [
        ("changed", "bd"), ("added", "bd"), ("dropped", "bd"),
    ]  # fmt: skip
    lines = page_of(client, world).context["lines"]
    assert [line["one"].title for line in lines] == ["Train"]


def test_clause_is_written_down_and_served_and_work_waits_on_the_page(browser, world):
    client, one = browser("PS"), world.deliverable
    second = make_deliverable(world.engagement, "phase-2")
    agreement = world.engagement.deal.agreements.get().pk

    answers = [
        client.post(
            f"/engagements/{world.number}/clauses/add/",
            {"agreement": agreement, "name": "§ 4.2", "text": "In Europe."},
        ),
        client.post(f"/deliverables/{one.pk}/serve/", {"promise": "clause: § 4.2"}),
        client.post(f"/deliverables/{second.pk}/need/", {"needed": one.pk}),
    ]

    line = next(
        line for line in page_of(client, world).context["lines"] if line["one"].pk == second.pk
    )
    assert places(answers) == ["clauses", f"deliverable-{one.pk}", f"deliverable-{second.pk}"]
    assert Clause.objects.get().by == "ps"
    one.refresh_from_db()
    assert (one.promise, line["needs"]) == ("clause: § 4.2", [one])
    client.post(f"/deliverables/{second.pk}/need/", {"needed": one.pk, "no_more": "on"})
    assert second.needs.count() == 0


def test_project_is_begun_and_its_table_filled_on_the_pages(browser, world):
    client = browser("PS")
    start = {"template": "event", "about_on": "2026-06-18", "why": ""}
    client.post(f"/engagements/{world.number}/projects/begin/", start)

    said = {"project": "event", "field": "project.attendees", "value": "40"}
    answer = client.post(f"/engagements/{world.number}/ready/", said)

    assert answer.headers["Location"] == f"/engagements/{world.number}/#ready"
    assert (BegunProject.objects.get().by, ProjectFact.objects.get().value) == ("ps", "40")
    shown = client.get(f"/engagements/{world.number}/").content.decode()
    assert 'value="40"' in shown


def test_joint_work_is_agreed_priced_joined_and_left_on_the_page(browser, world):
    client, one = browser("BD"), world.deliverable
    reef = make_engagement(name="Reef", hubspot_id="900201")
    late = make_engagement(name="Late", hubspot_id="900202")
    begin = f"/engagements/{world.number}/joint/"
    client.post(
        begin,
        {"project": one.project_id, "title": "Tool", "threshold": 2,
         "shares": f"{world.number} 2\n900201, 1"},
    )  # fmt: skip
    work = JointWork.objects.get()

    for step, sent in (
        ("price", {"price": "300.00", "currency": "USD"}),
        ("join", {"deal": "900202", "parts": "1"}),
        ("start", {}),
        ("leave", {"deal": reef.deal.reference, "why": "No money."}),
    ):
        answer = client.post(f"{begin}{work.pk}/{step}/", sent)
        assert answer.headers["Location"] == (f"/engagements/{world.number}/scope/#joint-{work.pk}")

    [line] = page_of(client, world).context["joint"]
    work.refresh_from_db()
    assert (work.started_by, [str(share.money) for share in line["state"].shares]) == (
        "bd", ["200.00", "100.00"],
    )  # fmt: skip
    assert client.post(f"/engagements/{reef.number}/joint/999/start/").status_code == 404
    assert late.deal.joint_shares.get().parts == Decimal(1)


@pytest.mark.parametrize(
    ("path", "sent", "said"),
    [
        ("/engagements/{e}/joint/", {"project": 1, "title": "T", "threshold": 1, "shares": "12"},
         "Line 1, &#x27;12&#x27;, is no deal with its parts."),
        ("/deliverables/{d}/rescope/", {"amendment": 9, "why": "x", "points": "y"},
         "and this is none"),
        ("/deliverables/{d}/need/", {"needed": 999999}, "There is no deliverable 999999."),
        ("/deliverables/{d}/serve/", {"promise": "clause: § 9"}, "Nobody promised"),
        ("/engagements/{e}/scope/add/", {"project": "", "title": ""}, "This field is required"),
        ("/engagements/{e}/ready/", {"project": "x", "field": "y", "value": "z"},
         "Nothing in the project"),
    ],
)  # fmt: skip
def test_refusal_is_said_on_the_page_and_nothing_is_written(path, sent, said, browser, world):
    client, entries = browser("Admin"), Entry.objects.count()

    answer = client.post(path.format(e=world.number, d=world.deliverable.pk), sent)

    assert (answer.status_code, Entry.objects.count()) == (422, entries)
    assert said in answer.content.decode()


def test_money_of_joint_work_is_hidden_from_ps_on_both_pages(browser, world):
    reef = make_engagement(name="Reef", hubspot_id="900201")
    shares = {world.number: Decimal(1), reef.number: Decimal(2)}
    state = open_joint_work(
        world.deliverable.project_id, shares, title="Tool", threshold=1, by=BD, at=NOON
    )
    price_joint_work(state.work.pk, Decimal("4711.50"), by=BD, at=NOON)

    for path in ("", "scope/"):
        address = f"/engagements/{world.number}/{path}"
        seen = browser("BD").get(address).content.decode()
        kept = browser("PS").get(address).content.decode()
        assert ("1,570.50" in seen, "1,570.50" in kept, "66.67" in kept) == (True, False, True)


def test_scope_costs_as_many_queries_for_three_deliverables_as_for_one(
    browser, world, django_assert_num_queries
):
    client = browser("BD")
    page_of(client, world)
    with django_assert_num_queries(QUERIES):
        assert len(page_of(client, world).context["lines"]) == 1
    for code in ("phase-2", "phase-3"):
        make_deliverable(world.engagement, code)
    with django_assert_num_queries(QUERIES):
        assert len(page_of(client, world).context["lines"]) == 3


QUERIES = 23
