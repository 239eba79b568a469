"""What pages remember of the board and of capacity is found out again once it may be another."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.capacity.line import ask, make_sold, make_team
from tests.factories import BD, NOON, PS, make_deal, make_ready, move, tell
from throughline.capacity.actions.team import ColleagueSeen, keep_colleague
from throughline.capacity.asking import broken_as_known
from throughline.sales.demand import answer_as_known, ask_of_deal, names_as_known
from throughline.sales.pipeline import board_as_known
from throughline.sales.queries import facts_of

DAY = NOON.date()


pytestmark = pytest.mark.usefixtures("remembers")


def board(playbook):
    return board_as_known(each=5, together=9, on=DAY, playbook=playbook)


def test_board_is_the_same_until_a_deal_moves_and_then_shows_it_in_its_stage(playbook):
    deal = make_deal(owner=BD)
    first = board(playbook)
    assert (list(first.by_stage), board(playbook) is first) == (["lead"], True)

    move(make_ready(deal, "qualified"), "qualified")

    assert list(board(playbook).by_stage) == ["qualified"]


def test_cards_follow_what_is_told_of_a_deal(playbook):
    deal = make_deal(owner=BD)
    (facts,) = board(playbook).by_stage["lead"]
    assert facts.deal.owner == BD

    tell(deal, "deal.owner", owner="ben")

    (facts,) = board(playbook).by_stage["lead"]
    assert facts.deal.owner == "ben"


def asked_of(deal, playbook):
    facts = facts_of(deal, on=DAY)
    return ask_of_deal(facts.deal, facts.statement, playbook=playbook, on=DAY)


def test_answer_is_remembered_with_what_is_asked_and_follows_the_team(playbook):
    make_team(("Ada", "infrastructure_engineer"))
    asked = asked_of(make_sold("Big", 60), playbook)
    first = answer_as_known(asked, playbook=playbook, on=DAY)
    assert first.answer.word != "yes"
    assert answer_as_known(asked, playbook=playbook, on=DAY) is first
    half = replace(asked, works=tuple(replace(one, low_h=1, high_h=2) for one in asked.works))
    assert answer_as_known(half, playbook=playbook, on=DAY).answer.word == "yes"

    ben = ColleagueSeen("Ben", ("infrastructure_engineer",), Decimal(40), Decimal(1))
    keep_colleague(ben, by=PS, at=NOON)

    assert answer_as_known(asked, playbook=playbook, on=DAY).answer.word == "yes"


def test_names_and_broken_promises_follow_the_team_and_its_deals(playbook):
    deal = make_sold("Small", 8)
    assert names_as_known(DAY, playbook=playbook) == {}
    assert broken_as_known(DAY, playbook=playbook) == []

    make_team(("Ada", "infrastructure_engineer"))
    ask(deal)

    assert [one.name for one in names_as_known(DAY, playbook=playbook).values()] == ["Small"]
    assert broken_as_known(DAY, playbook=playbook) == []
