"""PS accepts a handoff by name, or returns it naming the line; BD answers and hands it over again."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, PS, make_deal, make_engagement, make_person
from tests.handoff.world import fresh, make_whole
from throughline.delivery.actions.acceptance import NoSuchReturn, accept_engagement, answer_return
from throughline.delivery.actions.engagements import open_imported
from throughline.delivery.gates import acceptance_gate
from throughline.delivery.models import Engagement, HandoffReturn
from throughline.delivery.returns import handoff_ball, open_returns, returned, returns_of
from throughline.delivery.waiting import to_accept
from throughline.handoff.acceptance import NoSuchLine, return_handoff
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.actions.knowledge import confirm_note, write_note

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def accept(engagement, by=PS, at=NOON):
    return accept_engagement(engagement.number, by=by, at=at)


def send_back(engagement, line="deal.tier", why="It is Essential.", *, by=PS, at=NOON):
    return return_handoff(fresh(engagement), line, why, playbook=shipped(), by=by, at=at)


def note(engagement, text="We said March.", at=NOON):
    return write_note(engagement.number, text, kind="promise", is_private=True, by=BD, at=at)


def test_a_handoff_with_an_unread_note_is_not_accepted_and_the_note_is_named():
    engagement = make_engagement()
    unread = note(engagement)

    with pytest.raises(Refused) as refused:
        accept(engagement)

    assert refused.value.message == (
        f"Nobody of PS has confirmed note {unread.pk} (promise made orally) by ada."
    )
    assert fresh(engagement).accepted_by == ""
    confirm_note(unread.pk, by="pete", at=NOON)
    assert accept(engagement).accepted_by == PS


def test_the_gate_shows_everything_in_the_way_without_words_of_notes():
    engagement = make_engagement()
    note(engagement, "The dean is wary.")
    note(engagement, "We said March.")
    send_back(engagement)

    gate = acceptance_gate(fresh(engagement), by=BD)

    assert [one.code for one in gate] == ["returned", "note_unread", "note_unread", "four_eyes"]
    assert all(one.remedy for one in gate)
    assert "wary" not in str(gate)


def test_whoever_ordered_does_not_accept():
    engagement = make_engagement()

    with pytest.raises(Refused, match="ada ordered it, and accepting needs a second person"):
        accept(engagement, by="Ada ")
    assert fresh(engagement).accepted_at is None


def test_what_came_in_already_won_was_ordered_by_nobody_here():
    deal = make_deal(name="Old", hubspot_id="78", stage="closed_won")
    open_imported(playbook=shipped(), by=PS, at=NOON)

    assert accept(Engagement.objects.get(pk=deal.pk)).accepted_by == PS


@pytest.mark.parametrize(
    ("line", "kept", "reads"),
    [
        ("deal.tier", "ledger:deal.tier", "Field deal.tier"),
        ("ledger:deal.tier", "ledger:deal.tier", "Field deal.tier"),
        ("delivery.project:{n}:new-hub", "plan:delivery.project:{n}:new-hub",
         "Project “New hub” (delivery)"),
        ("note:{note}", "note:{note}", "Note {note}: promise made orally by ada"),
    ],
)  # fmt: skip
def test_a_return_names_a_field_a_line_of_the_plan_or_a_note(line, kept, reads):
    engagement = make_engagement()
    names = {"n": engagement.number, "note": note(engagement).pk}

    found = send_back(engagement, line.format(**names))

    assert (found.line, found.line_text) == (kept.format(**names), reads.format(**names))


def test_a_return_keeps_no_value_of_the_field():
    engagement = make_engagement(amount="17531.00")

    send_back(engagement, "deal.amount", "It was less.")

    kept = [HandoffReturn.objects.values().get(), *Entry.objects.values_list("facts", flat=True)]
    assert "17531" not in str([one for one in kept if "It was less." in str(one)])


def test_a_line_that_the_handoff_does_not_have_is_refused():
    engagement = make_engagement()

    with pytest.raises(NoSuchLine, match=r"has no line 'deal\.weather'"):
        send_back(engagement, "deal.weather")
    assert HandoffReturn.objects.count() == 0


@pytest.mark.parametrize("why", ["", "  "])
def test_a_return_without_a_reason_is_refused(why):
    with pytest.raises(Refused, match="What is wrong with it"):
        send_back(make_engagement(), why=why)


def test_a_return_by_somebody_of_bd_is_refused():
    make_person(BD, RoleName.BD)

    with pytest.raises(NotEntitled, match="ada may not return a handoff"):
        send_back(make_engagement(), by=BD)


def test_the_same_line_is_returned_once_until_it_is_answered():
    engagement = make_engagement()
    first = send_back(engagement)

    with pytest.raises(Refused, match="waits for BD already"):
        send_back(engagement)
    answer_return(first.pk, "Mended.", by=BD, at=NOON)

    assert send_back(engagement).pk != first.pk


def test_the_ball_goes_to_bd_and_with_the_last_answer_back_to_ps():
    engagement = make_engagement()
    assert (handoff_ball(fresh(engagement)).party, list(to_accept())) == ("PS", [engagement])

    first = send_back(engagement, at=NOON + HOUR)
    second = send_back(engagement, "deal.start_on", "Too early.", at=NOON + 2 * HOUR)
    ball = handoff_ball(fresh(engagement))
    assert (ball.party, ball.since) == ("BD", NOON + HOUR)
    assert (list(returned()), list(to_accept())) == ([first, second], [])
    with pytest.raises(Refused, match=r"pia returned it: Field deal\.tier: It is Essential\."):
        accept(engagement)

    answer_return(first.pk, "Mended.", by=BD, at=NOON + 3 * HOUR)
    assert handoff_ball(fresh(engagement)).party == "BD"
    answer_return(second.pk, "Moved to May.", by=BD, at=NOON + 4 * HOUR)

    ball = handoff_ball(fresh(engagement))
    assert (ball.party, ball.since) == ("PS", NOON + 4 * HOUR)
    assert Entry.objects.filter(act="delivery.handoff.handed_over").count() == 1
    assert accept(engagement).accepted_by == PS
    assert handoff_ball(fresh(engagement)) is None


def test_the_history_of_returns_is_kept():
    engagement = make_engagement()
    answer_return(send_back(engagement).pk, "Mended.", by=BD, at=NOON)
    answer_return(send_back(engagement, why="Still.").pk, "Now.", by=BD, at=NOON + HOUR)
    accept(engagement)

    assert [(one.why, one.answer) for one in returns_of(engagement)] == [
        ("It is Essential.", "Mended."), ("Still.", "Now."),
    ]  # fmt: skip


def test_an_answer_is_given_once_by_bd_and_says_something():
    make_person(PS, RoleName.PS)
    returned_line = send_back(make_engagement())

    with pytest.raises(NotEntitled, match="pia may not answer a returned handoff"):
        answer_return(returned_line.pk, "Mended.", by=PS, at=NOON)
    with pytest.raises(Refused, match="What did you do about it"):
        answer_return(returned_line.pk, " ", by=BD, at=NOON)
    answer_return(returned_line.pk, "Mended.", by=BD, at=NOON)
    with pytest.raises(Refused, match="ada has answered this already"):
        answer_return(returned_line.pk, "Again.", by=BD, at=NOON)
    with pytest.raises(NoSuchReturn):
        answer_return(999, "x", by=BD, at=NOON)


def test_what_was_accepted_is_not_returned():
    engagement = make_whole()
    accept(engagement)

    with pytest.raises(Refused, match="pia accepted this on 2026-03-02"):
        send_back(engagement)
    assert list(open_returns(engagement)) == []
