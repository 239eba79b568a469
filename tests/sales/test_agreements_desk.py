"""The Sponsor's desk: with whom the ball is and since when, receipts, reminders, links."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, SPONSOR, make_deal, make_deal_at, make_person, tell
from tests.sales.agreements_world import (
    CSS,
    LINES,
    PAYMENTS,
    UNIVERSITY,
    acts,
    amend,
    make_agreed,
    make_executed,
    make_ordered_by_po,
    move,
    sign_all,
    terms,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.actions import issue_link, open_link
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.actions.sponsor import (
    PURPOSE,
    NoSuchWork,
    finish_sponsor_work,
    issue_work_link,
    open_work,
    remind,
    revoke_work_link,
    take_sponsor_work,
)
from throughline.sales.desk import desk_items, works
from throughline.sales.models import SponsorReminder, SponsorWork
from throughline.sales.words import SigningState

pytestmark = pytest.mark.django_db
S = SigningState
TOKEN = "t" * 43


def work_of(deal, kind="signatures"):
    return SponsorWork.objects.get(deal=deal, kind=kind)


def item(deal, kind="signatures", *, days=0):
    found = works().filter(deal=deal, kind=kind)
    return desk_items(found, playbook=shipped(), at=NOON + timedelta(days=days))[0]


def asked(deal=None):
    deal = deal or make_agreed()
    tell(deal, "signatures.requested")
    return deal


def finish(work, receipt="SAGE C-1", *, by=SPONSOR):
    return finish_sponsor_work(work.pk, receipt=receipt, playbook=shipped(), by=by, at=NOON)


def stands(deal, *, days=0):
    found = item(deal, days=days)
    return (found.holder, (found.since - NOON).days)


def test_sponsor_has_it_until_the_document_is_sent_and_then_the_signer_has():
    deal = asked()
    assert stands(deal) == ("the Sponsor", 0)

    move(deal, CSS, S.SENT, days=1)
    assert stands(deal) == ("Sol Sponsor for CS&S", 1)
    move(deal, CSS, S.SIGNED, days=2)

    assert stands(deal) == ("the Sponsor", 0)
    move(deal, UNIVERSITY, S.SENT, days=3)
    assert stands(deal) == ("Uma Dean for University", 3)


@pytest.mark.parametrize(
    ("state", "told", "holder"),
    [
        (S.DECLINED, {"note": "No money."}, "BD"),
        (S.CHANGED, {}, "BD"),
        (S.EXPIRED, {}, "the Sponsor"),
        (S.VIEWED, {}, "Sol Sponsor for CS&S"),
    ],
)
def test_each_state_says_who_acts_now_and_what_to_do(state, told, holder):
    deal = asked()
    move(deal, CSS, S.SENT)

    move(deal, CSS, state, days=2, **told)

    found = item(deal)
    assert (found.holder, (found.since - NOON).days) == (holder, 2)
    assert found.bottleneck.to_do == found.bottleneck.signatory.remedy != ""


def test_deal_without_parties_waits_for_bd():
    deal = tell(make_deal(), "signatures.requested")
    assert stands(deal)[0] == "BD"

    tell(deal, "agreement.artefact", title="Agreement")
    assert item(deal).bottleneck.to_do == "Name who signs for each party."


def test_executed_agreement_holds_nobody_up():
    deal = sign_all(asked())

    assert item(deal).bottleneck is None


def test_amendment_is_what_waits_once_the_agreement_is_executed():
    deal = make_executed()
    amend(deal, scope="A second hub.")

    assert item(deal).document.title == "Amendment 1"
    assert stands(deal) == ("the Sponsor", 0)


def test_purchase_order_waits_for_acceptance():
    deal = asked(make_ordered_by_po())

    assert item(deal).bottleneck.to_do == "Accept the order: write down its number and the day."


def test_work_that_nobody_moves_is_late_after_the_days_of_the_playbook():
    deal = asked()

    assert [item(deal, days=days).is_late for days in (6, 7)] == [False, True]


def test_who_takes_it_has_it_and_another_may_take_over():
    deal = asked()

    take_sponsor_work(work_of(deal).pk, by="sol", at=NOON)
    take_sponsor_work(work_of(deal).pk, by="sam", at=NOON + timedelta(days=3))
    take_sponsor_work(work_of(deal).pk, by="sam", at=NOON + timedelta(days=4))

    assert stands(deal) == ("sam", 3)
    assert acts(deal).count("sales.sponsor.taken") == 2


def test_bd_can_neither_take_nor_close_the_sponsors_work():
    make_person(BD, RoleName.BD)
    work = work_of(asked())

    for act in (
        lambda: take_sponsor_work(work.pk, by=BD, at=NOON),
        lambda: finish(work, by=BD),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.remedy == "Ask somebody of Admin or Sponsor."


def test_signatures_are_not_called_collected_while_one_is_missing():
    deal = asked()
    move(deal, CSS, S.SIGNED)

    with pytest.raises(Refused) as refused:
        finish(work_of(deal))

    assert refused.value.message == "Service Agreement Agreement is not executed yet."
    assert work_of(deal).done_at is None


@pytest.mark.parametrize("receipt", ["", " ", "x" * 251, "a\0b"])
def test_receipt_that_is_none_or_too_long_closes_nothing(receipt):
    deal = make_deal_at("contract_admin")

    with pytest.raises(Refused):
        finish(work_of(deal, "invoicing"), receipt)

    assert work_of(deal, "invoicing").done_at is None


def test_work_is_closed_once():
    deal = make_deal_at("contract_admin")
    finish(work_of(deal, "invoicing"), "SAGE C-1")

    with pytest.raises(Refused) as refused:
        finish(work_of(deal, "invoicing"), "SAGE C-2")

    assert (refused.value.message, work_of(deal, "invoicing").receipt) == (
        "sol has closed this already.", "SAGE C-1",
    )  # fmt: skip


def test_work_that_is_not_there_is_refused():
    for act in (
        lambda: take_sponsor_work(7, by="sol", at=NOON),
        lambda: remind(7, to="", text="", by="ada", at=NOON),
        lambda: issue_work_link(7, TOKEN, issued_to="Sol", by="ada", at=NOON),
        lambda: revoke_work_link(7, by="ada", at=NOON),
    ):
        with pytest.raises(NoSuchWork):
            act()


def test_reminders_are_listed_latest_first_and_one_a_day_is_enough():
    deal = asked()
    work = work_of(deal)

    remind(work.pk, to="", text="Please.", by="ada", at=NOON)
    with pytest.raises(Refused) as refused:
        remind(work.pk, to="The sponsor", text="", by="bea", at=NOON + timedelta(hours=23))
    remind(work.pk, to="Uma Dean", text="", by="ada", at=NOON + timedelta(hours=23))
    remind(work.pk, to="", text="Again.", by="ada", at=NOON + timedelta(days=1, hours=1))

    assert refused.value.message == "ada has reminded The sponsor within the last day."
    assert [one.to for one in item(deal).reminders] == ["the Sponsor", "Uma Dean", "the Sponsor"]


@pytest.mark.parametrize(("to", "text"), [("x" * 161, ""), ("", "x" * 501), ("a\0", "")])
def test_reminder_that_is_too_long_is_refused(to, text):
    with pytest.raises(Refused):
        remind(work_of(asked()).pk, to=to, text=text, by="ada", at=NOON)

    assert SponsorReminder.objects.count() == 0


def test_check_list_names_what_is_known_and_who_has_to_say_the_rest():
    deal = make_deal_at("contract_admin", hubspot_id="900100", buyer="University of X")
    terms(deal, lines=LINES, payments=PAYMENTS, effective_on="2026-04-01", end_on="2027-03-31")

    found = {one.label: one.value or one.missing for one in item(deal, "invoicing").checklist}

    assert found == {
        "Customer": "University of X",
        "Known to SAGE as": "a new customer",
        "Contract number": "900100",
        "Term": "2026-04-01 to 2027-03-31",
        "Tax status": "BD asks the buyer.",
        "Line 1, GL 4221": "Membership: 12000.00 USD",
        "Line 2, GL 4222": "Cloud costs: by use – fee-exempt: passed through as it was paid",
        "Line 3, GL 4224": "A workshop: 5500.00 USD",
        "Payment 1": "on signature: 10000.00 USD, on 2026-04-15",
        "Payment 2": "half-way: 7500.00 USD, on 2026-10-01",
    }


def test_check_list_of_a_purchase_order_has_its_number_and_of_a_bare_deal_says_who_is_asked():
    deal = make_ordered_by_po()
    terms(deal, order_line="3")
    tell(deal, "invoicing.prepared", receipt="SAGE C-1")

    found = {one.label: one.value or one.missing for one in item(deal, "invoicing").checklist}
    assert (found["PO number"], found["Customer"], found["Price lines"]) == (
        "PO-1 line 3", "BD names the buyer.", "BD writes down the price lines.",
    )  # fmt: skip


def test_customer_that_sage_knows_already_is_named():
    first = make_deal_at("contract_admin", buyer="University of X")
    finish(work_of(first, "invoicing"), "SAGE C-0301")
    second = make_deal(buyer="University of X")
    SponsorWork.objects.create(deal=second, kind="invoicing", asked_at=NOON, asked_by="ada")

    found = {one.label: one.value for one in item(second, "invoicing").checklist}

    assert found["Known to SAGE as"] == "SAGE C-0301"


def test_desk_is_read_by_as_many_queries_for_three_as_for_one(django_assert_num_queries):
    def read():
        return desk_items(works(), playbook=shipped(), at=NOON)

    def add(number):
        deal = make_deal(name=f"Deal {number}", buyer=f"Buyer {number}")
        tell(deal, "agreement.artefact", title="A", signatories=[
            {"party": "CS&S", "name": "Sol"}, {"party": "X", "name": "Uma"}])  # fmt: skip
        terms(deal, lines=LINES, payments=PAYMENTS)
        for kind in ("signatures", "invoicing", "legal"):
            SponsorWork.objects.create(deal=deal, kind=kind, asked_at=NOON, asked_by="ada")

    add(1)
    with django_assert_num_queries(10):
        assert len(read()) == 3
    add(2)
    add(3)
    with django_assert_num_queries(10):
        assert len(read()) == 9


def test_link_opens_its_work_order_and_every_use_is_written_down_under_the_name_it_was_made_for():
    deal = asked()
    work = work_of(deal)
    issue_work_link(work.pk, TOKEN, issued_to="Sol Sponsor", by="ada", at=NOON)

    for _ in range(2):
        link, found = open_work(TOKEN, at=NOON)

    assert (found.pk, link.issued_to) == (work.pk, "Sol Sponsor")
    looked = Entry.objects.about(deal).filter(act="sales.sponsor.looked")
    assert list(looked.values_list("by", flat=True)) == ["Sol Sponsor", "Sol Sponsor"]


def test_link_that_expired_or_was_revoked_opens_nothing():
    work = work_of(asked())
    link = issue_work_link(work.pk, TOKEN, issued_to="Sol", by="ada", at=NOON)

    with pytest.raises(Refused) as expired:
        open_work(TOKEN, at=NOON + timedelta(days=14))
    assert revoke_work_link(link.pk, by="ada", at=NOON).pk == work.pk
    with pytest.raises(Refused) as revoked:
        open_work(TOKEN, at=NOON)

    assert (expired.value.message, revoked.value.message) == (
        "This link expired on 16 March 2026.", "This link was revoked.",
    )  # fmt: skip


def test_link_for_one_thing_opens_nothing_else():
    work = work_of(asked())
    issue_work_link(work.pk, TOKEN, issued_to="Sol", by="ada", at=NOON)
    issue_link(
        "e" * 43, purpose="engagement", subject=f"engagement:{work.pk}", issued_to="Cam",
        valid_for=timedelta(days=1), by="ada", at=NOON,
    )  # fmt: skip

    with pytest.raises(Refused):
        open_link(TOKEN, purpose="engagement", at=NOON)
    with pytest.raises(Refused):
        open_link(TOKEN, purpose="sign_in", at=NOON)
    with pytest.raises(Refused):
        open_work("e" * 43, at=NOON)


def test_link_of_another_purpose_is_not_revoked_from_the_desk():
    link = issue_link(
        "e" * 43, purpose="engagement", subject="engagement:1", issued_to="Cam",
        valid_for=timedelta(days=1), by="ada", at=NOON,
    )  # fmt: skip

    with pytest.raises(NoSuchWork):
        revoke_work_link(link.pk, by="ada", at=NOON)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Nobody is named."),
        ("ADA", "ADA has an account here."),
        ("x" * 161, "The name is longer than 160 characters, or no text."),
    ],
)
def test_link_is_for_somebody_who_is_named_and_has_no_account(name, message):
    make_person("ada", RoleName.BD)

    with pytest.raises(Refused) as refused:
        issue_work_link(work_of(asked()).pk, TOKEN, issued_to=name, by="ada", at=NOON)

    assert (refused.value.message, PURPOSE) == (message, "sponsor_work")
