"""Two people write the same thing down: the second sees both sides, and nothing is written over."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import BD, LEAD, NOON, PS, TODAY, make_deal, make_deal_at, tell
from throughline.capacity.models import CapacityAnswer
from throughline.communities.models import ContextAnswer
from throughline.playbook.loader import shipped
from throughline.sales.actions import conflicts
from throughline.sales.actions.conflicts import Conflict, unless_changed
from throughline.sales.actions.parties import name_party
from throughline.sales.actions.record import record_fact
from throughline.sales.actions.signing import Move, move_signature
from throughline.sales.actions.waive import allow_early_start, waive_condition
from throughline.sales.history import newest_entry
from throughline.sales.models import EarlyStart, Signatory, Waiver
from throughline.sales.words import SigningState

pytestmark = pytest.mark.django_db

LATER = TODAY + timedelta(days=9)


def ways(by=BD):
    return {"playbook": shipped(), "by": by, "at": NOON}


def write(deal, code, seen, *, by=BD, **value):
    return record_fact(deal.pk, code, value, seen=seen, **ways(by))


def said(refused):
    return refused.value.message.partition(", after you opened")[0]


def waive(deal, reason, until, *, seen=None, by=LEAD):
    terms = {"reason": reason, "until": until}
    return unless_changed(
        deal.pk,
        conflicts.a_waiver("community.record", **terms),
        lambda: waive_condition(deal.pk, "community.record", **terms, **ways(by)),
        seen=seen,
        playbook=shipped(),
    )


def test_second_waiver_of_a_condition_shows_the_first_and_is_not_given():
    deal = make_deal()
    seen = newest_entry(deal)
    waive(deal, "In the field.", TODAY)

    with pytest.raises(Conflict) as refused:
        waive(deal, "At sea.", LATER, seen=seen, by="admin")

    assert said(refused) == (
        "lea wrote until “2026-03-02”, reason “In the field.” on 2026-03-02 at 12:00"
    )
    assert "you write until “2026-03-11”, reason “At sea.”." in refused.value.message
    assert [one.reason for one in Waiver.objects.all()] == ["In the field."]
    waive(deal, "In the field.", TODAY, seen=seen)  # the same is no conflict


def test_waiver_of_another_condition_is_in_nobodys_way():
    deal = make_deal()
    seen = newest_entry(deal)
    waive_condition(deal.pk, "cloud.preference", reason="Later.", until=TODAY, **ways(LEAD))

    assert waive(deal, "At sea.", LATER, seen=seen).reason == "At sea."


def test_second_early_start_shows_the_limit_of_the_first():
    deal = make_deal()

    def allow(limit, seen=None):
        terms = {"reason": "A workshop.", "until": TODAY, "money_limit": Decimal(limit)}
        return unless_changed(
            deal.pk,
            conflicts.an_early_start(**terms),
            lambda: allow_early_start(deal.pk, **terms, **ways(LEAD)),
            seen=seen,
            playbook=shipped(),
        )

    seen = newest_entry(deal)
    allow("500.00")
    with pytest.raises(Conflict) as refused:
        allow("900.00", seen)

    assert said(refused) == "lea wrote money limit “500.00” on 2026-03-02 at 12:00"
    assert EarlyStart.objects.count() == 1


def test_capacity_answers_that_differ_in_their_dates_alone_are_a_conflict():
    deal = make_deal(owner=BD)
    seen = newest_entry(deal)
    tell(deal, "capacity.answered", by=PS, answer="yes_from", start_on="2026-05-01")

    with pytest.raises(Conflict) as refused:
        write(deal, "capacity.answered", seen, by="pat", answer="yes_from", start_on="2026-06-01")

    assert said(refused) == "pia wrote start on “2026-05-01” on 2026-03-02 at 12:00"
    assert CapacityAnswer.objects.count() == 1


def test_context_answers_of_two_people_meet_only_at_the_same_question():
    deal = make_deal()
    tell(deal, "community.named", short_name="LEAP")
    seen = newest_entry(deal)
    tell(deal, "community.context", by="ben", answers=[{"question": "goals", "text": "Theirs."}])
    write(deal, "community.context", seen, answers=[{"question": "data", "text": "Mine."}])

    with pytest.raises(Conflict) as refused:
        write(deal, "community.context", seen, answers=[{"question": "goals", "text": "Mine."}])

    assert said(refused) == "ben wrote answer to goals “Theirs.” on 2026-03-02 at 12:00"
    assert dict(ContextAnswer.objects.values_list("question", "text")) == {
        "goals": "Theirs.", "data": "Mine.",
    }  # fmt: skip


def test_document_named_again_after_its_parties_changed_is_a_conflict():
    deal = make_deal_at("contract_admin")
    seen = newest_entry(deal)
    name_party(deal.pk, "University", "Una Dean", **ways("ben"))

    with pytest.raises(Conflict) as refused:
        write(
            deal, "agreement.artefact", seen, title="Agreement",
            signatories=[{"party": "CS&S", "name": "Sol Sponsor"}],
        )  # fmt: skip

    assert "party: University, name: Una Dean" in said(refused)
    assert Signatory.objects.count() == 2


def test_signer_named_twice_at_once_is_a_conflict_for_that_party_alone():
    deal = make_deal_at("contract_admin")

    def name(party, who, *, seen=None, by=BD):
        return unless_changed(
            deal.pk,
            conflicts.a_signer(party, who),
            lambda: name_party(deal.pk, party, who, **ways(by)),
            seen=seen,
            playbook=shipped(),
        )

    seen = newest_entry(deal)
    name("University", "Una Dean", by="ben")
    name("CS&S", "Sal Sponsor", seen=seen)
    with pytest.raises(Conflict) as refused:
        name("university", "Ugo Dean", seen=seen)

    assert said(refused) == "ben wrote name “Una Dean” on 2026-03-02 at 12:00"
    assert Signatory.objects.get(party="University").name == "Una Dean"


def test_signature_dated_differently_by_two_is_a_conflict():
    deal = make_deal_at("contract_admin")
    seen = newest_entry(deal)
    move_signature(
        deal.pk, "University", Move(SigningState.SIGNED, on=date(2026, 3, 1)), **ways("ben")
    )
    signed = [{"party": "University", "signed_on": "2026-03-02"}]

    with pytest.raises(Conflict) as refused:
        write(deal, "agreement.executed", seen, signed=signed)

    assert said(refused) == (
        "ben wrote signature of university “2026-03-01” on 2026-03-02 at 12:00"
    )
    assert Signatory.objects.get(party="University").signed_on == date(2026, 3, 1)
