"""What is promised changes by an executed amendment alone; gaps are shown in both directions."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import BD, NOON, PS, TODAY, make_deliverable, make_engagement, make_person
from tests.handoff.world import ITEMS, apply, fresh, plan, with_statement
from tests.sales.agreements_world import amend, sign_all
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.actions.deliverables import mark_done, verify_deliverable
from throughline.delivery.actions.scope import (
    Work,
    add_clause,
    add_work,
    change_scope,
    drop_deliverable,
    serve_promise,
)
from throughline.delivery.actions.working import tick_point
from throughline.delivery.models import Clause, Deliverable, ScopeChange
from throughline.delivery.promised import gap_shape, promise_gaps
from throughline.delivery.queries import is_verified
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
HOW = {"by": BD, "at": NOON}


@pytest.fixture
def engagement(db):
    """An engagement with a statement of work of two deliverables, handed over."""
    made = make_engagement()
    with_statement(made)
    apply(made)
    return fresh(made)


def amendment(engagement, *, is_signed=True):
    made = amend(engagement.deal, kind="amendment", title="First amendment", scope="Less to build.")
    if is_signed:
        sign_all(engagement.deal)
    return made.pk


def of_statement(number=1):
    return Deliverable.objects.get(project__code="statement-of-work", code=f"deliverable-{number}")


def gaps(engagement):
    found = promise_gaps(fresh(engagement), playbook=shipped())
    return [(one.code, one.text) for one in found]


def settle(deliverable):
    mark_done(deliverable.pk, evidence="", link="", by=PS, at=NOON)
    verify_deliverable(deliverable.pk, by=BD, at=NOON)


def test_an_amendment_changes_what_a_deliverable_means_and_the_next_plan_leaves_it(engagement):
    found = change_scope(
        of_statement().pk,
        {"definition_of_done": ["It builds nightly."], "low_h": "2", "high_h": "3.5"},
        amendment=amendment(engagement), why="Less was wanted.", **HOW,
    )  # fmt: skip

    assert (found.definition_of_done, found.state) == (["It builds nightly."], "planned")
    row = of_statement()
    assert (row.definition_of_done, row.low_h, row.high_h) == (
        ["It builds nightly."], Decimal("2.00"), Decimal("3.50"),
    )  # fmt: skip
    assert [one for one in plan(engagement).changes if one.system == "delivery"] == []
    entry = Entry.objects.get(act="delivery.scope.changed")
    assert (entry.facts["before"]["low_h"], entry.facts["now"]["low_h"]) == ("4.50", "2.00")


def test_what_was_verified_is_planned_again_when_its_scope_changes(engagement):
    settle(of_statement())

    change_scope(
        of_statement().pk, {"definition_of_done": ["Other."]}, amendment=amendment(engagement),
        why="Otherwise.", **HOW,
    )  # fmt: skip

    row = of_statement()
    assert (row.state, row.done_by, row.verdict_by, row.done_at) == ("planned", "", "", None)
    assert Entry.objects.filter(act="delivery.deliverable.reopened").count() == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Nothing would change"),
        ({"low_h": "4.5"}, "Nothing would change"),
        ({"due_on": "2026-05-01"}, "due_on is not part of the scope"),
        ({"low_h": "40"}, "40.00 to 9.00 are no hours"),
    ],
)
def test_a_change_of_scope_that_is_none_is_refused(engagement, changes, says):
    with pytest.raises(Refused, match=says):
        change_scope(
            of_statement().pk, changes, amendment=amendment(engagement), why="Why not.", **HOW
        )
    assert ScopeChange.objects.count() == 0


@pytest.mark.parametrize("act", ["change", "drop"])
def test_scope_changes_by_no_agreement_itself_and_by_no_unsigned_amendment(engagement, act):
    pk = of_statement().pk
    governing = engagement.deal.agreements.get().pk
    unsigned = amendment(engagement, is_signed=False)

    def change(number, why="Because."):
        if act == "drop":
            drop_deliverable(pk, amendment=number, why=why, **HOW)
        else:
            change_scope(pk, {"low_h": "1"}, amendment=number, why=why, **HOW)

    with pytest.raises(Refused, match="changes by an amendment of this deal's agreement"):
        change(governing)
    with pytest.raises(Refused, match="First amendment is not executed yet"):
        change(unsigned)
    sign_all(engagement.deal)
    with pytest.raises(Refused, match="Why does the scope change"):
        change(unsigned, why=" ")
    assert (of_statement().state, ScopeChange.objects.count()) == ("planned", 0)


def test_the_amendment_of_another_deal_changes_nothing_here(engagement):
    other = amendment(make_engagement(name="Another", hubspot_id="900200"))

    with pytest.raises(Refused, match="this is none"):
        drop_deliverable(of_statement().pk, amendment=other, why="No.", **HOW)


def test_what_an_amendment_took_out_is_not_planned_again_and_holds_no_verification_up(engagement):
    drop_deliverable(of_statement(2).pk, amendment=amendment(engagement), why="Not wanted.", **HOW)

    assert of_statement(2).state == "dropped"
    apply(engagement)
    assert of_statement(2).state == "dropped"
    assert [one for one in plan(engagement).changes if one.system == "delivery"] == []
    for one in Deliverable.objects.exclude(state="dropped"):
        settle(one)
    assert is_verified(engagement)


def test_what_was_taken_out_can_not_be_worked_on(engagement):
    first = amendment(engagement)
    drop_deliverable(of_statement(2).pk, amendment=first, why="Not wanted.", **HOW)
    pk = of_statement(2).pk

    for act in (
        lambda: mark_done(pk, evidence="", link="", by=PS, at=NOON),
        lambda: tick_point(pk, 1, by=PS, at=NOON),
        lambda: change_scope(pk, {"low_h": "1"}, amendment=first, why="x", **HOW),
        lambda: drop_deliverable(pk, amendment=first, why="x", **HOW),
    ):
        with pytest.raises(Refused, match="An amendment took “Hand it over” out"):
            act()


def test_what_is_done_is_not_taken_out(engagement):
    settle(of_statement(2))

    with pytest.raises(Refused, match="called this verified already"):
        drop_deliverable(of_statement(2).pk, amendment=amendment(engagement), why="x", **HOW)
    assert of_statement(2).state == "verified"


def test_work_that_an_amendment_adds_is_a_promise_and_stays_planned(engagement):
    work = Work("Train people", ("Ten people were trained.",), TODAY + timedelta(days=60),
                Decimal(4), Decimal(8))  # fmt: skip

    made = add_work(
        engagement.number, "statement-of-work", work, amendment=amendment(engagement), **HOW
    )

    assert (made.code, made.promise, made.low_h) == (
        "added-1", "amendment: First amendment", Decimal(4),
    )  # fmt: skip
    assert [one for one in plan(engagement).changes if one.system == "delivery"] == []
    assert gaps(engagement) == []


def test_work_that_nobody_promised_is_shown_until_it_serves_a_promise(engagement):
    made = add_work(
        engagement.number, "new-hub", Work("Tidy the cluster"), amendment=None, by=PS, at=NOON
    )
    assert gaps(engagement) == [("work_without_promise", "Tidy the cluster")]
    add_clause(
        engagement.number, "§ 4.2", "The cluster is kept tidy.",
        agreement=engagement.deal.agreements.get().pk, **HOW,
    )  # fmt: skip
    assert gaps(engagement) == [
        ("promise_without_work", "§ 4.2: The cluster is kept tidy."),
        ("work_without_promise", "Tidy the cluster"),
    ]

    serve_promise(made.pk, "clause: § 4.2", **HOW)

    assert gaps(engagement) == []
    assert [one for one in plan(engagement).changes if one.system == "delivery"] == []


def test_an_item_of_a_newer_statement_is_a_promise_without_work(engagement):
    with_statement(engagement, [ITEMS[0], ("Train", ["Done."], 1, 2)], text="v2")

    assert gaps(engagement) == [
        ("promise_without_work", "Train"),
        ("work_without_promise", "Hand it over"),
    ]


def test_gaps_as_json_name_the_deliverable(engagement):
    made = add_work(engagement.number, "new-hub", Work("Tidy"), amendment=None, by=PS, at=NOON)

    found = [gap_shape(one) for one in promise_gaps(engagement, playbook=shipped())]

    assert found == [
        {"code": "work_without_promise", "text": "Tidy", "promise": None, "number": made.pk}
    ]


def test_once_ps_has_accepted_a_newer_statement_alone_changes_no_scope(engagement):
    accept_engagement(engagement.number, by=PS, at=NOON)
    newer = [("Build the tool", ["It builds, and flies."], 8, 16), ITEMS[1]]
    with_statement(fresh(engagement), newer, text="v2")

    apply(engagement)

    row = of_statement()
    assert (row.definition_of_done, row.high_h) == (ITEMS[0][1], Decimal("9.00"))


@pytest.mark.parametrize(
    ("work", "says"),
    [
        (Work("  "), "A deliverable needs a title"),
        (Work("x", low_h=Decimal(5), high_h=Decimal(2)), "5 to 2 are no hours"),
        (Work("x", due_on=TODAY + timedelta(days=900)), "is after the engagement's end"),
    ],
)
def test_work_without_title_or_with_impossible_figures_is_refused(engagement, work, says):
    before = Deliverable.objects.count()

    with pytest.raises(Refused, match=says):
        add_work(engagement.number, "new-hub", work, amendment=None, by=PS, at=NOON)
    assert Deliverable.objects.count() == before


def test_work_in_a_project_that_is_not_there_is_refused_and_names_those_that_are(engagement):
    with pytest.raises(Refused, match="Use one of new-hub, renewal, statement-of-work"):
        add_work(engagement.number, "garden", Work("Dig"), amendment=None, by=PS, at=NOON)


def test_a_promise_that_nobody_made_can_not_be_served(engagement):
    with pytest.raises(Refused, match="Nobody promised 'clause: § 9'"):
        serve_promise(of_statement().pk, "clause: § 9", **HOW)


def test_a_clause_stands_once_and_has_words(engagement):
    agreement = engagement.deal.agreements.get().pk
    add_clause(engagement.number, "§ 1", "A hub.", agreement=agreement, **HOW)

    for name, text, number, says in (
        ("§ 1", "Another.", agreement, "§ 1 stands already: A hub."),
        ("§ 2", " ", agreement, "A promise has a name and words"),
        ("§ 2", "A hub.", agreement + 999, "That is no agreement of this deal"),
    ):
        with pytest.raises(Refused, match=says):
            add_clause(engagement.number, name, text, agreement=number, **HOW)
    assert Clause.objects.count() == 1


def test_strangers_may_not_change_what_is_promised(engagement):
    make_person("sven", RoleName.SPONSOR)
    number, first = engagement.number, amendment(engagement)
    how = {"by": "sven", "at": NOON}

    for act in (
        lambda: add_work(number, "new-hub", Work("x"), amendment=None, **how),
        lambda: change_scope(of_statement().pk, {"low_h": "1"}, amendment=first, why="x", **how),
        lambda: drop_deliverable(of_statement().pk, amendment=first, why="x", **how),
        lambda: add_clause(number, "§ 1", "x", agreement=first, **how),
        lambda: serve_promise(of_statement().pk, "x", **how),
    ):
        with pytest.raises(NotEntitled):
            act()
    assert (ScopeChange.objects.count(), Clause.objects.count()) == (0, 0)


def test_gaps_take_as_many_queries_for_three_as_for_one(engagement, django_assert_num_queries):
    make_deliverable(engagement, "phase-9")

    for count in (1, 3):
        while Clause.objects.count() < count:
            name = f"§ {Clause.objects.count()}"
            add_clause(
                engagement.number, name, "x", agreement=engagement.deal.agreements.get().pk, **HOW
            )
        with django_assert_num_queries(11):
            promise_gaps(engagement, playbook=shipped())


@pytest.mark.both_databases
def test_a_scope_changed_while_it_is_verified_is_never_verified_unseen(at_once):
    made = make_engagement()
    promised = make_deliverable(made)
    number = amendment(fresh(made))
    mark_done(promised.pk, evidence="", link="", by=PS, at=NOON)

    at_once(
        lambda: verify_deliverable(promised.pk, by=BD, at=NOON),
        lambda: change_scope(
            promised.pk, {"definition_of_done": ["Other."]}, amendment=number, why="x", **HOW
        ),
    )

    row = Deliverable.objects.get(pk=promised.pk)
    assert (row.definition_of_done, row.state) == (["Other."], "planned")
