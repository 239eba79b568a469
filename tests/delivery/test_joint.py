"""Joint work: one project, several deals, shares that always add up, a start threshold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import BD, NOON, PS, make_deal, make_engagement, make_person
from tests.handoff.world import apply, fresh, plan, with_statement
from throughline.capacity.queries import bookings_of
from throughline.delivery.actions.carrying import carry_project
from throughline.delivery.actions.deliverables import mark_done, verify_deliverable
from throughline.delivery.actions.joint import (
    NoSuchJointWork,
    join_joint_work,
    leave_joint_work,
    open_joint_work,
    price_joint_work,
    start_joint_work,
)
from throughline.delivery.actions.scope import Work, add_work
from throughline.delivery.joint import joint_shape, joint_works, joint_works_of, split, state_of
from throughline.delivery.models import Deliverable, JointShare, JointWork, Project
from throughline.delivery.queries import is_verified
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.people.gates import NotEntitled
from throughline.people.models import User
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
HOW = {"by": BD, "at": NOON}


@pytest.fixture
def engagements(db):
    """Three engagements; the first has a statement of work of 6.50 to 11.25 hours."""
    found = [make_engagement(name=f"Deal {n}", hubspot_id=f"90010{n}") for n in range(3)]
    with_statement(found[0])
    apply(found[0])
    for number, one in enumerate(found):
        Deal.objects.filter(pk=one.pk).update(owner=f"owner{number}@example.org")
    return [fresh(one) for one in found]


def project():
    return Project.objects.get(code__startswith="statement-of-work")


def share(engagements, parts=(2, 1, 1), threshold=2):
    shares = {one.pk: Decimal(part) for one, part in zip(engagements, parts, strict=True)}
    return open_joint_work(project().pk, shares, title="Tool", threshold=threshold, **HOW)


def leave(state, engagement, why="No money."):
    return leave_joint_work(state.work.pk, engagement.deal, why=why, playbook=shipped(), **HOW)


def settle(found):
    for one in found:
        mark_done(one.pk, evidence="", link="", by=PS, at=NOON)
        verify_deliverable(one.pk, by=BD, at=NOON)


def test_shares_are_computed_from_parts_and_add_up(engagements):
    state = share(engagements, parts=(1, 1, 1))

    assert [one.pct for one in state.shares] == [
        Decimal("33.34"), Decimal("33.33"), Decimal("33.33"),
    ]  # fmt: skip
    assert sum(one.low_h for one in state.shares) == Decimal("6.50")
    assert sum(one.high_h for one in state.shares) == Decimal("11.25")
    assert [one.work for one in map(state_of, joint_works_of(engagements[2]))] == [state.work]


@given(
    whole=st.decimals(0, 10**6, places=2),
    parts=st.lists(st.decimals("0.01", 1000, places=2), min_size=1, max_size=9),
)
def test_a_split_adds_up_and_no_share_is_a_cent_off(whole, parts):
    found = split(whole, parts)

    assert sum(found) == whole
    total = sum(parts)
    assert all(
        abs(one - whole * part / total) < Decimal("0.01")
        for one, part in zip(found, parts, strict=True)
    )


def test_nothing_of_it_is_done_before_enough_have_signed_and_it_is_started(engagements):
    unsigned = make_deal(name="Late", owner="late@example.org")
    shares = {engagements[0].pk: Decimal(1), unsigned.pk: Decimal(1)}
    work = open_joint_work(project().pk, shares, title="Tool", threshold=2, **HOW).work
    build = Deliverable.objects.get(title="Build the tool")

    with pytest.raises(Refused, match="The joint work “Tool” has not started"):
        mark_done(build.pk, evidence="", link="", by=PS, at=NOON)
    with pytest.raises(Refused) as refused:
        start_joint_work(work.pk, **HOW)
    assert str(refused.value) == ("1 of at least 2 have signed. Have the agreements signed: Late.")
    assert JointWork.objects.get().started_at is None

    join_joint_work(work.pk, engagements[1].deal, Decimal(2), **HOW)
    state = start_joint_work(work.pk, **HOW)

    assert (state.signed, state.work.started_by) == (2, BD)
    assert mark_done(build.pk, evidence="", link="", by=PS, at=NOON).state == "done"
    with pytest.raises(Refused, match="ada has started it already"):
        start_joint_work(work.pk, **HOW)


def test_what_is_joint_counts_for_everybody_who_has_a_share(engagements):
    state = share(engagements)
    start_joint_work(state.work.pk, **HOW)
    settle(Deliverable.objects.filter(project__code="statement-of-work"))

    assert [is_verified(one) for one in engagements] == [False, True, True]
    settle(Deliverable.objects.exclude(project__code="statement-of-work"))
    assert is_verified(engagements[0])


def test_one_drops_out_and_shares_are_recomputed_and_the_others_told(engagements):
    state = share(engagements)

    after = leave(state, engagements[2])

    assert [(one.deal.name, str(one.pct)) for one in after.shares] == [
        ("Deal 0", "66.67"), ("Deal 1", "33.33"),
    ]  # fmt: skip
    mails = Message.objects.filter(key__contains="mail.joint_changed").order_by("key")
    assert [one.to for one in mails] == [["owner0@example.org"], ["owner1@example.org"]]
    assert mails[0].subject == "Joint work: Deal 2 is no longer part of “Tool”"
    assert "- Deal 0: 66.67 %, 4.33–7.50 h\n- Deal 1: 33.33 %, 2.17–3.75 h\n" in mails[0].text
    told = Entry.objects.filter(act="delivery.joint.left").order_by("subject_id")
    assert [(one.facts["who"], one.facts["pct"]) for one in told] == [
        ("Deal 2", "66.67"), ("Deal 2", "33.33"), ("Deal 2", "0"),
    ]  # fmt: skip
    assert joint_shape(after, with_money=False)["left"] == [{"deal": "900102", "why": "No money."}]
    settle(Deliverable.objects.none())
    assert not is_verified(engagements[2])  # nothing is left that it stands for


def test_those_who_are_told_of_shares_read_money_only_where_they_may_see_it(engagements):
    first, second, third = engagements
    for role, one in ((RoleName.BD, first), (RoleName.PS, second)):
        address = f"{role.value.lower()}@example.org"
        make_person(f"told-{role.value}", role)
        User.objects.filter(username=f"told-{role.value}").update(email=address.upper())
        Deal.objects.filter(pk=one.pk).update(owner=address)
    Deal.objects.filter(pk=second.pk).update(currency="EUR")
    leave(price(share(engagements)), third)

    hours = "- Deal 0: 66.67 %, 4.33–7.50 h{}\n- Deal 1: 33.33 %, 2.17–3.75 h{}\n"
    money = hours.format(", 66.67 USD", ", 33.33 USD (its deal pays in EUR)")
    mails = Message.objects.filter(key__contains="mail.joint_changed")
    told = {one.to[0]: one.text for one in mails}
    assert money in told["bd@example.org"]
    assert hours.format("", "") in told["ps@example.org"]


def test_where_the_one_that_carries_it_leaves_another_carries_it_and_no_plan_brings_it_back(
    engagements,
):
    state = share(engagements)

    leave(state, engagements[0])

    assert project().engagement_id == engagements[1].pk
    assert [one for one in plan(engagements[0]).changes if "statement" in one.outcome] == []
    start_joint_work(state.work.pk, **HOW)
    settle(Deliverable.objects.filter(project=project()))
    assert is_verified(engagements[1])


def booked(engagement):
    return [(one.code, str(one.hours)) for one in bookings_of(engagement.deal.subject)]


def bookings_planned(engagement):
    return [one for one in plan(engagement).changes if one.outcome.startswith("capacity.bookings")]


def test_hours_follow_the_work_to_whoever_carries_it_and_are_freed_there(engagements):
    first, second, third = engagements
    extra = add_work(
        first.pk, "statement-of-work", Work("More", high_h=Decimal(5), low_h=Decimal(2)),
        amendment=None, by=PS, at=NOON,
    )  # fmt: skip
    for one in engagements:
        apply(one)
    own = booked(second)
    state = share(engagements)
    assert booked(first) == [("overhead", "11.25"), ("added-1", "5.00")]

    leave(state, first)

    whole, added = (f"overhead@{first.pk}", "11.25"), (f"added-1@{first.pk}", "5.00")
    assert (booked(first), sorted(booked(second))) == ([], sorted([*own, whole, added]))
    assert [bookings_planned(one) for one in engagements] == [[], [], []]
    told = Entry.objects.filter(act="capacity.booking.handed_on")
    assert [(one.facts["before"], one.facts["about"]) for one in told] == [
        (first.deal.subject, second.deal.subject)
    ] * 2

    start_joint_work(state.work.pk, **HOW)
    mark_done(extra.pk, evidence="", link="", by=PS, at=NOON)
    assert sorted(booked(second)) == sorted([*own, whole])
    assert bookings_planned(second) == []
    leave(state, second)
    assert (booked(second), whole in booked(third)) == (own, True)


def test_work_that_comes_back_to_where_it_was_planned_has_its_names_and_hours_again(engagements):
    first, second, _third = engagements
    before, state = booked(first), share(engagements)
    leave(state, first)

    carry_project(project(), first, **HOW)

    assert (project().code, booked(first), booked(second)) == ("statement-of-work", before, [])
    assert bookings_planned(first) == []


def test_work_added_after_some_went_elsewhere_takes_no_code_of_it(engagements):
    first, *_others = engagements
    one = add_work(first.pk, "statement-of-work", Work("One"), amendment=None, by=PS, at=NOON)
    state = share(engagements)
    leave(state, first)

    other = first.projects.first()
    two = add_work(first.pk, other.code, Work("Two"), amendment=None, by=PS, at=NOON)

    assert (one.code, two.code) == ("added-1", "added-2")


def price(state, amount="100.00", **more):
    return price_joint_work(state.work.pk, Decimal(amount), **more, **HOW)


def money(state):
    return [(str(one.money), one.currency, one.is_in_another_currency) for one in state.shares]


def test_price_is_shared_to_the_cent_and_anew_when_one_leaves(engagements):
    state = share(engagements, parts=(1, 1, 1))
    assert [one.money for one in state.shares] == [None] * 3
    Deal.objects.filter(pk=engagements[1].pk).update(currency="EUR")

    state = price(state)

    assert money(state) == [
        ("33.34", "USD", False), ("33.33", "USD", True), ("33.33", "USD", False),
    ]  # fmt: skip
    assert money(leave(state, engagements[2])) == [("50.00", "USD", False), ("50.00", "USD", True)]
    assert money(price(state, "0.015", currency="eur"))[0] == ("0.01", "EUR", True)
    told = Entry.objects.filter(act="delivery.joint.priced").earliest("pk").facts
    assert (told["price"], told["currency"], told["pct"]) == ("100.00", "USD", "33.34")


def test_money_of_joint_work_is_told_to_those_alone_who_may_see_it(engagements):
    state = price(share(engagements, parts=(1, 1, 2)))

    told, kept = joint_shape(state, with_money=True), joint_shape(state, with_money=False)

    assert (told["price"], told["currency"], [one["money"] for one in told["shares"]]) == (
        "100.00", "USD", ["25.00", "25.00", "50.00"],
    )  # fmt: skip
    assert (kept["price"], [one["money"] for one in kept["shares"]]) == (None, [None] * 3)


@pytest.mark.parametrize(("amount", "currency"), [("-1", ""), ("10", "dollars"), ("10", "U")])
def test_price_that_makes_no_sense_is_refused(amount, currency, engagements):
    state = share(engagements)

    with pytest.raises(Refused, match="is no"):
        price(state, amount, currency=currency)

    assert JointWork.objects.get().price is None


def test_nobody_leaves_twice_or_alone_or_without_a_reason_or_a_follower(engagements):
    state = share(engagements)
    leave(state, engagements[1])

    for engagement, why, says in (
        (engagements[1], "Again.", "has no share in it"),
        (engagements[2], " ", "Why does it leave"),
    ):
        with pytest.raises(Refused, match=says):
            leave(state, engagement, why)
    leave(state, engagements[2])
    with pytest.raises(Refused, match="Nobody else has a share"):
        leave(state, engagements[0])
    join_joint_work(state.work.pk, make_deal(name="New"), Decimal(1), **HOW)
    with pytest.raises(Refused, match="None of the others has an engagement"):
        leave(state, engagements[0])
    standing = JointShare.objects.filter(left_at=None).order_by("pk")
    assert [one.deal.name for one in standing] == ["Deal 0", "New"]


def test_joint_work_that_makes_no_sense_is_refused(engagements):
    first, second, third = (one.pk for one in engagements)
    one = Decimal(1)

    for shares, threshold, says in (
        ({first: one}, 1, "carried by at least two deals"),
        ({second: one, third: one}, 1, "its own is one of them"),
        ({first: one, second: Decimal(0)}, 1, "0 are no parts"),
        ({first: one, second: Decimal("NaN")}, 1, "NaN are no parts"),
        ({first: one, 999999: one}, 1, "There is no deal 999999"),
        ({first: one, second: one}, 3, "3 of 2 can never have signed"),
        ({first: one, second: one}, 0, "0 of 2 can never have signed"),
    ):
        with pytest.raises(Refused, match=says):
            open_joint_work(project().pk, shares, title="T", threshold=threshold, **HOW)
    assert JointWork.objects.count() == 0
    share(engagements)
    with pytest.raises(Refused, match="may be joint only once"):
        share(engagements)
    with pytest.raises(Refused, match="has or had a share already"):
        join_joint_work(JointWork.objects.get().pk, engagements[1].deal, one, **HOW)
    with pytest.raises(NoSuchJointWork):
        start_joint_work(999, **HOW)


def test_strangers_may_not_agree_on_joint_work(engagements):
    make_person("sven", RoleName.SPONSOR)
    state = share(engagements)
    how = {"by": "sven", "at": NOON}
    deal = engagements[1].deal

    for act in (
        lambda: open_joint_work(project().pk, {}, title="T", threshold=1, **how),
        lambda: join_joint_work(state.work.pk, make_deal(name="x"), Decimal(1), **how),
        lambda: start_joint_work(state.work.pk, **how),
        lambda: price_joint_work(state.work.pk, Decimal(1), **how),
        lambda: leave_joint_work(state.work.pk, deal, why="x", playbook=shipped(), **how),
    ):
        with pytest.raises(NotEntitled):
            act()


def test_joint_works_take_as_many_queries_for_three_as_for_one(
    engagements, django_assert_num_queries
):
    share(engagements)
    for count in (0, 2):
        for number in range(count):
            made = Project.objects.create(
                engagement=engagements[number], code=f"p{number}", title="P", kind="event"
            )
            shares = {one.pk: Decimal(1) for one in engagements}
            open_joint_work(made.pk, shares, title="More", threshold=1, **HOW)
        with django_assert_num_queries(5):
            assert len([state_of(one) for one in joint_works()]) == 1 + count


@pytest.mark.both_databases
def test_the_last_two_who_leave_at_once_leave_one_behind(at_once):
    first = make_engagement(name="One", hubspot_id="900100")
    second = make_engagement(name="Two", hubspot_id="900200")
    made = Project.objects.create(engagement=first, code="p", title="P", kind="event")
    shares = {one.pk: Decimal(1) for one in (first, second)}
    state = open_joint_work(made.pk, shares, title="Tool", threshold=1, **HOW)

    results = at_once(lambda: leave(state, first), lambda: leave(state, second))

    assert sorted(type(one).__name__ for one in results) == ["JointState", "Refused"]
    standing = JointShare.objects.get(left_at=None)
    assert Project.objects.get().engagement_id == standing.deal_id
