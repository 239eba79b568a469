"""A person who is erased is a pseudonym in every room, and in the sentences of the journal."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import models

from tests.factories import BD, NOON, TODAY, make_deal, make_engagement, make_person, tell
from throughline.communities.actions import Person, assign_role
from throughline.delivery.actions.meetings import close_meeting, decide, open_meeting
from throughline.delivery.models import Decision
from throughline.handoff.actions_erasing import ROOMS, erase_person
from throughline.handoff.models import Outcome
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.actions import issue_link, open_link
from throughline.playbook.loader import shipped
from throughline.sales.models import DealNote, VerbalClose

pytestmark = pytest.mark.django_db

RAE = "rae@example.org"


def contact_of(name, email=RAE):
    made = assign_role(
        Person(name, email=email, github_id="raerep"), role="representative", subject="deal:1",
        from_on=TODAY, playbook=shipped(), by=BD, at=NOON,
    )  # fmt: skip
    return made.contact


def erase(contact):
    erase_person(contact.pk, playbook=shipped(), by=BD, at=NOON)
    return f"Person {contact.pk}"


def test_erased_person_is_a_pseudonym_in_rows_and_in_the_sentences_written_before():
    deal, rae = make_deal(), contact_of("Rae Rep")
    tell(deal, "verbal.closed", said_by="Rae Rep", said_on="2026-03-01", version="v1")
    note = DealNote.objects.create(
        deal=deal, kind="open_question", text="Ask Rae Rep (RAE@example.org)", by=BD, at=NOON
    )
    said = Entry.objects.get(act="sales.deal.verbally_closed")

    name = erase(rae)

    told = Entry.objects.get(pk=said.pk)
    note.refresh_from_db()
    assert VerbalClose.objects.get().said_by == name
    assert note.text == f"Ask {name} ({name})"
    assert told.facts == said.facts | {"said_by": name}
    assert (told.act, told.at, told.by, told.subject_id) == (
        said.act, said.at, said.by, said.subject_id,
    )  # fmt: skip
    assert told.redacted_for == Entry.objects.get(act="communities.contact.erased").pk


def test_who_opened_a_link_is_a_pseudonym_and_names_with_accents_go_too():
    rae, token = contact_of("Ünal Öz"), "t" * 43
    issue_link(
        token, purpose="work", subject="work:1", issued_to="Ünal Öz",
        valid_for=timedelta(days=1), by=BD, at=NOON,
    )  # fmt: skip
    open_link(token, purpose="work", at=NOON)
    deal = make_deal()
    tell(deal, "verbal.closed", said_by="Ünal Öz", said_on="2026-03-01", version="v1")

    name = erase(rae)

    assert Entry.objects.get(act="people.link.opened").by == name
    assert Entry.objects.get(act="sales.deal.verbally_closed").facts["said_by"] == name


def test_what_a_handoff_wanted_loses_the_person_and_is_looked_at_again():
    rae = contact_of("Rae Rep")
    outcome = Outcome.objects.create(
        key="github.issue:1", engagement=make_engagement(), system="github", summary="Issue",
        wanted={"body": "Rae Rep decides"}, seen={"body": "Rae Rep decides"}, next_at=None,
    )  # fmt: skip

    name = erase(rae)

    outcome.refresh_from_db()
    assert outcome.wanted == {"body": f"{name} decides"}
    assert outcome.next_at == NOON


def test_name_that_is_a_word_or_an_account_of_ours_stays_in_other_sentences():
    make_person("ada")
    will, ours = contact_of("Will"), contact_of("ada", email="ada@example.org")
    deal = make_deal()
    kept = DealNote.objects.create(
        deal=deal, kind="open_question", text="Will they pay?", by="ada", at=NOON
    )
    before = list(Entry.objects.values_list("pk", "by"))

    erase(will)
    erase(ours)

    kept.refresh_from_db()
    assert (kept.text, kept.by) == ("Will they pay?", "ada")
    assert list(Entry.objects.filter(pk__lte=before[-1][0]).values_list("pk", "by")) == before


def test_nobody_is_erased_twice():
    rae = contact_of("Rae Rep")
    erase(rae)
    count = Entry.objects.count()

    with pytest.raises(Refused, match="This person was erased"):
        erase(rae)

    assert Entry.objects.count() == count


def test_every_room_that_keeps_words_about_a_deal_is_reached():
    with_words = {
        config.label
        for config in apps.get_app_configs()
        if config.name.startswith("throughline.")
        and any(
            isinstance(field, models.TextField | models.JSONField)
            for model in config.get_models()
            for field in model._meta.concrete_fields
        )
    }
    # What these keep is redacted by `erase_contact`, or is of no person: what HubSpot last said. The
    # index of search is read from rows: tests/search/test_erasing.py.
    elsewhere = {"communities", "mail", "journal", "intake", "search"}

    assert with_words - elsewhere <= set(ROOMS)


def test_decisions_and_the_minutes_that_stand_lose_a_person():
    rae = contact_of("Rae Rep", email="rae_rep@example.org")
    meeting = open_meeting(on=TODAY, by=BD, at=NOON)
    decide(
        meeting.pk, "Rae Rep (Rae_Rep@example.org, @raerep) tells us.", number=None,
        owner="Rae Rep", due_on=None, by=BD, at=NOON,
    )  # fmt: skip
    close_meeting(meeting.pk, playbook=shipped(), on=TODAY, by=BD, at=NOON)

    name = erase(rae)

    made = Decision.objects.get()
    meeting.refresh_from_db()
    assert (made.text, made.owner) == (f"{name} ({name}, {name}) tells us.", name)
    assert f"- Decided: {name} ({name}, {name}) tells us. – {name}\n" in meeting.minutes
    told = Entry.objects.get(act="delivery.decision.taken").facts
    assert (told["text"], told["owner"]) == (made.text, name)
