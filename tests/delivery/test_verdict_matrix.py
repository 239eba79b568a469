"""Evidence, its availability, the community's word and BD's verdict: every meeting of them.

No state of evidence opens or closes a verdict; each is written down with it, and nothing that is
found out later changes it.
"""

from datetime import timedelta
from itertools import product

import pytest

from tests.factories import BD, NOON, PS, make_deliverable, make_engagement
from throughline.delivery.actions.deliverables import (
    add_evidence,
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.models import ChampionQuestion, Deliverable, Verdict
from throughline.delivery.queries import is_verified
from throughline.delivery.verdicts import evidence_of, is_without_confirmation
from throughline.delivery.words import EvidenceKind, EvidenceState
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled

pytestmark = pytest.mark.django_db

EVIDENCE = ["", *EvidenceState.values]
WORDS = ["not_asked", "waiting", "yes", "not_yet"]
LATER = NOON + timedelta(days=1)


def ready(evidence, word):
    """Return a deliverable that is done, with what was found and what the community says."""
    one = make_deliverable(make_engagement())
    Deliverable.objects.filter(pk=one.pk).update(wanted_evidence=["hub.answers"])
    one = mark_done(one.pk, evidence="", link="", by=PS, at=NOON)
    if evidence:
        found(one, evidence, at=NOON)
    if word != "not_asked":
        answered = NOON if word in {"yes", "not_yet"} else None
        ChampionQuestion.objects.create(
            deliverable=one, name="Cam", email="cam@example.org", asked_by=BD, asked_at=NOON,
            answer=word, answered_at=answered,
        )  # fmt: skip
    return one


def found(deliverable, state, *, at):
    add_evidence(deliverable, EvidenceKind.HUB_ANSWERS, text=state, state=state, by="worker", at=at)


def state_of(deliverable):
    return Deliverable.objects.get(pk=deliverable.pk).state


@pytest.mark.parametrize(("evidence", "word"), list(product(EVIDENCE, WORDS)))
def test_verified_says_what_it_rested_on_and_only_a_no_needs_a_reason(evidence, word):
    one = ready(evidence, word)

    if word == "not_yet":
        with pytest.raises(Refused, match="not what they needed yet"):
            verify_deliverable(one.pk, by=BD, at=LATER)
        assert (state_of(one), Verdict.objects.count()) == ("done", 0)
    verify_deliverable(one.pk, why="It is." if word == "not_yet" else "", by=BD, at=LATER)

    [verdict] = Verdict.objects.all()
    assert (verdict.state, verdict.champion, verdict.evidence) == (
        "verified", word, {"hub.answers": evidence},
    )  # fmt: skip
    assert is_without_confirmation(verdict) == (word == "waiting")
    assert (state_of(one), is_verified(one.project.engagement)) == ("verified", True)


@pytest.mark.parametrize(("evidence", "word"), list(product(EVIDENCE, WORDS)))
def test_not_yet_says_what_it_rested_on_and_opens_the_work_again(evidence, word):
    one = ready(evidence, word)

    return_deliverable(one.pk, why="The alert is off.", by=BD, at=LATER)

    [verdict] = Verdict.objects.all()
    assert (verdict.state, verdict.champion, verdict.evidence, verdict.why) == (
        "returned", word, {"hub.answers": evidence}, "The alert is off.",
    )  # fmt: skip
    assert (state_of(one), is_verified(one.project.engagement)) == ("returned", False)


@pytest.mark.parametrize(("evidence", "word"), list(product(EVIDENCE, WORDS)))
def test_without_a_verdict_nothing_is_verified_whatever_is_found_or_said(evidence, word):
    one = ready(evidence, word)

    assert (state_of(one), is_verified(one.project.engagement)) == ("done", False)


@pytest.mark.parametrize(("evidence", "word"), list(product(EVIDENCE, WORDS)))
def test_who_said_done_cannot_verify_whatever_is_found_or_said(evidence, word):
    one = ready(evidence, word)

    with pytest.raises(NotEntitled, match="two persons"):
        verify_deliverable(one.pk, why="It is.", by=PS, at=LATER)
    assert state_of(one) == "done"


@pytest.mark.parametrize(("before", "after"), list(product(EvidenceState.values, repeat=2)))
def test_what_is_found_later_changes_no_verdict(before, after):
    one = ready(before, "not_asked")
    verify_deliverable(one.pk, by=BD, at=LATER)

    found(one, after, at=LATER + timedelta(days=30))

    [verdict] = Verdict.objects.all()
    assert (state_of(one), verdict.evidence) == ("verified", {"hub.answers": before})


def test_of_several_hubs_of_one_look_the_worst_counts():
    one = ready("", "not_asked")
    for state in ("found", "unavailable", "absent"):
        found(one, state, at=NOON)

    assert evidence_of(Deliverable.objects.get(pk=one.pk)) == {"hub.answers": "absent"}


def test_every_verdict_is_kept():
    one = ready("absent", "not_asked")
    return_deliverable(one.pk, why="It is down.", by=BD, at=LATER)
    mark_done(one.pk, evidence="", link="", by=PS, at=LATER)
    found(one, "found", at=LATER)
    verify_deliverable(one.pk, by=BD, at=LATER)

    assert list(Verdict.objects.values_list("state", "evidence")) == [
        ("returned", {"hub.answers": "absent"}), ("verified", {"hub.answers": "found"}),
    ]  # fmt: skip
