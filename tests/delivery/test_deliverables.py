"""A deliverable from the promise to BD's verdict, by two persons."""

from datetime import timedelta

import pytest

from tests.factories import BD, NOON, PS, TODAY, make_deliverable, make_engagement, make_person
from throughline.delivery.actions.deliverables import (
    mark_done,
    return_deliverable,
    verify_deliverable,
)
from throughline.delivery.actions.structure import put_deliverable, put_project, put_service
from throughline.delivery.models import Deliverable, Project, Service
from throughline.delivery.queries import (
    NoSuchDeliverable,
    deliverables_of,
    engagement_in_full,
    is_verified,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=1)


@pytest.fixture
def engagement(db):
    return make_engagement()


@pytest.fixture
def promised(engagement):
    return make_deliverable(engagement)


def done(deliverable, *, by=PS, evidence="It answers.", link="https://hub.example.org"):
    return mark_done(deliverable.pk, evidence=evidence, link=link, by=by, at=NOON)


def verify(deliverable, *, by=BD):
    return verify_deliverable(deliverable.pk, by=by, at=LATER)


def put_back(deliverable, why="The login fails.", *, by=BD):
    return return_deliverable(deliverable.pk, why=why, by=by, at=LATER)


def judged():
    entries = Entry.objects.filter(act="delivery.deliverable.judged").order_by("pk")
    return [(one.by, one.facts) for one in entries]


def test_deliverable_done_waits_for_the_verdict_with_its_evidence(promised):
    found = done(promised)

    assert (found.state, found.done_by, found.done_at) == ("done", PS, NOON)
    assert list(found.evidence.values_list("kind", "state", "text", "link", "at", "by")) == [
        ("manual", "found", "It answers.", "https://hub.example.org", NOON, PS),
    ]  # fmt: skip
    entry = Entry.objects.about(found).order_by("-pk").first()
    assert (entry.act, entry.by, entry.facts) == (
        "delivery.deliverable.done", PS, {"before": "planned", "evidence": "It answers."},
    )  # fmt: skip


def test_deliverable_done_without_evidence_is_done_all_the_same(promised):
    assert list(done(promised, evidence="", link="").evidence.all()) == []


def test_deliverable_verified_has_its_verdict_and_the_engagement_with_it(promised, engagement):
    done(promised)
    assert not is_verified(engagement)

    found = verify(promised)

    assert (found.state, found.verdict_by, found.verdict_at) == ("verified", BD, LATER)
    assert is_verified(engagement)
    assert judged() == [(BD, {"before": "done", "after": "verified", "why": ""})]


def test_engagement_without_deliverables_is_not_verified(engagement):
    assert not is_verified(engagement)


def test_engagement_with_one_deliverable_open_is_not_verified(promised, engagement):
    make_deliverable(engagement, "phase-2")
    done(promised)
    verify(promised)

    assert not is_verified(engagement)


def test_deliverable_nobody_has_done_cannot_be_verified(promised):
    with pytest.raises(Refused) as refused:
        verify(promised)

    assert str(refused.value) == (
        "PS has not said that “Phase 1” is done."
        " PS marks it done first: `throughline deliverable done`."
    )
    assert judged() == []


def test_deliverable_verified_by_who_did_it_is_refused(promised):
    done(promised, by="ada")

    with pytest.raises(NotEntitled, match="Verification needs two persons, and ada did"):
        verify(promised, by="Ada")
    assert Deliverable.objects.get().state == "done"


def test_deliverable_verified_cannot_be_done_or_verified_again(promised):
    done(promised)
    verify(promised)

    for again in (done, verify):
        with pytest.raises(Refused) as refused:
            again(promised)
        assert str(refused.value) == "ada has verified this already. Nothing is left to do."


def test_deliverable_returned_says_why_and_is_done_and_verified_later(promised):
    done(promised)

    found = put_back(promised, " The login fails. ")

    assert (found.state, found.verdict_why, found.verdict_by) == (
        "returned", "The login fails.", BD,
    )  # fmt: skip
    with pytest.raises(Refused, match="PS has not said"):
        verify(promised)
    done(promised)
    found = verify(promised)
    assert (found.state, found.verdict_why) == ("verified", "")


def test_verdict_may_be_taken_back_for_a_reason(promised, engagement):
    done(promised)
    verify(promised)

    put_back(promised)

    assert not is_verified(engagement)
    assert judged()[-1] == (
        BD, {"before": "verified", "after": "returned", "why": "The login fails."},
    )  # fmt: skip


def test_deliverable_returned_without_a_reason_is_refused(promised):
    done(promised)

    with pytest.raises(Refused) as refused:
        put_back(promised, "  ")

    assert str(refused.value) == "“Not yet” needs a reason. Say what is missing."
    assert Deliverable.objects.get().state == "done"


def test_deliverable_nobody_has_done_cannot_be_returned(promised):
    with pytest.raises(Refused, match="PS has not said that it is done"):
        put_back(promised)


def test_deliverable_that_is_none_says_where_to_look():
    with pytest.raises(NoSuchDeliverable) as refused:
        mark_done(404, evidence="", link="", by=PS, at=NOON)

    assert str(refused.value) == (
        "There is no deliverable 404. See `throughline deliverable list`."
    )


def test_each_step_asks_for_its_hat(promised):
    make_person("bea", RoleName.BD)
    make_person("tom", RoleName.PS)

    with pytest.raises(NotEntitled, match="bea may not say that a deliverable is done"):
        done(promised, by="bea")
    done(promised, by="tom")
    with pytest.raises(NotEntitled, match="tom may not verify a deliverable"):
        verify(promised, by="tom")
    with pytest.raises(NotEntitled, match="tom may not return a deliverable"):
        put_back(promised, by="tom")
    assert verify(promised, by="bea").state == "verified"


@pytest.mark.both_databases
def test_deliverable_verified_and_returned_at_once_gets_both_verdicts_in_turn(at_once):
    promised = make_deliverable(make_engagement())
    done(promised)

    results = at_once(lambda: verify(promised), lambda: put_back(promised, by="bea"))

    states = [facts["after"] for _by, facts in judged()]
    refused = [one for one in results if isinstance(one, Refused)]
    # Verified first and then taken back; or returned first, and then there is nothing to verify.
    assert (states, len(refused)) in [(["verified", "returned"], 0), (["returned"], 1)]
    assert Deliverable.objects.get().state == "returned"


def test_parts_put_twice_are_there_once_and_keep_their_verdict(engagement, promised):
    number = engagement.number
    done(promised)
    verify(promised)
    put_project(number, "new-hub", title="Renamed", kind="new_hub", by=PS, at=NOON)
    wanted = {"title": "Phase one", "due_on": TODAY + timedelta(days=1)}
    again = put_deliverable(number, "new-hub", "phase-1", wanted=wanted, by=PS, at=NOON)
    for rhythm in ("monthly", "quarterly"):
        put_service(number, "support", title="Support", rhythm=rhythm, by=PS, at=NOON)

    assert (again.pk, again.title, again.state) == (promised.pk, "Phase one", "verified")
    assert Project.objects.get().title == "Renamed"
    assert Service.objects.get().rhythm == "quarterly"
    acts = Entry.objects.filter(act__startswith="delivery.").values_list("act", flat=True)
    assert sorted(acts)[-2:] == ["delivery.service.changed", "delivery.service.made"]


def test_deliverables_come_as_they_fall_due(engagement):
    for code, days in (("late", 9), ("soon", 1), ("middle", 5)):
        deliverable = make_deliverable(engagement, code)
        Deliverable.objects.filter(pk=deliverable.pk).update(due_on=TODAY + timedelta(days=days))

    assert [one.code for one in deliverables_of(engagement)] == ["soon", "middle", "late"]


def test_engagement_page_takes_as_many_queries_for_thirty_deliverables_as_for_one(
    engagement, django_assert_num_queries
):
    make_deliverable(engagement)
    for number in range(2):
        with django_assert_num_queries(15):
            full = engagement_in_full(engagement.number)
            found = [(one.title, list(one.evidence.all()))
                     for project in full.projects.all()
                     for one in project.deliverables.all()]  # fmt: skip
        assert len(found) == 1 + 29 * number
        for place in range(29):
            make_deliverable(engagement, f"part-{place}")
