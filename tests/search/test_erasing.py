"""Whoever is erased is found by nothing any more, from the same moment on."""

import pytest
from django.db import connection

from tests.factories import BD, NOON, TODAY, make_deal, tell
from throughline.communities.actions import Person, assign_role
from throughline.handoff import actions_erasing
from throughline.mail.actions.queueing import Draft, queue_message
from throughline.sales.models import DealNote
from throughline.search.actions.erasing import erase_person
from throughline.search.actions.following import waiting
from throughline.search.models import ExactId, Reading

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NAMES = ("ünal", "unal", "unal oz", "unal@example.org", "@unaloz", "unaloz")


@pytest.fixture
def unal(db, playbook):
    """Somebody who is named in a role, a note, the verbal yes and a mail."""
    deal = make_deal(name="Lighthouse")
    person = Person("Ünal Öz", email="unal@example.org", github_id="unaloz")
    made = assign_role(
        person, role="representative", subject=deal.subject, from_on=TODAY, playbook=playbook,
        by=BD, at=NOON,
    )  # fmt: skip
    tell(deal, "verbal.closed", said_by="Ünal Öz", said_on="2026-03-01", version="v1")
    DealNote.objects.create(
        deal=deal, kind="promise", text="Ask Ünal Öz (unal@example.org) in spring", by=BD, at=NOON
    )
    queue_message(
        Draft(key="k", to=("unal@example.org",), subject="A lamp", text="Dear Ünal Öz,", about="x:1"),
        by=BD, at=NOON,
    )  # fmt: skip
    return made.contact


def indexed():
    """Return every word that the index has, as text."""
    with connection.cursor() as cursor:
        column = "title || ' ' || body" if connection.vendor == "sqlite" else "words::text"
        cursor.execute(f"SELECT {column} FROM search_words")
        words = [row[0] for row in cursor.fetchall()]
    return " ".join([*words, *ExactId.objects.values_list("word", flat=True)])


def test_person_is_found_before(search, filled, unal):
    filled()

    assert set(search("unal oz")) == {"contact", "note", "mail"}
    assert "unal" in indexed()


def test_erased_person_is_found_by_nothing_and_no_word_of_theirs_is_left(
    search, filled, unal, playbook
):
    filled()
    erase_person(unal.pk, playbook=playbook, by=BD, at=NOON)

    assert [word for word in ("unal", "oz ", "unaloz") if word in indexed()] == []
    assert [search(name) for name in NAMES] == [{}] * len(NAMES)
    assert set(search("spring")) == {"note"}
    assert (waiting(), Reading.objects.get().filling) == (0, None)  # and no sweep was needed


def test_erasing_that_did_not_pass_here_is_swept_up(search, filled, unal, playbook):
    filled()
    actions_erasing.erase_person(unal.pk, playbook=playbook, by=BD, at=NOON)

    assert [search(name) for name in NAMES] == [{}] * len(NAMES)
    filled()
    assert [word for word in ("unal", "unaloz") if word in indexed()] == []


def test_segments_of_the_index_hold_no_erased_word_either(filled, unal, playbook):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL takes old rows away by VACUUM, as those of every table.")
    filled()
    erase_person(unal.pk, playbook=playbook, by=BD, at=NOON)

    with connection.cursor() as cursor:
        cursor.execute("SELECT block FROM search_words_data")
        assert [row for row in cursor.fetchall() if b"unal" in bytes(row[0])] == []
