"""Setting conditions aside, and leave to start early."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import (
    BD,
    LEAD,
    NOON,
    PS,
    TODAY,
    gate_of,
    make_deal,
    make_deal_at,
    make_person,
    make_ready,
    move,
    sign,
    tell,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.sales.actions.advance import StageRefused
from throughline.sales.actions.order import place_order
from throughline.sales.actions.waive import allow_early_start, waive_condition
from throughline.sales.models import EarlyStart, Waiver

pytestmark = pytest.mark.django_db

NEVER = ["agreement.executed", "delivery.requested", "lost.reason"]


@pytest.fixture
def waive(playbook):
    def _waive(deal, code, *, by=LEAD, reason="They are in the field.", until=TODAY, at=NOON):
        return waive_condition(
            deal.pk, code, reason=reason, until=until, playbook=playbook, by=by, at=at
        )

    return _waive


@pytest.fixture
def allow(playbook):
    def _allow(deal, *, by=LEAD, reason="A workshop next week.", limit="5000", until=TODAY):
        return allow_early_start(
            deal.pk, reason=reason, money_limit=Decimal(limit), until=until, playbook=playbook,
            by=by, at=NOON,
        )  # fmt: skip

    return _allow


def status_of(deal, code, *, at=NOON):
    one = next(one for one in gate_of(deal, "closed_won", at=at).conditions if one.code == code)
    return one.status, one.remedy


def test_waived_condition_lets_the_deal_pass_and_the_journal_says_so(waive, playbook):
    deal = tell(make_deal(), "deal.owner", owner=BD)

    waive(deal, "community.named", reason="  They are in the field. ")

    judged = next(
        one for one in gate_of(deal, "qualified").conditions if one.code == "community.named"
    )
    assert (judged.status, judged.message, judged.remedy) == (
        "waived",
        "The deal names no community. Waived by lea until 2026-03-02: They are in the field.",
        "",
    )
    assert move(deal, "qualified").stage == "qualified"
    waived, advanced = Entry.objects.about(deal).order_by("pk")[1:]
    assert (waived.act, waived.by, waived.facts["code"], waived.facts["until"]) == (
        "sales.condition.waived", LEAD, "community.named", "2026-03-02",
    )  # fmt: skip
    assert waived.facts["playbook"] == playbook.sha256
    assert advanced.facts["waived"] == ["community.named"]


def test_waiver_counts_on_its_last_day_and_not_on_the_next(waive):
    deal = make_deal()
    waive(deal, "deal.owner", until=TODAY + timedelta(days=10))
    last_instant = NOON.replace(day=12, hour=23, minute=59, second=59)

    assert status_of(deal, "deal.owner", at=last_instant) == ("waived", "")
    assert status_of(deal, "deal.owner", at=last_instant + timedelta(seconds=1)) == (
        "unmet", "Write down who of BD owns it.",
    )  # fmt: skip


def test_waiver_of_a_stale_condition_counts(waive):
    deal = tell(make_deal(), "capacity.answered", by=PS, answer="yes", expires_on="2026-03-01")
    assert status_of(deal, "capacity.answered")[0] == "stale"

    waive(deal, "capacity.answered", by=PS)

    assert status_of(deal, "capacity.answered")[0] == "waived"


def test_waiver_of_what_is_met_leaves_it_met(waive):
    deal = tell(make_deal(), "deal.owner", owner=BD)
    waive(deal, "deal.owner")

    assert status_of(deal, "deal.owner")[0] == "met"


def test_waiver_of_one_deal_is_none_of_another(waive):
    waive(make_deal(), "deal.owner")

    assert status_of(make_deal(), "deal.owner")[0] == "unmet"


def test_longer_waiver_counts_though_a_shorter_one_came_later(waive):
    deal = make_deal()
    waive(deal, "deal.owner", until=TODAY + timedelta(days=10))
    waive(deal, "deal.owner", until=TODAY)

    assert status_of(deal, "deal.owner", at=NOON + timedelta(days=5))[0] == "waived"


@pytest.mark.parametrize("code", NEVER)
def test_condition_that_must_be_true_cannot_be_waived(waive, code):
    with pytest.raises(Refused) as refused:
        waive(make_deal(), code)

    assert str(refused.value) == f"{code} cannot be waived. Make it true instead."
    assert Waiver.objects.count() == 0


@pytest.mark.parametrize("code", NEVER[:2])
def test_waiver_given_under_older_rules_does_not_make_true_what_must_be(code):
    deal = make_deal()
    Waiver.objects.create(deal=deal, code=code, reason="Old.", until_on=TODAY, by=LEAD, at=NOON)

    assert status_of(deal, code)[0] == "unmet"


def test_every_other_condition_can_be_waived_by_a_lead(waive, playbook):
    make_person(LEAD, RoleName.LEAD)
    deal = make_deal(owner=BD)
    codes = [item.code for stage in playbook.stages for item in stage.conditions]

    for code in codes:
        if code not in NEVER:
            waive(deal, code)

    assert gate_of(deal, "closed_won").in_the_way == tuple(
        one for one in gate_of(deal, "closed_won").conditions if one.code in NEVER
    )


def test_unknown_condition_cannot_be_waived(waive):
    with pytest.raises(Refused, match=r"No gate has a condition 'deal\.ownr'"):
        waive(make_deal(), "deal.ownr")


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_waiver_without_a_reason_is_refused(waive, reason):
    with pytest.raises(Refused) as refused:
        waive(make_deal(), "deal.owner", reason=reason)

    assert str(refused.value) == "A waiver needs a reason. Say why it is set aside."
    assert (Waiver.objects.count(), Entry.objects.count()) == (0, 0)


def test_waiver_until_a_day_that_is_over_is_refused(waive):
    with pytest.raises(Refused) as refused:
        waive(make_deal(), "deal.owner", until=TODAY - timedelta(days=1))

    assert str(refused.value) == (
        "2026-03-01 is over. Name the last day on which the waiver counts."
    )


def test_waiver_by_somebody_not_entitled_says_whom_to_ask(waive):
    make_person("bea", RoleName.BD)

    with pytest.raises(NotEntitled) as refused:
        waive(make_deal(), "capacity.answered", by="bea")

    assert str(refused.value) == "bea may not waive capacity.answered. Ask somebody of LEAD or PS."


def test_waiver_by_the_deals_owner_needs_a_second_person(waive):
    deal = tell(make_deal(), "deal.owner", owner="lea")

    with pytest.raises(NotEntitled) as refused:
        waive(deal, "community.named", by=" Lea")

    assert refused.value.message == "A waiver needs two persons, and lea did the first part."


def test_early_start_allows_the_order_and_never_opens_closed_won(allow, playbook):
    deal = make_deal_at("contract_admin")
    allow(deal)

    order = place_order(deal.pk, playbook=playbook, by=BD, at=NOON)

    assert order.early_start.by == LEAD
    with pytest.raises(StageRefused) as refused:
        move(deal, "closed_won")
    assert [one.code for one in refused.value.gate.in_the_way] == ["agreement.executed"]
    assert move(sign(deal), "closed_won").stage == "closed_won"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": " "}, "A waiver needs a reason."),
        ({"limit": "0"}, "An early start needs a money limit."),
        ({"limit": "-1"}, "An early start needs a money limit."),
        ({"until": TODAY - timedelta(days=1)}, "2026-03-01 is over."),
        ({"by": BD}, "An early start needs two persons, and ada did the first part."),
    ],
)
def test_early_start_without_what_it_needs_is_refused(allow, fields, message):
    deal = make_ready(make_deal(), "qualified")

    with pytest.raises(Refused) as refused:
        allow(deal, **fields)

    assert refused.value.message == message
    assert EarlyStart.objects.count() == 0


def test_early_start_by_somebody_of_bd_is_refused(allow):
    make_person("bea", RoleName.BD)

    with pytest.raises(NotEntitled) as refused:
        allow(make_deal(), by="bea")

    assert str(refused.value) == "bea may not allow an early start. Ask somebody of Admin or Lead."
