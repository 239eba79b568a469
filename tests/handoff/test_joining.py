"""After a join one engagement goes on with the other's work, and nothing outside is made twice."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.factories import BD, NOON, PS, make_cluster, make_engagement
from tests.handoff.airtable_world import records
from tests.handoff.hubspot_world import COMMUNITIES, ours, sold
from tests.handoff.hubspot_world import states as in_hubspot
from tests.handoff.test_github import github, issues
from tests.handoff.world import apply, fresh, not_converged, plan, verify, with_statement
from throughline.communities.models import RoleAssignment
from throughline.delivery.actions.acceptance import accept_engagement
from throughline.delivery.actions.deliverables import mark_done
from throughline.delivery.actions.engagements import link_clusters, report_health
from throughline.delivery.actions.joining import join_engagements
from throughline.delivery.models import Deliverable, EngagementCluster, Project, Service
from throughline.delivery.words import Health
from throughline.handoff.actions.looking import due_looks
from throughline.handoff.leases import Leased, take_lease
from throughline.handoff.models import Outcome
from throughline.handoff.outside.github import SETTLING, issue_numbers
from throughline.intake.hubspot.actions.merges import Decision, settle_merge
from throughline.intake.hubspot.actions.reading import read_all
from throughline.intake.hubspot.connecting import source_from_settings
from throughline.intake.models import HowSettled
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.renewals.queries import engagements_to_look_at
from throughline.sales.models import Deal, DealNote, SponsorWork

__all__ = ["github"]  # the fixture
pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
DEALS = "0-3"
LATER = NOON + SETTLING + timedelta(minutes=2)
MUCH_LATER = LATER + SETTLING + timedelta(hours=1)


def read(at=NOON):
    source = source_from_settings(shipped())
    with source.hubspot:
        return read_all(source, at=at)


@pytest.fixture
def both(base, github, account):
    """Two engagements that were handed over, and whose deals HubSpot has merged."""
    made = [sold(account), sold(account)]
    whole, joined = (one for one, _there in made)
    with_statement(joined)
    for engagement in (whole, joined):
        apply(engagement)
        apply(engagement, at=LATER)
        assert not_converged(apply(engagement, at=MUCH_LATER)) == waiting(engagement)
    survivor = account.merge(DEALS, made[0][1].id, made[1][1].id)
    read(LATER)
    return whole, joined, survivor


def waiting(engagement):
    """What waits for PS to accept: the mails."""
    return {f"mail.{code}:{engagement.number}": "waiting" for code in ("welcome",)}


def join(both, how="join"):
    whole, _joined, survivor = both
    decision = Decision(HowSettled(how), whole.pk, "One hub for both.")
    return settle_merge(survivor.id, decision, playbook=shipped(), by=BD, at=MUCH_LATER)


def outside(base, github, account):
    """How many things there are outside, by what names them."""
    of_airtable = Counter(
        key for table in ("Engagements", "Projects", "Deliverables") for key in records(base, table)
    )
    return {
        "airtable": of_airtable,
        "issues": len(issues(github)),
        "communities": len(account.records(COMMUNITIES)),
        "deals": len(account.records(DEALS)),
    }


def test_plan_apply_and_verify_after_a_join_make_nothing_twice(both, base, github, account):
    whole, joined, survivor = both
    before = outside(base, github, account)
    made = set(Outcome.objects.filter(receipt__isnull=False).values_list("key", flat=True))

    join(both)

    lines = {one.outcome: one.verb.value for one in plan(whole, MUCH_LATER).lines}
    home = f":{joined.number}:"
    assert lines[f"delivery.project{home}new-hub"] == "keep"
    assert lines[f"github.issue{home}statement-of-work:deliverable-1"] == "update"  # its link
    assert [key for key, verb in lines.items() if verb == "create"] == []
    assert plan(joined, MUCH_LATER).lines == ()

    apply(whole, at=MUCH_LATER + timedelta(hours=1))
    done = apply(whole, at=MUCH_LATER + timedelta(hours=2))

    assert not_converged(done) == waiting(whole)
    assert outside(base, github, account) == before
    assert made <= set(Outcome.objects.filter(receipt__isnull=False).values_list("key", flat=True))
    assert not_converged(verify(whole, MUCH_LATER + timedelta(hours=3))) == waiting(whole)
    assert plan(whole, MUCH_LATER + timedelta(hours=3)).changes == ()
    assert in_hubspot(done)["deal"] == "converged"
    assert ours(survivor)["engagement"].endswith(f"/engagements/{whole.number}/")
    projects = records(base, "Projects")
    assert (
        projects[f"airtable.project{home}new-hub"]["Engagement"]
        == (projects[f"airtable.project:{whole.number}:new-hub"]["Engagement"])
    )


def test_what_is_joined_keeps_its_issues_evidence_and_verdicts(both, github):
    whole, joined, _survivor = both
    one = Deliverable.objects.get(project__engagement=joined, code="deliverable-1")
    number = issue_numbers(fresh(joined))["statement-of-work", "deliverable-1"]
    mark_done(one.pk, evidence="It is there.", link="", by=PS, at=NOON)

    join(both)

    one.refresh_from_db()
    code = f"statement-of-work@{joined.number}"
    assert (one.project.engagement_id, one.project.code, one.state) == (whole.pk, code, "done")
    assert [each.text for each in one.evidence.filter(kind="manual")] == ["It is there."]
    assert issue_numbers(fresh(whole))[code, "deliverable-1"] == number
    assert list(Project.objects.filter(engagement=joined)) == []
    services = Service.objects.filter(engagement=whole).values_list("code", flat=True)
    assert len(services) == len(set(services))


def test_what_was_joined_comes_to_rest(both):
    whole, joined, _survivor = both
    join(both)

    apply(joined, at=MUCH_LATER + timedelta(hours=1))
    verify(joined, MUCH_LATER + timedelta(hours=1))

    assert list(Project.objects.filter(engagement=joined)) == []
    kinds = Outcome.objects.filter(engagement=joined).values_list("state", flat=True)
    assert set(kinds) <= {"converged", "waiting"}
    end_on = fresh(joined).deal.end_on
    near = engagements_to_look_at(on=end_on - timedelta(days=60), playbook=shipped())
    assert sorted(near.values_list("pk", flat=True)) == [whole.pk]
    assert whole.pk in due_looks(at=MUCH_LATER + timedelta(days=2), on=NOON.date())


def test_people_notes_and_open_work_go_along_and_trouble_is_not_hidden(both):
    whole, joined, _survivor = both
    accept_engagement(whole.number, by=PS, at=NOON)
    report_health(joined.number, Health.OFF_TRACK, why="No GPUs.", by=PS, at=NOON)
    DealNote.objects.create(deal=joined.deal, kind="caution", text="Call first.", by=BD, at=NOON)
    SponsorWork.objects.create(deal=joined.deal, kind="legal", asked_at=NOON, asked_by=BD)
    roles = {
        (one.contact_id, one.role)
        for one in RoleAssignment.objects.filter(subject=joined.deal.subject, to_on=None)
    }
    assert {role for _contact, role in roles} >= {"buyer", "representative"}

    join(both)

    now = fresh(whole)
    assert (now.health, now.health_why) == (
        "off_track", f"Engagement {joined.number}, joined: No GPUs.",
    )  # fmt: skip
    assert now.accepted_at is None  # PS has not accepted all of what it is now
    assert DealNote.objects.get().deal == now.deal
    assert SponsorWork.objects.get(kind="legal").deal == now.deal
    standing = RoleAssignment.objects.filter(to_on=None)
    assert set(standing.values_list("subject", flat=True)) == {now.deal.subject}
    assert {(one.contact_id, one.role) for one in standing} >= roles


def test_a_cluster_of_the_joined_deal_serves_the_one_that_goes_on(both):
    whole, joined, _survivor = both
    make_cluster("seismic", deal_id=joined.deal.hubspot_id, hubs={"prod": ("", "h.example")})
    link_clusters(by="factory", at=NOON)
    assert EngagementCluster.objects.get().engagement_id == joined.pk

    join(both)

    assert EngagementCluster.objects.get().engagement_id == whole.pk
    assert Deal.objects.get(pk=joined.pk).hubspot_id == joined.deal.hubspot_id


def test_nothing_is_joined_while_a_pass_is_over_it_or_an_answer_is_unknown(both):
    _whole, joined, _survivor = both
    take_lease(joined.number, holder="another worker", at=MUCH_LATER)
    with pytest.raises(Leased):
        join(both)

    later = MUCH_LATER + timedelta(hours=1)
    row = Outcome.objects.filter(engagement=joined, system="github").first()
    Outcome.objects.filter(pk=row.pk).update(intent_at=NOON, state="unknown")
    whole, _joined, survivor = both
    decision = Decision(HowSettled.JOIN, whole.pk, "One hub for both.")
    with pytest.raises(Refused, match="It is not known yet whether"):
        settle_merge(survivor.id, decision, playbook=shipped(), by=BD, at=later)
    assert Project.objects.filter(engagement=joined).exists()


def test_kept_alone_the_other_comes_to_rest_with_its_work(both, base, github, account):
    _whole, joined, _survivor = both
    before = outside(base, github, account)
    projects = Project.objects.filter(engagement=joined).count()

    join(both, "keep")
    apply(joined, at=MUCH_LATER + timedelta(hours=1))

    assert (plan(joined).lines, Project.objects.filter(engagement=joined).count()) == ((), projects)
    assert outside(base, github, account) == before


def test_one_that_was_joined_is_joined_again_under_the_same_keys(both):
    whole, joined, _survivor = both
    join(both)
    before = {one.outcome for one in plan(whole).lines if f":{joined.number}:" in one.outcome}
    third = make_engagement(name="A third")

    join_engagements(whole.number, into=third.number, by=BD, at=MUCH_LATER)

    codes = set(Project.objects.filter(engagement=third).values_list("code", flat=True))
    assert codes >= {f"new-hub@{joined.number}", f"new-hub@{whole.number}"}
    lines = {one.outcome for one in plan(third).lines}
    assert lines >= {one for one in before if not one.startswith("delivery.service")}
