"""Projects that a person begins; tables that say what is missing; seasons and neighbours."""

from datetime import date

import pytest

from tests.factories import BD, NOON, PS, TODAY, make_engagement, make_person, tell
from tests.handoff.world import apply, fresh, plan, with_cluster
from throughline.delivery.actions.beginning import begin_project, write_ready_field
from throughline.delivery.actions.engagements import decide_to_end
from throughline.delivery.models import BegunProject, Deliverable, Project, ProjectFact
from throughline.delivery.readiness import ready_shape, ready_tables
from throughline.delivery.seasons import last_season, others_running, season_shape
from throughline.delivery.words import EvidenceKind
from throughline.infrastructure.words import Payer
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.people.gates import NotEntitled
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
HOW = {"playbook": shipped(), "by": PS, "at": NOON}
EVENT_ON = date(2026, 6, 20)  # a Saturday
NEXT_TERM = {"start_on": "2027-06-01", "end_on": "2027-12-31"}


@pytest.fixture
def engagement(db):
    return fresh(make_engagement(hubspot_id="900100"))


def begin(engagement, code="event", on=EVENT_ON, **more):
    return begin_project(engagement.number, code, about_on=on, **HOW | more)


def tables(engagement):
    return {one.code: one for one in ready_tables(fresh(engagement), playbook=shipped(), on=TODAY)}


def missing(engagement, code):
    return [line.field for line in tables(engagement)[code].missing]


def write(engagement, field, value, project="new-hub", **more):
    return write_ready_field(engagement.number, project, field, value, **HOW | more)


def another(engagement, **fields):
    """Another engagement of the same community."""
    made = make_engagement(name="Another", hubspot_id="900200", **fields)
    Deal.objects.filter(pk=made.pk).update(community=engagement.deal.community_id)
    return fresh(made)


def test_an_event_stands_at_once_with_due_days_counted_from_its_day(engagement):
    made = begin(engagement)

    assert (made.code, made.title, made.kind) == ("event", "Event (20 June 2026)", "event")
    due = Deliverable.objects.filter(project=made).order_by("pk").values_list("code", "due_on")
    assert list(due) == [
        ("event-planned", date(2026, 5, 29)),  # 21 days before is a Saturday: the Friday
        ("event-prepared", date(2026, 6, 12)),
        ("event-looked-back", date(2026, 7, 6)),  # 14 days after is a Saturday: the Monday
    ]
    entry = Entry.objects.get(act="delivery.project.begun")
    assert entry.facts == {"title": "Event (20 June 2026)", "why": ""}


def test_a_begun_project_is_part_of_the_plan_and_a_second_one_stands_beside_it(engagement):
    apply(engagement)
    begin(engagement)
    second = begin(engagement, on=date(2026, 9, 1))

    assert second.code == "event-2"
    assert [one for one in plan(engagement).changes if one.system == "delivery"] == []
    Deliverable.objects.filter(project=second, code="event-prepared").delete()
    assert [one.outcome for one in plan(engagement).changes if one.system == "delivery"] == [
        f"delivery.deliverable:{engagement.number}:event-2:event-prepared"
    ]


@pytest.mark.parametrize(
    ("code", "on", "says"),
    [
        ("evnt", EVENT_ON, "no project 'evnt' that a person begins. Did you mean 'event'"),
        ("new-hub", EVENT_ON, "no project 'new-hub' that a person begins"),
        ("event", date(2027, 4, 1), "2027-04-01 is after the engagement's end, 2027-03-31"),
        ("wake-up", date(2027, 4, 1), "2027-04-01 is after the engagement's end, 2027-03-31"),
    ],
)
def test_what_cannot_begin_is_refused_and_nothing_is_made(engagement, code, on, says):
    with pytest.raises(Refused) as refused:
        begin(engagement, code, on)
    assert says in str(refused.value)
    assert (BegunProject.objects.count(), Project.objects.count()) == (0, 0)


def test_a_decommissioning_may_be_about_a_day_after_the_end(engagement):
    assert begin(engagement, "decommission", date(2027, 4, 30)).kind == "offboarding"


def test_strangers_may_not_begin_a_project_or_fill_a_table(engagement):
    make_person("sven", RoleName.SPONSOR)

    with pytest.raises(NotEntitled):
        begin(engagement, by="sven")
    with pytest.raises(NotEntitled):
        write(engagement, "project.gpus", "No", by="sven")
    assert (BegunProject.objects.count(), ProjectFact.objects.count()) == (0, 0)


def test_two_engagements_of_one_community_run_and_neither_shuts_down_the_others_hub(engagement):
    other = another(engagement)
    assert list(others_running(engagement, TODAY)) == [other]

    with pytest.raises(Refused) as refused:
        begin(engagement, "decommission", TODAY)
    assert str(refused.value) == (
        f"Others still run for this community or on its clusters on 2026-03-02: {other.number}"
        " Another. Make sure that none of them loses its hub, and say so as the reason."
    )
    assert begin(engagement, "decommission", TODAY, why="Its hub is another one.").pk


def test_a_neighbour_that_ends_or_is_over_or_gone_does_not_count(engagement):
    other = another(engagement)
    assert list(others_running(engagement, date(2027, 4, 1))) == []
    assert list(others_running(other, TODAY)) == [engagement]

    decide_to_end(other.number, by=BD, at=NOON)

    assert list(others_running(engagement, TODAY)) == []


def test_the_roles_of_two_engagements_are_their_own(engagement):
    """People are shared between deals, and what somebody is for one says nothing of the other."""
    other = another(engagement)
    renamed = [{"role": "representative", "full_name": "Nora New", "email": "n@example.org"}]
    tell(Deal.objects.get(pk=other.pk), "community.people", people=renamed)

    def representatives(one):
        lines = tables(one)["phase-0"].lines
        return next(line.value for line in lines if line.field == "people.representative")

    assert representatives(engagement) == "Rae Rep"
    assert "Nora New" in representatives(other)


def test_a_phase_names_what_is_missing_and_is_ready_once_it_is_known(engagement):
    assert missing(engagement, "phase-0") == ["agreement.payer", "project.account_name"]
    assert not tables(engagement)["phase-0"].is_ready

    with_cluster(engagement, paid_by=Payer.COMMUNITY)
    write(engagement, "project.account_name", "earthscope-prod")

    assert missing(engagement, "phase-0") == []
    values = {line.field: line.value for line in tables(engagement)["phase-0"].lines}
    assert values == {
        "community.community_id": "earthscope",
        "community.cloud": "aws",
        "agreement.payer": Payer.COMMUNITY.label,
        "project.account_name": "earthscope-prod",
        "people.representative": "Rae Rep",
        "people.technical_contact": "Tay Tech",
    }
    assert missing(engagement, "phase-1") == ["project.cluster_name", "project.gpus"]


def test_readiness_follows_the_fields_and_is_lost_with_them(engagement):
    with_cluster(engagement, paid_by=Payer.UNKNOWN)
    write(engagement, "project.account_name", "earthscope-prod")

    assert missing(engagement, "phase-0") == ["agreement.payer"]


def test_what_is_written_down_may_be_written_anew_and_the_journal_has_both(engagement):
    write(engagement, "project.gpus", "Yes")
    write(engagement, "project.gpus", "No")

    assert ProjectFact.objects.get().value == "No"
    entries = Entry.objects.filter(act="delivery.project.told").order_by("pk")
    assert [one.facts["value"] for one in entries] == ["Yes", "No"]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("project.gpu", "No", "Did you mean 'project.gpus'"),
        ("community.cloud", "aws", "community.cloud is read from where it is kept"),
        ("project.gpus", "  ", "What is it"),
    ],
)
def test_a_field_that_no_table_asks_for_or_that_is_kept_elsewhere_is_refused(
    engagement, field, value, says
):
    with pytest.raises(Refused, match=says):
        write(engagement, field, value)
    assert ProjectFact.objects.count() == 0


def test_a_begun_project_has_its_own_tables(engagement):
    begin(engagement)

    write(engagement, "project.attendees", "40", project="event")

    assert missing(engagement, "event-planned") == [
        "project.event_ends_on", "project.active_hours", "project.hub_afterwards",
    ]  # fmt: skip
    shape = ready_shape(tables(engagement)["event-prepared"])
    assert (shape["ready"], shape["missing"]) == (False, ["hub.domain"])


def test_tables_take_as_many_queries_for_three_clusters_as_for_one(
    engagement, django_assert_num_queries
):
    with_cluster(engagement, "one")
    for names in ((), ("two", "three")):
        for name in names:
            with_cluster(engagement, name)
        loaded = fresh(engagement)
        with django_assert_num_queries(9):
            ready_tables(loaded, playbook=shipped(), on=TODAY)


def test_a_hub_that_wakes_up_keeps_its_names_and_says_what_has_changed(engagement):
    with_cluster(engagement)
    apply(engagement)
    shown = Deliverable.objects.get(code="phase-1")
    shown.evidence.create(
        kind=EvidenceKind.ISSUE_CLOSED, state="found", text="Closed.", at=NOON, by=PS,
        link="https://github.example/o/r/issues/7",
    )  # fmt: skip
    again = another(engagement)
    Deal.objects.filter(pk=again.pk).update(
        start_on=date(2027, 6, 1), end_on=date(2027, 12, 31), tier="essential"
    )

    found = last_season(fresh(again))

    assert season_shape(found) == {
        "engagement": engagement.number,
        "names": ["earthscope"],
        "issues": ["https://github.example/o/r/issues/7"],
        "changed": [
            {"what": "tier", "then": "premier", "now": "essential"},
            {"what": "clusters", "then": "earthscope", "now": None},
        ],
    }
    assert begin(again, "wake-up", date(2027, 7, 15)).kind == "wake_up"
    assert last_season(engagement) is None
