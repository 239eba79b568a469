"""Who uses a hub: from Prometheus or a file, staff left out; and the time to first value."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import NOON, PS, make_cluster, make_engagement
from throughline.communities.queries import roles_by_subject
from throughline.connectors.prometheus.client import connect
from throughline.delivery.actions.engagements import link_clusters
from throughline.delivery.actions.structure import put_deliverable, put_project
from throughline.delivery.models import Evidence, EvidenceLook, UserDay
from throughline.delivery.queries import engagements
from throughline.delivery.value import value_of
from throughline.infrastructure.models import Cluster
from throughline.intake.activity_file import import_activity
from throughline.intake.evidence import (
    Eyes,
    collect_ladder,
    collect_people,
    look_at_due_evidence,
    look_for_evidence,
)
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.sales.models import Deal
from throughline.simulators.prometheus import PrometheusSimulator
from throughline.simulators.server import answering

BY = "worker"
HUBS = {"prod": ("Production", "hub.example.org")}
PEOPLE = ["ada@uni.example", "grace", "linus", "margaret", "edsger"]
STAFF = ["pia@2i2c.org", "deployment-service-check"]
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def prometheus():
    with PrometheusSimulator() as opened:
        yield opened


@pytest.fixture
def engagement():
    made = make_engagement(hubspot_id="77")
    make_cluster("maple", deal_id="77", hubs=HUBS)
    link_clusters(by=BY, at=NOON)
    put_project(made.number, "new-hub", title="New hub", kind="new_hub", by=PS, at=NOON)
    wanted = {"title": "Validate", "wanted_evidence": ["users.active", "representative.seen"]}
    put_deliverable(made.number, "new-hub", "phase-3", wanted=wanted, by=PS, at=NOON)
    return engagements().get(pk=made.number)


@pytest.fixture
def look(engagement, prometheus, playbook):
    def looking(days, *, connected=True):
        found = collect_people(
            engagement, connect=(lambda _cluster: connect(prometheus.url)) if connected else None,
            playbook=playbook, by=BY, at=NOON + days * DAY,
        )  # fmt: skip
        return {one.kind: (one.state, one.text) for one in found}

    return looking


def on(days):
    return NOON.date() + days * DAY


def representative(engagement):
    subject = engagement.deal.subject
    roles = roles_by_subject([subject], on=NOON.date())[subject]
    return next(one.contact for one in roles if one.role == "representative")


def value(engagement, playbook, days):
    return value_of(engagement, playbook=playbook, on=on(days))


def test_five_separate_people_are_found_and_four_are_not(look, prometheus):
    for user in PEOPLE[:4]:
        prometheus.ran("prod", user, on(1), on(2), on(3))
    few = look(20)["users.active"]
    prometheus.ran("prod", PEOPLE[4], on(19))
    for user in PEOPLE[:4]:
        prometheus.ran("prod", user, on(20))
    enough = look(22)["users.active"]

    assert few[0] == "absent"
    assert few[1].startswith("0 separate people who are not staff used maple/prod in the 14 days")
    assert enough[0] == "found"
    assert enough[1].startswith("5 separate people who are not staff used maple/prod")
    assert "(Prometheus)" in enough[1]


def test_staff_and_machines_do_not_count(look, prometheus):
    for user in [*PEOPLE[:4], *STAFF, "PIA@2I2C.ORG"]:
        prometheus.ran("prod", user, on(1))

    state, text = look(10)["users.active"]

    assert (state, text.split()[0]) == ("absent", "4")


def test_one_person_on_many_days_is_one(look, prometheus):
    prometheus.ran("prod", "Ada@Uni.example", *(on(day) for day in range(1, 9)))
    prometheus.ran("prod", "ada@uni.example", on(3))

    assert look(10)["users.active"][1].split()[0] == "1"


def test_prometheus_that_is_down_is_unavailable_and_not_absent(look, prometheus):
    prometheus.fail_next(answering(503), answering(503))

    found = look(10)

    assert {state for state, _text in found.values()} == {"unavailable"}
    assert "503" in found["users.active"][1]


def test_where_no_source_is_connected_it_is_unavailable_and_says_what_to_do(look):
    state, text = look(10, connected=False)["users.active"]

    assert state == "unavailable"
    assert text == (
        "No source has told who uses maple/prod: connect Prometheus, or import the hub's activity"
        " (`throughline import activity FILE`)."
    )


def test_a_representative_is_seen_by_address_or_github_id(look, prometheus, engagement):
    prometheus.ran("prod", "somebody", on(1))
    before = look(5)["representative.seen"]
    prometheus.ran("prod", representative(engagement).email.upper(), on(6))
    after = look(8)["representative.seen"]

    assert before[0] == "absent"
    assert after == (
        "found", f"A Community Representative used maple/prod on {on(6):%-d %B %Y} (Prometheus).",
    )  # fmt: skip


def test_time_to_first_value_is_the_days_from_the_order_to_the_fifth_person(
    look, prometheus, engagement, playbook
):
    prometheus.ran("prod", "before", on(-3))
    for day, user in enumerate(PEOPLE, start=2):
        prometheus.ran("prod", user, on(2 * day))
    look(30)

    found = value(engagement, playbook, 30)

    assert (found.ordered_on, found.first_on, found.days) == (on(0), on(12), 12)
    assert next(one for one in found.windows if one.to_on == on(12)).people == 5


def test_people_who_are_fifteen_days_apart_make_no_window(look, prometheus, engagement, playbook):
    for user in PEOPLE[:4]:
        prometheus.ran("prod", user, on(1))
    prometheus.ran("prod", PEOPLE[4], on(15))
    look(20)

    assert value(engagement, playbook, 20).days is None


def test_fourteen_days_include_both_ends(look, prometheus, engagement, playbook):
    for user in PEOPLE[:4]:
        prometheus.ran("prod", user, on(1))
    prometheus.ran("prod", PEOPLE[4], on(14))
    look(20)

    assert value(engagement, playbook, 20).days == 14


def test_value_that_was_lost_is_a_flag_and_the_first_value_stays(
    look, prometheus, engagement, playbook
):
    for user in PEOPLE:
        prometheus.ran("prod", user, on(1))
    look(10)
    look(40)

    held, lost = value(engagement, playbook, 9), value(engagement, playbook, 40)

    rules = playbook.verification
    assert (held.is_lost(rules), lost.is_lost(rules), lost.days) == (False, True, 1)


def test_days_that_nobody_told_are_unknown_and_no_loss(engagement, playbook, tmp_path):
    file = tmp_path / "activity.csv"
    rows = "".join(f"hub.example.org,{user},{on(1)}\n" for user in PEOPLE)
    file.write_text(f"hub,user,date\n{rows}hub.example.org,ada,{on(30)}\n")
    import_activity(file, playbook=playbook, by=BY, at=NOON)
    file.write_text(f"hub,user,date\nhub.example.org,ada,{on(90)}\n")
    import_activity(file, playbook=playbook, by=BY, at=NOON)

    known, unknown = value(engagement, playbook, 30), value(engagement, playbook, 90)

    rules = playbook.verification
    assert (known.last.is_known, known.is_lost(rules)) == (True, True)
    assert (unknown.last.is_known, unknown.is_lost(rules)) == (False, False)


def test_activity_file_and_prometheus_tell_the_same_person_once(
    look, prometheus, tmp_path, playbook
):
    file = tmp_path / "activity.csv"
    file.write_text(f"hub,user,date\nmaple/prod,ada@uni.example,{on(1)}\n")
    prometheus.ran("prod", "ada@uni.example", on(1))

    first = import_activity(file, playbook=playbook, by=BY, at=NOON).new
    again = import_activity(file, playbook=playbook, by=BY, at=NOON).new
    look(5)

    assert (first, again, UserDay.objects.count()) == (1, 0, 1)


def test_no_name_is_kept(look, prometheus):
    prometheus.ran("prod", "ada@uni.example", on(1))
    look(5)

    [row] = UserDay.objects.all()
    assert "ada" not in row.fingerprint
    assert not Entry.objects.filter(facts__icontains="ada@uni").exists()


def test_rows_that_make_no_sense_are_rejected_with_their_lines(playbook, engagement, tmp_path):
    file = tmp_path / "activity.csv"
    file.write_text(
        "hub,user,date\nelsewhere,ada,2026-11-01\nmaple/prod,,2026-11-01\nmaple/prod,ada,soon\n"
        "maple/prod,ada,2026-11-01\n"
    )

    taken = import_activity(file, playbook=playbook, by=BY, at=NOON)

    assert ([line for line, _why in taken.rejected], taken.new) == ([2, 3, 4], 1)
    with pytest.raises(Refused, match="is before"):
        import_activity(file, from_on=on(5), to_on=on(1), playbook=playbook, by=BY, at=NOON)


def test_shared_cluster_tells_whose_hub_it_is_only_by_the_communitys_id(engagement, playbook, look):
    make_engagement(hubspot_id="78", name="Another")
    cluster = Cluster.objects.get(name="maple")
    other = Deal.objects.get(hubspot_id="78").engagement
    cluster.serves.create(engagement=other, since=NOON)

    state, text = look(5)["users.active"]

    assert (state, text) == (
        "unavailable", "maple serves several engagements, and no hub there has this community's id.",
    )  # fmt: skip


def test_ladder_is_found_with_its_days_and_absent_without_an_end(engagement, playbook):
    wanted = {"title": "Ladder", "wanted_evidence": ["ladder.planned"]}
    put_deliverable(engagement.number, "new-hub", "ladder", wanted=wanted, by=PS, at=NOON)

    [planned] = collect_ladder(engagement, playbook=playbook, by=BY, at=NOON)
    engagement.deal.end_on = None
    [none] = collect_ladder(engagement, playbook=playbook, by=BY, at=NOON + DAY)

    assert (planned.state, none.state) == ("found", "absent")
    assert planned.text.startswith("Notices before the end, ")


def test_every_look_is_in_the_journal_even_when_it_finds_nothing_new(engagement, playbook):
    eyes = Eyes(None, lambda: None, None)
    counts = [
        len(look_for_evidence(engagement, eyes=eyes, playbook=playbook, by=BY, at=NOON + day * DAY))
        for day in (0, 1)
    ]

    entries = Entry.objects.filter(act="delivery.evidence.looked").order_by("pk")
    assert [one.facts["new"] for one in entries] == counts == [2, 0]
    assert EvidenceLook.objects.get().at == NOON + DAY


def test_the_daily_look_comes_once_a_day(engagement, playbook):
    def sweep(hours):
        at = datetime(2030, 1, 1, tzinfo=UTC) if hours is None else NOON + timedelta(hours=hours)
        return look_at_due_evidence(
            at=at, playbook=playbook, by=BY, eyes=lambda: Eyes(None, lambda: None, None)
        )

    assert [sweep(0), sweep(1), sweep(23), sweep(24)] == [
        [engagement.number],
        [],
        [],
        [engagement.number],
    ]


def test_a_look_that_breaks_stops_no_other_and_waits_until_tomorrow(engagement, playbook):
    def broken():
        raise ValueError("no eyes")

    first = look_at_due_evidence(at=NOON, playbook=playbook, by=BY, eyes=broken)
    again = look_at_due_evidence(at=NOON, playbook=playbook, by=BY, eyes=broken)

    assert (first, again, Evidence.objects.count()) == ([engagement.number], [], 0)
