"""What BD holds reaches PS: notes, who has read them, questions that go back and forth."""

from datetime import timedelta

import pytest

from tests.factories import BD, LEAD, NOON, PS, SPONSOR, make_deal, make_person
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.sales.actions.knowledge import (
    NoSuchNote,
    confirm_note,
    reply_to_note,
    settle_question,
    withdraw_note,
    write_note,
)
from throughline.sales.knowledge import notes_of, open_questions, private_texts, readers, unread
from throughline.sales.models import DealNote, NoteReading

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def deal(db):
    for name, hat in ((BD, "BD"), (PS, "PS"), (LEAD, "Lead"), (SPONSOR, "Sponsor")):
        make_person(name, RoleName(hat))
    return make_deal()


def write(deal, text="We said March.", *, kind="promise", is_private=True, by=BD):
    return write_note(deal.pk, text, kind=kind, is_private=is_private, by=by, at=NOON)


def test_a_note_is_unread_until_a_named_person_of_ps_confirms_it(deal):
    note = write(deal)
    assert unread(notes_of(deal.pk)) == (note,)

    confirm_note(note.pk, by=PS, at=NOON + HOUR)

    assert (unread(notes_of(deal.pk)), readers(notes_of(deal.pk)[0])) == ((), (PS,))


@pytest.mark.parametrize("who", [BD, LEAD, SPONSOR])
def test_a_note_is_confirmed_by_ps_and_by_nobody_else(deal, who):
    note = write(deal)

    with pytest.raises(NotEntitled, match=f"{who} may not confirm a note for PS"):
        confirm_note(note.pk, by=who, at=NOON)
    assert NoteReading.objects.count() == 0


def test_whoever_wrote_a_note_does_not_confirm_it(deal):
    note = write(deal, by="somebody")

    with pytest.raises(NotEntitled, match="Handing on a note needs two persons"):
        confirm_note(note.pk, by="somebody", at=NOON)


def test_confirming_twice_is_refused(deal):
    note = write(deal)
    confirm_note(note.pk, by=PS, at=NOON)

    with pytest.raises(Refused, match="pia has confirmed this already"):
        confirm_note(note.pk, by=PS, at=NOON)


def test_what_bd_says_after_ps_had_read_makes_the_note_unread_again(deal):
    note = write(deal)
    confirm_note(note.pk, by=PS, at=NOON)

    reply_to_note(note.pk, "It is April now.", by=BD, at=NOON + HOUR)
    assert unread(notes_of(deal.pk)) == (note,)
    confirm_note(note.pk, by=PS, at=NOON + 2 * HOUR)

    assert unread(notes_of(deal.pk)) == ()


def test_what_ps_itself_replies_leaves_its_reading_as_it_is(deal):
    note = write(deal)
    confirm_note(note.pk, by=PS, at=NOON)

    reply_to_note(note.pk, "Which March?", by=PS, at=NOON + HOUR)

    assert unread(notes_of(deal.pk)) == ()


def test_a_question_of_ps_is_read_by_whoever_of_ps_asked_it(deal):
    write(deal, "Which data centre?", kind="question", by=PS)

    assert unread(notes_of(deal.pk)) == ()
    assert [one.text for one in open_questions(notes_of(deal.pk))] == ["Which data centre?"]


def test_a_question_goes_back_and_forth_and_is_settled_by_name(deal):
    note = write(deal, "Which data centre?", kind="question", by=PS)

    with pytest.raises(Refused, match="Nobody has answered it"):
        settle_question(note.pk, by=PS, at=NOON)
    reply_to_note(note.pk, "The one in Oregon.", by=BD, at=NOON)
    settle_question(note.pk, by=PS, at=NOON + HOUR)

    found = notes_of(deal.pk)[0]
    assert (found.settled_by, open_questions([found])) == (PS, ())
    assert [(one.by, one.text) for one in found.replies.all()] == [(BD, "The one in Oregon.")]
    with pytest.raises(Refused, match="no open question"):
        settle_question(note.pk, by=PS, at=NOON)


def test_a_promise_is_no_question_to_settle(deal):
    with pytest.raises(Refused, match="no open question"):
        settle_question(write(deal).pk, by=PS, at=NOON)


def test_a_withdrawn_note_is_not_shown_and_need_not_be_read(deal):
    note = write(deal)

    withdraw_note(note.pk, "It was April.", by=BD, at=NOON)

    assert list(notes_of(deal.pk)) == []
    with pytest.raises(Refused, match="ada has withdrawn this note: It was April"):
        confirm_note(note.pk, by=PS, at=NOON)


def test_somebody_elses_note_is_withdrawn_by_a_lead_alone(deal):
    note = write(deal)

    with pytest.raises(NotEntitled):
        withdraw_note(note.pk, "No.", by=PS, at=NOON)
    withdraw_note(note.pk, "No.", by=LEAD, at=NOON)

    assert DealNote.objects.get().withdrawn_by == LEAD


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "  "}, "There is nothing in it"),
        ({"text": "x" * 10_001}, "It is too long"),
        ({"kind": "gossip"}, "There is no kind 'gossip'"),
        ({"by": SPONSOR}, "sol may not write notes on a deal"),
    ],
)
def test_a_note_that_cannot_be_is_refused_and_nothing_is_written(deal, change, said):
    entries = Entry.objects.count()

    with pytest.raises(Refused, match=said):
        write(deal, **change)
    assert (DealNote.objects.count(), Entry.objects.count()) == (0, entries)


def test_the_journal_keeps_the_words_of_public_notes_and_none_of_private_ones(deal):
    secret = write(deal, "The dean is wary.", kind="sensitivity")
    reply_to_note(secret.pk, "Very wary.", by=BD, at=NOON)
    withdraw_note(secret.pk, "Not wary at all.", by=BD, at=NOON)
    write(deal, "We said March.", is_private=False)

    told = [entry.facts for entry in Entry.objects.filter(act__startswith="sales.note")]

    assert ("wary" in str(told), "We said March." in str(told)) == (False, True)


def test_private_texts_are_those_of_private_notes_and_of_what_was_said_to_them(deal):
    note = write(deal, "The dean is wary.")
    reply_to_note(note.pk, "Very wary.", by=BD, at=NOON)
    write(deal, "We said March.", is_private=False)

    assert private_texts(deal.pk) == ("The dean is wary.", "Very wary.")


def test_a_note_that_is_not_there_is_named():
    with pytest.raises(NoSuchNote, match="There is no note 999"):
        confirm_note(999, by=PS, at=NOON)
