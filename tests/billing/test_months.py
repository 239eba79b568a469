"""Months: one person reviews, another sends, and then nothing changes any more."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.billing.bills import ACCOUNT, APRIL, LATER, MAY, book, count_mau
from tests.billing.line import make_served
from tests.factories import BD, NOON, make_engagement
from throughline.billing.actions.correcting import Counts, Target, bear_cost, correct
from throughline.billing.actions.mapping import assign_account
from throughline.billing.actions.months import (
    close_month,
    enter_receipt,
    review_month,
    send_month,
)
from throughline.billing.models import BillingMonth, Charge, Invoice
from throughline.billing.queries import cells
from throughline.billing.unbilled import orphans, unbilled
from throughline.billing.words import EntryKind, Reason
from throughline.infrastructure.models import CloudAccount
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TODAY = LATER.date()


@pytest.fixture
def served():
    engagement, cluster = make_served()
    book({ACCOUNT: "100.005"})
    count_mau({"maple": 280})
    return engagement, cluster


@pytest.fixture
def review(playbook):
    return lambda month=APRIL, by="ada", at=LATER: review_month(
        month, playbook=playbook, by=by, at=at
    )


@pytest.fixture
def send(playbook, review):
    def sends(month=APRIL, *, reviewed_by="ada", by="sol"):
        review(month, by=reviewed_by)
        return send_month(month, playbook=playbook, by=by, at=LATER)

    return sends


def state(month=APRIL):
    return BillingMonth.objects.get(month=month).state


def refusal(act):
    before = (Charge.objects.count(), Entry.objects.count())
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.remedy != ""
    assert (Charge.objects.count(), Entry.objects.count()) == before
    return refused.value.message


def charges(month=APRIL):
    return [
        (one.kind, str(one.amount), one.gl_code, one.cost_code, one.standing,
         one.invoice.number if one.invoice else None)
        for one in Charge.objects.filter(month=month).select_related("invoice").order_by("pk")
    ]  # fmt: skip


def test_month_goes_from_open_to_closed_by_two_persons_and_makes_an_invoice(served, send):
    engagement, _cluster = served

    row = send()

    number = f"TL-{engagement.pk}-202604"
    assert charges() == [
        ("cloud", "100.01", "4222", "7061", "billable", number),
        ("usage", "1000.00", "4223", "", "billable", number),
    ]  # fmt: skip
    assert (row.state, row.reviewed_by, row.sent_by) == ("sent", "ada", "sol")
    invoice = Invoice.objects.get()
    assert invoice.agreement == engagement.deal.agreements.get()
    assert refusal(lambda: close_month(APRIL, by="ada", at=LATER)) == (
        f"{number}: nobody has written down the Sponsor's number."
    )
    enter_receipt(number, "INV-77", by="sol", at=LATER)
    close_month(APRIL, by="ada", at=LATER)
    assert state() == "closed"
    assert refusal(lambda: enter_receipt(number, "INV-78", by="sol", at=LATER)) == (
        "2026-04 is closed."
    )


def test_person_who_reviewed_may_not_send(served, review, playbook):
    review(by="Ada")

    said = refusal(lambda: send_month(APRIL, playbook=playbook, by=" ada", at=LATER))

    assert said == "Sending a month needs two persons, and Ada did the first part."
    assert state() == "reviewed"


def test_month_that_changed_since_its_review_is_not_sent_until_it_is_reviewed_again(
    served, review, playbook
):
    engagement, _cluster = served
    review()
    engagement.deal.agreements.get().payments.create(
        position=1, occasion="Start", due_on=APRIL, amount="50.00"
    )

    said = refusal(lambda: send_month(APRIL, playbook=playbook, by="sol", at=LATER))

    assert said == "2026-04 is not what ada reviewed any more."
    review(by="lea")
    send_month(APRIL, playbook=playbook, by="sol", at=LATER)
    assert charges()[-1] == (
        "membership", "50.00", "4221", "", "billable", f"TL-{engagement.pk}-202604",
    )  # fmt: skip


def test_membership_is_charged_before_there_is_a_cluster(served, review, playbook):
    other = make_engagement(name="later", hubspot_id="555")
    other.deal.agreements.get().payments.create(
        position=1, occasion="Start", due_on=APRIL, amount="70.00"
    )
    review()

    send_month(APRIL, playbook=playbook, by="sol", at=LATER)

    assert charges()[-1] == (
        "membership", "70.00", "4221", "", "billable", f"TL-{other.pk}-202604",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda p: send_month(APRIL, playbook=p, by="sol", at=LATER), "2026-04 is open."),
        (lambda p: close_month(APRIL, by="sol", at=LATER), "2026-04 is open."),
        (
            lambda p: review_month(APRIL, playbook=p, by="a", at=datetime(2026, 4, 30, tzinfo=UTC)),
            "2026-04 is not over.",
        ),
        (
            lambda p: review_month(MAY, playbook=p, by="ada", at=LATER),
            "Nothing is booked in 2026-05.",
        ),
    ],
)
def test_step_out_of_order_is_refused(served, step, message, playbook):
    assert refusal(lambda: step(playbook)) == message


def test_sent_month_is_neither_reviewed_nor_sent_again(served, send, review, playbook):
    send()

    assert refusal(review) == "2026-04 is sent."
    assert refusal(lambda: send_month(APRIL, playbook=playbook, by="lea", at=LATER)) == (
        "2026-04 is sent."
    )


def test_sent_month_shows_what_was_sent_whatever_changes_after(served, send, playbook):
    engagement, cluster = served
    send()
    cluster.paid_by = "community"
    cluster.save()

    cell = cells([APRIL], playbook=playbook)[engagement.pk, cluster.pk, APRIL]

    assert (cell.cost, cell.fee, cell.invoiced) == (
        Decimal("100.01"), Decimal("1000.00"), Decimal("1100.01"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"why": " "}, "A correction needs a reason."),
        ({"amount": Decimal(0)}, "0 corrects nothing."),
        ({"amount": Decimal(5), "kind": EntryKind.CREDIT}, "A credit is below zero."),
        ({"counts": Counts(APRIL, MAY)}, "2026-05 is after 2026-04."),
        ({"target": Target()}, "A correction is of an account or of an engagement."),
    ],
)
def test_correction_that_makes_no_sense_is_refused(served, what, message):
    engagement, cluster = served
    wanted = {
        "target": Target(engagement=engagement, cluster=cluster), "amount": Decimal(-5),
        "counts": Counts(APRIL, APRIL), "kind": EntryKind.CORRECTION, "why": "Agreed.",
    } | what  # fmt: skip

    assert refusal(
        lambda: correct(
            wanted["target"], wanted["amount"], wanted["counts"], kind=wanted["kind"],
            why=wanted["why"], by=BD, at=NOON,
        )
    ) == message  # fmt: skip


def test_correction_of_a_sent_month_is_booked_in_a_later_one_and_sent_there(served, send):
    engagement, cluster = served
    send()
    target = Target(engagement=engagement, cluster=cluster)
    what = {"kind": EntryKind.CREDIT, "why": "Promised.", "by": BD, "at": LATER}

    assert refusal(lambda: correct(target, Decimal(-10), Counts(APRIL, APRIL), **what)) == (
        "2026-04 is sent."
    )
    correct(target, Decimal(-10), Counts(MAY, APRIL), **what)
    book({ACCOUNT: "50"}, month=MAY)
    send(MAY)

    assert [one[:3] for one in charges(MAY)] == [
        ("cloud", "50.00", "4222"), ("adjustment", "-10.00", "4222"),
    ]  # fmt: skip


def reasons(playbook):
    found = unbilled(on=TODAY, playbook=playbook)
    return {reason: (str(amount), count) for reason, (amount, count) in found.by_reason.items()}


def test_not_billed_yet_is_everything_until_it_is_sent(served, send, playbook):
    assert reasons(playbook) == {Reason.NOT_SENT: ("1100.01", 2)}
    assert unbilled(on=TODAY, playbook=playbook).total == Decimal("1100.01")

    send()

    assert reasons(playbook) == {}


def test_cost_of_nobody_is_carried_on_until_it_is_assigned_and_then_sent(served, send, playbook):
    engagement, cluster = served
    book({"2": "7.77"})
    send()

    assert reasons(playbook) == {Reason.UNASSIGNED: ("7.77", 1)}
    assert charges()[1] == ("cloud", "7.77", "", "7062", "unassigned", None)
    lost = orphans(unbilled(on=TODAY, playbook=playbook).book)
    assert [(one.account.identifier, one.since, str(one.amount)) for one in lost] == [
        ("2", APRIL, "7.77")
    ]
    account = CloudAccount.objects.get(identifier="2")
    assign_account(account, cluster, why="", by=BD, at=LATER)
    assert reasons(playbook) == {Reason.NOT_SENT: ("7.77", 1)}
    book({ACCOUNT: "50"}, month=MAY)
    count_mau({"maple": 0}, month=MAY)
    send(MAY)
    assert reasons(playbook) == {}
    late = Charge.objects.get(month=MAY, of_month=APRIL)
    assert (str(late.amount), late.engagement_id) == ("7.77", engagement.pk)
    cell = cells([MAY], playbook=playbook)[engagement.pk, cluster.pk, MAY]
    assert (cell.cost, cell.adjusted) == (Decimal("50.00"), Decimal("7.77"))


def test_cost_of_nobody_that_we_bear_is_asked_for_no_more(served, send, playbook):
    book({"2": "7.77"})
    send()
    lost = Charge.objects.get(standing="unassigned")

    assert refusal(lambda: bear_cost(lost.pk, why="", by=BD, at=LATER)) == "This needs a reason."
    bear_cost(lost.pk, why="An old trial.", by=BD, at=LATER)

    assert reasons(playbook) == {}
    assert refusal(lambda: bear_cost(lost.pk, why="Twice.", by=BD, at=LATER)) == (
        f"Cost {lost.pk} is settled already."
    )
    billed = Charge.objects.exclude(invoice=None).first()
    assert refusal(lambda: bear_cost(billed.pk, why="No.", by=BD, at=LATER)) == (
        f"There is no cost {billed.pk} that nobody pays back."
    )


def test_users_that_nobody_knows_are_a_task_and_a_late_number_is_a_difference(
    served, send, playbook
):
    count_mau({"maple": None})
    assert reasons(playbook) == {
        Reason.NOT_SENT: ("100.01", 1), Reason.USERS_BLANK: ("None", 1),
    }  # fmt: skip
    send()
    count_mau({"maple": 10})
    assert reasons(playbook) == {Reason.CHANGED: ("100.00", 1)}

    engagement, cluster = served
    correct(
        Target(engagement=engagement, cluster=cluster), Decimal(100), Counts(MAY, APRIL),
        kind=EntryKind.USAGE, why="Users came late.", by=BD, at=LATER,
    )  # fmt: skip

    assert reasons(playbook)[Reason.NOT_SENT] == ("100.00", 1)
    assert Reason.CHANGED not in reasons(playbook)


def test_cost_that_no_file_tells_is_a_task_where_others_are_billed(served, playbook):
    make_served("birch", account="2")
    count_mau({"birch": 0})

    assert reasons(playbook)[Reason.COST_BLANK] == ("None", 1)


def test_lapsed_cost_is_booked_as_not_recoverable(send, playbook):
    engagement, _cluster = make_served()
    engagement.deal.agreements.update(effective_on="2026-01-01", end_on="2026-03-31")
    book({ACCOUNT: "9"})

    send()

    assert charges() == [("cloud", "9.00", "", "7062", "lapsed", None)]
    assert reasons(playbook) == {Reason.LAPSED: ("9.00", 1)}
