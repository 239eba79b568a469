"""PS's answer to "can we deliver this?", as it is kept."""

import pytest

from tests.factories import NOON, PS, TODAY
from throughline.capacity.actions.answers import GivenAnswer, give_answer
from throughline.capacity.models import CapacityAnswer
from throughline.capacity.queries import newest_answers
from throughline.capacity.words import AnswerWord
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused

pytestmark = pytest.mark.django_db


def give(answer, subject="deal:1", **more):
    given = GivenAnswer(AnswerWord(answer), expires_on=TODAY, **more)
    return give_answer(subject, given, basis={"start_on": None}, by=PS, at=NOON)


def test_answer_is_kept_with_its_author_assumptions_and_basis():
    give("only_if", only_if=["one engineer more"], assumptions=["nobody leaves"])

    found = CapacityAnswer.objects.get()
    assert (found.subject, found.answer, found.by, found.at, found.expires_on) == (
        "deal:1", "only_if", PS, NOON, TODAY,
    )  # fmt: skip
    assert (found.only_if, found.assumptions, found.basis) == (
        ["one engineer more"], ["nobody leaves"], {"start_on": None},
    )  # fmt: skip
    entry = Entry.objects.about(found).get()
    assert (entry.act, entry.facts) == (
        "capacity.answer.given", {"about": "deal:1", "answer": "only_if"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "message", "remedy"),
    [
        ("yes_from", "“Yes, from” needs a day.", "Give start_on as YYYY-MM-DD."),
        ("only_if", "“Only if” needs a condition.", "Say in only_if what must happen."),
    ],
)
def test_answer_without_what_it_needs_is_refused_and_not_kept(answer, message, remedy):
    with pytest.raises(Refused) as refused:
        give(answer)

    assert (refused.value.message, refused.value.remedy) == (message, remedy)
    assert (CapacityAnswer.objects.count(), Entry.objects.count()) == (0, 0)


def test_newest_answer_of_each_deal_counts_and_takes_one_query(django_assert_num_queries):
    give("no")
    give("yes")
    give("no", subject="deal:2")
    give("yes", subject="deal:3")

    with django_assert_num_queries(1):
        found = newest_answers(["deal:1", "deal:2", "deal:4"])

    assert {subject: one.answer for subject, one in found.items()} == {
        "deal:1": "yes", "deal:2": "no",
    }  # fmt: skip
