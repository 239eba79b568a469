"""A community looks at its record by a link; what it corrects waits until somebody here takes it."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, make_person
from throughline.communities.actions import (
    Told,
    answer_question,
    describe_community,
    issue_record_link,
    name_community,
    propose_correction,
    settle_correction,
)
from throughline.communities.actions.corrections import NoSuchCorrection
from throughline.communities.models import Community, ContextAnswer, Correction, FactSource
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db

TOKEN = "r" * 43
LATER = NOON + timedelta(days=1)


@pytest.fixture
def leap():
    community = name_community("LEAP", by=BD, at=NOON)
    facts = {"long_name": "Learning the Earth", "website": "https://old.example"}
    describe_community(community.pk, facts=facts, by=BD, at=NOON)
    issue_record_link(community.pk, TOKEN, issued_to="Cam Champion", by=BD, at=NOON)
    return community


def propose(*, at=LATER, answers=None, **facts):
    return propose_correction(TOKEN, facts=facts, answers=answers or {}, playbook=shipped(), at=at)


def settle(correction, *take, by=BD):
    return settle_correction(correction.pk, take=take, playbook=shipped(), by=by, at=LATER)


def test_correction_keeps_what_differs_and_changes_nothing_yet(leap):
    made = propose(
        short_name="LEAP", website="https://new.example", answers={"goals": "Climate.", "data": " "}
    )

    assert (made.facts, made.answers) == ({"website": "https://new.example"}, {"goals": "Climate."})
    assert Community.objects.get().website == "https://old.example"
    assert ContextAnswer.objects.count() == 0
    assert Entry.objects.last().facts == {"count": 2}


def test_what_is_taken_over_has_the_community_as_its_source_and_the_rest_is_left(leap):
    made = propose(
        website="https://new.example", long_name="LEAP STC", answers={"goals": "Climate."}
    )

    settled = settle(made, "website", "goals")

    stands = Community.objects.get()
    assert (stands.website, stands.long_name) == ("https://new.example", "Learning the Earth")
    answer = ContextAnswer.objects.get()
    assert (answer.text, answer.source, answer.by) == ("Climate.", "Cam Champion, by link", BD)
    source = FactSource.objects.filter(field="website").latest("pk")
    assert (source.source, source.sureness) == ("Cam Champion, by link", "confirmed")
    assert (settled.taken, settled.settled_by) == (["goals", "website"], BD)
    assert Entry.objects.last().facts["left"] == ["long_name"]


def test_record_sent_back_unchanged_is_confirmed_at_once(leap):
    made = propose(short_name="LEAP", website="https://old.example")

    assert made.settled_by == "Cam Champion"
    source = FactSource.objects.filter(field="website").latest("pk")
    assert (source.by, source.sureness, source.at) == ("Cam Champion", "confirmed", LATER)


def test_correction_is_settled_once_and_only_of_what_it_says(leap):
    made = propose(website="https://new.example")

    with pytest.raises(Refused, match="says nothing of long_name"):
        settle(made, "long_name")
    settle(made, "website")
    with pytest.raises(Refused, match="ada has settled this correction already"):
        settle(made, "website", by="ben")
    with pytest.raises(NoSuchCorrection):
        settle(Correction(pk=made.pk + 1))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"cloud": "aws"}, "cloud cannot be corrected here"),
        ({"website": "javascript:alert(1)"}, "is not a web address"),
        ({"short_name": ""}, "needs a short name"),
    ],
)
def test_correction_of_what_is_not_theirs_or_unfit_is_refused(leap, facts, said):
    with pytest.raises(Refused, match=said):
        propose(**facts)
    assert Correction.objects.count() == 0


def test_link_that_is_over_corrects_nothing(leap):
    with pytest.raises(Refused, match="This link expired"):
        propose(at=NOON + timedelta(days=31), website="https://new.example")


def test_link_is_made_for_somebody_by_name_who_has_no_account(leap):
    make_person("pia", RoleName.PS)

    for name, said in ((" ", "Nobody is named"), ("Pia", "Pia has an account here")):
        with pytest.raises(Refused, match=said):
            issue_record_link(leap.pk, "x" * 43, issued_to=name, by=BD, at=NOON)


def test_answer_that_stands_already_is_no_correction(leap):
    told = Told("Climate.", "call")
    answer_question(leap.pk, "goals", told=told, playbook=shipped(), by=BD, at=NOON)

    assert propose(website="https://new.example", answers={"goals": "Climate. "}).answers == {}
