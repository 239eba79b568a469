import pytest

from tests.factories import NOON
from tests.handoff.world import apply, make_whole, verify
from throughline.delivery.models import Deliverable
from throughline.delivery.returns import returns_of
from throughline.delivery.shapes import return_shape
from throughline.handoff.acceptance import return_handoff
from throughline.handoff.drift import drift_of
from throughline.playbook.loader import shipped
from throughline.sales.actions.knowledge import reply_to_note, write_note
from throughline.sales.knowledge import note_shape, notes_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def engagement(db):
    return make_whole()


def test_ledger_names_every_field_and_where_it_goes_without_values(bd, engagement):
    engagement.deal.amount = "17531.00"
    engagement.deal.save()

    answer = bd.get(f"/api/v1/engagements/{engagement.number}/ledger")

    found = answer.json()
    lines = {line["field"]: line["standing"] for line in found["lines"]}
    assert (
        found["fields"]
        == len(found["lines"])
        == found["sent"] + found["linked"] + found["not_needed"] + len(found["missing"])
    )
    assert (lines["deal.amount"], lines["sow.title"]) == ("linked", "to_be_sent")
    assert "17531" not in answer.content.decode()


def test_returns_say_what_is_in_the_way_and_with_whom_the_ball_is(bd, engagement):
    where = f"/api/v1/engagements/{engagement.number}/returns"
    before = bd.get(where).json()
    return_handoff(engagement, "deal.tier", "Wrong.", playbook=shipped(), by="pia", at=NOON)

    after = bd.get(where).json()

    assert (before["ball"], before["in_the_way"], before["returns"]) == ("PS", [], [])
    assert (after["ball"], [one["code"] for one in after["in_the_way"]]) == ("BD", ["returned"])
    assert after["returns"] == [return_shape(returns_of(engagement).get())]


def test_drift_shows_both_sides_of_what_differs(bd, engagement):
    apply(engagement)
    Deliverable.objects.filter(code="phase-2").update(title="Our hub")
    verify(engagement)

    found = bd.get(f"/api/v1/engagements/{engagement.number}/drift").json()

    differing = [line for line in found if line["standing"] == "drifted"]
    assert len(found) == len(drift_of(engagement, on=NOON.date()))
    assert [(one["field"], one["seen"]) for one in differing[0]["fields"]] == [("title", "Our hub")]


def test_notes_are_shown_with_their_threads(bd, engagement):
    note = write_note(
        engagement.number, "Which region?", kind="question", is_private=True, by="ada", at=NOON
    )
    reply_to_note(note.pk, "Oregon.", by="pia", at=NOON)

    found = bd.get(f"/api/v1/deals/{engagement.number}/notes").json()

    assert found == [note_shape(notes_of(engagement.number).get())]
    assert found[0]["replies"][0]["text"] == "Oregon."
