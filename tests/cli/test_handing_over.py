"""Notes, acceptance, ledger and drift by command: what they answer, and with which exit code."""

import pytest
from django.utils import timezone

from tests.handoff.world import make_whole
from throughline.delivery.models import Deliverable
from throughline.sales.models import Deal

NOTE = {
    "note", "deal", "kind", "text", "is_private", "by", "at", "read_by", "replies", "is_open",
    "settled_by", "withdrawn_by",
}  # fmt: skip
RETURN = {
    "return", "engagement", "line", "line_text", "why", "by", "at", "answer", "answered_by",
    "answered_at",
}  # fmt: skip
DRIFT = {
    "outcome", "engagement", "system", "summary", "standing", "seen_at", "can_adopt", "fields",
    "ignored",
}  # fmt: skip


@pytest.fixture
def number(db, home):
    return make_whole().number


@pytest.fixture
def drifted(ask, number):
    """Return the key of an outcome that somebody has changed since the handoff."""
    ask("handoff", "apply", number, "--by", "ada")
    Deliverable.objects.filter(code="phase-2").update(title="Our hub")
    ask("handoff", "drift", number, code=3)
    return f"delivery.deliverable:{number}:new-hub:phase-2"


def test_a_note_goes_from_bd_to_ps_and_back(ask, number):
    made = ask("note", "add", number, "Which region?", "--kind", "question", "--by", "ada")
    ask("note", "reply", made["note"], "Oregon.", "--by", "pia")
    ask("note", "settle", made["note"], "--by", "ada")
    read = ask("note", "read", made["note"], "--by", "pia")
    listed = ask("note", "list", number)

    assert (set(made), made["is_private"], made["is_open"]) == (NOTE, True, True)
    assert (read["read_by"], read["is_open"], read["settled_by"]) == (["pia"], False, "ada")
    assert listed == {"notes": [read]}


def test_a_note_is_public_only_where_that_is_said(ask, number):
    assert (
        ask("note", "add", number, "We said March.", "--public", "--by", "ada")["is_private"]
        is False
    )


def test_a_withdrawn_note_is_not_listed(ask, number):
    made = ask("note", "add", number, "We said March.", "--by", "ada")

    ask("note", "withdraw", made["note"], "--because", "It was April.", "--by", "ada")

    assert ask("note", "list", number) == {"notes": []}
    assert ask.run("note", "list", number).out == "No notes.\n"


def test_accepting_is_refused_until_the_note_is_read_and_by_whoever_ordered(ask, number):
    note = ask("note", "add", number, "We said March.", "--by", "ada")["note"]

    unread = ask("handoff", "accept", number, "--by", "pia", code=1)
    ask("note", "read", note, "--by", "pia")
    own = ask("handoff", "accept", number, "--by", "ada", code=1)
    accepted = ask("handoff", "accept", number, "--by", "pia")

    assert unread["refused"].startswith(f"Nobody of PS has confirmed note {note}")
    assert own["refused"] == "ada ordered it, and accepting needs a second person."
    assert accepted == {"engagement": number, "accepted_by": "pia"}


def test_a_handoff_is_returned_answered_and_accepted(ask, number):
    returned = ask(
        "handoff", "return", number, "deal.tier", "--because", "It is Essential.", "--by", "pia"
    )
    waiting = ask("handoff", "returns", number)
    answered = ask("handoff", "answer", returned["return"], "Mended.", "--by", "ada")
    ask("handoff", "accept", number, "--by", "pia")
    after = ask("handoff", "returns", number)

    assert set(returned) == RETURN
    assert (waiting["ball"], waiting["returns"]) == ("BD", [returned])
    assert (answered["answer"], answered["answered_by"]) == ("Mended.", "ada")
    assert (after["ball"], after["accepted_by"]) == (None, "pia")


def test_the_ledger_exits_with_3_until_every_field_is_decided(ask, number):
    Deal.objects.filter(pk=number).update(extra={"gpu_type": "A100"})

    before = ask("handoff", "ledger", number, code=3)
    decided = ask(
        "handoff", "decide", number, "deal.extra.gpu_type", "--because", "No GPUs.", "--by", "pia"
    )
    after = ask("handoff", "ledger", number)

    assert before["missing"] == ["deal.extra.gpu_type"]
    assert (decided["verdict"], decided["by"]) == ("not_needed", "pia")
    line = next(one for one in after["lines"] if one["field"] == "deal.extra.gpu_type")
    assert (after["missing"], line["standing"], line["decided_by"]) == ([], "not_needed", "pia")


def test_drift_exits_with_0_after_a_handoff_though_a_mail_waits_for_a_person(ask, number):
    ask("handoff", "apply", number, "--by", "ada")

    found = ask("handoff", "drift", number)

    assert (set(found), found["drift"]) == ({"outcomes", "drift"}, [])
    assert "waiting" in {one["state"] for one in found["outcomes"]}


def test_drift_exits_with_3_and_shows_both_sides(ask, number, drifted):
    found = ask("handoff", "drift", "--all", code=3)

    [line] = found["drift"]
    assert (set(line), line["outcome"], line["standing"]) == (DRIFT, drifted, "drifted")
    assert [(one["field"], one["seen"], one["can_adopt"]) for one in line["fields"]] == [
        ("title", "Our hub", True)
    ]
    assert "title: we want Phase 2" in ask.run("handoff", "drift", number).out


def test_adopted_drift_is_gone_with_the_next_look(ask, number, drifted):
    ask("handoff", "adopt", drifted, "--by", "ada")

    assert ask("handoff", "drift", number)["drift"] == []
    assert Deliverable.objects.get(code="phase-2").title == "Our hub"


def test_restored_drift_is_gone_at_once(ask, number, drifted):
    restored = ask("handoff", "restore", drifted, "--by", "pia")

    assert restored["state"] == "converged"
    assert Deliverable.objects.get(code="phase-2").title.startswith("Phase 2")


def test_ignored_drift_is_shown_and_makes_no_exit_code_until_somebody_minds(ask, number, drifted):
    until = "2090-01-01"
    refused = ask("handoff", "ignore", drifted, "--because", "So.", "--until", until, code=1)
    assert "Until 2090-01-01 is not possible." in refused["refused"]
    kept = ignore(ask, drifted)

    found = ask("handoff", "drift", number)
    ask("handoff", "mind", drifted, "--by", "pia")

    assert (found["drift"][0]["standing"], found["drift"][0]["ignored"]["why"]) == (
        "ignored", "They like it so.",
    )  # fmt: skip
    assert kept["by"] == "pia"
    ask("handoff", "drift", number, code=3)


def ignore(ask, key):
    until = timezone.now().date().isoformat()
    return ask(
        "handoff", "ignore", key, "--because", "They like it so.", "--until", until, "--by", "pia"
    )


def test_an_outcome_that_is_not_there_is_named(ask, number):
    assert ask("handoff", "adopt", "delivery.weather:1", code=1)["refused"] == (
        "There is no outcome 'delivery.weather:1'."
    )
