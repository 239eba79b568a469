import pytest
from django.utils import timezone

from tests.factories import make_deal
from throughline.sales.actions.knowledge import write_note
from throughline.sales.models import DealNote, NoteReading


@pytest.fixture
def note(person, world):
    person("BD")
    return write_note(
        world.number, "We said **March**. <b>x</b>", kind="promise", is_private=True, by="bd",
        at=timezone.now(),
    )  # fmt: skip


def write(client, number, **change):
    said = {"kind": "sensitivity", "text": "The dean is wary.", "is_private": "on"}
    return client.post(f"/deals/{number}/notes/write/", said | change)


def test_note_is_written_on_a_deal_before_any_order(browser):
    deal = make_deal()

    response = write(browser("BD"), deal.pk)

    kept = DealNote.objects.get()
    assert response.headers["Location"] == f"/deals/{deal.pk}/notes/"
    assert (kept.kind, kept.text, kept.is_private, kept.by) == (
        "sensitivity", "The dean is wary.", True, "bd",
    )  # fmt: skip


def test_note_without_the_tick_is_not_private(browser):
    deal = make_deal()
    write(browser("BD"), deal.pk, is_private="")

    assert DealNote.objects.get().is_private is False


def test_empty_note_is_refused_and_the_form_comes_back_with_what_was_chosen(browser):
    deal = make_deal()

    response = write(browser("BD"), deal.pk, text="", kind="question")

    assert (response.status_code, DealNote.objects.count()) == (422, 0)
    assert response.context["note_form"]["kind"].value() == "question"


def test_note_is_shown_as_markdown_and_its_html_as_text(browser, world, note):
    text = browser("PS").get(f"/deals/{world.number}/notes/").content.decode()

    assert "<strong>March</strong>" in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text


def test_ps_confirms_on_the_handoff_page_and_comes_back_there(browser, world, note):
    client = browser("PS")

    response = client.post(f"/notes/{note.pk}/read/", {"on": "handoff"})

    assert response.headers["Location"] == f"/handoff/{world.number}/#notes"
    assert NoteReading.objects.get().by == "ps"
    page = client.get(f"/handoff/{world.number}/")
    assert page.context["notes"][0]["read_by"] == ("ps",)
    assert page.context["notes"][0]["may_read"] is False


def test_confirming_twice_says_so(browser, world, note):
    client = browser("PS")
    client.post(f"/notes/{note.pk}/read/")

    response = client.post(f"/notes/{note.pk}/read/")

    assert response.status_code == 422
    assert "ps has confirmed this already." in response.content.decode()


def test_question_of_ps_is_answered_by_bd_and_settled(browser, world):
    ps, bd = browser("PS"), browser("BD")
    write(ps, world.number, kind="question", text="Which region?")
    question = DealNote.objects.get()

    bd.post(f"/notes/{question.pk}/reply/", {"text": "Oregon."})
    ps.post(f"/notes/{question.pk}/settle/")

    shown = ps.get(f"/deals/{world.number}/notes/").context["notes"][0]
    assert (shown["note"].settled_by, [one["by"] for one in shown["replies"]]) == ("ps", ["bd"])
    assert shown["read_by"] == ()  # what BD said came after the question: it is to be confirmed


def test_only_the_writer_and_a_lead_are_offered_to_withdraw(browser, world, note):
    offered = {
        hat: browser(hat).get(f"/deals/{world.number}/notes/").context["notes"][0]["may_withdraw"]
        for hat in ("BD", "PS", "Lead")
    }

    assert offered == {"BD": True, "PS": False, "Lead": True}


def test_withdrawn_note_is_not_shown_any_more(browser, world, note):
    client = browser("BD")

    client.post(f"/notes/{note.pk}/withdraw/", {"because": "It was April."})

    assert client.get(f"/deals/{world.number}/notes/").context["notes"] == []


def test_link_for_a_champion_shows_no_note(client, world, note):
    text = client.get(f"/s/{'t' * 43}/").content.decode()

    assert ("EarthScope" in text, "March" in text) == (True, False)


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_notes_takes_the_same_queries_for_many_as_for_one(
    count, browser, world, note, django_assert_num_queries
):
    for number in range(count - 1):
        write_note(
            world.number, f"Note {number}", kind="promise", is_private=False, by="bd",
            at=timezone.now(),
        )  # fmt: skip
    client = browser("PS")

    with django_assert_num_queries(8):
        client.get(f"/deals/{world.number}/notes/")
