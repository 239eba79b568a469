"""Reading HubSpot's deals: both sides are equal afterwards, whatever happened in between."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories import NOON
from tests.intake.hubspot.conftest import STAGES
from throughline.delivery.models import Engagement
from throughline.intake import actions as files
from throughline.intake.hubspot.actions.mapped import map_stage
from throughline.intake.hubspot.actions.reading import read_all, read_changes
from throughline.intake.models import HubSpotReading, HubSpotStage
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused, Transient
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal, DealAlias, GateException
from throughline.sales.queries import find_deal
from throughline.simulators.hubspot.schema import Owner, Property
from throughline.simulators.server import answering

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()


def deal(account, name, stage="Lead", **more):
    return account.create("0-3", {"dealname": name, "dealstage": STAGES[stage], **more})


def counts(read):
    return (read.created, read.updated, read.unchanged, read.rejected)


def test_a_deal_comes_in_with_everything_that_hubspot_knows(source, account):
    account.owners.append(Owner("7", "ada@example.org", "Ada", "Lovelace"))
    made = deal(
        account, "JupyterHub for UToronto", "Proposal",
        amount="17500", closedate="2026-06-30", hubspot_owner_id="7", deal_currency_code="CAD",
        contract_start_date="2026-01-01", contract_end_date="2026-12-31", shoe_size="44",
        revenue_type="membership-premier",
    )  # fmt: skip
    company = account.create("0-2", {"name": "University of Toronto"})
    community = account.create("0-410", {"hs_course_name": "UToronto"})
    account.associate(made, company, [("HUBSPOT_DEFINED", 5)])
    account.associate(community, made, [("HUBSPOT_DEFINED", 862)])

    assert counts(read_all(source, at=NOON)) == (1, 0, 0, [])

    ours = Deal.objects.get(hubspot_id=made.id)
    assert (ours.name, ours.stage, ours.stage_elsewhere) == (
        "JupyterHub for UToronto", "proposal", "Proposal",
    )  # fmt: skip
    assert (ours.amount, ours.currency, ours.owner) == (Decimal(17500), "CAD", "Ada Lovelace")
    assert (ours.buyer, ours.community.short_name) == ("University of Toronto", "UToronto")
    assert (ours.start_on, ours.end_on, ours.close_on) == (
        date(2026, 1, 1), date(2026, 12, 31), date(2026, 6, 30),
    )  # fmt: skip
    assert (ours.tier, ours.pipeline, ours.probability) == (
        "premier",
        "Communities",
        Decimal("0.5"),
    )
    assert ours.extra == {"shoe_size": "44"}


def test_reading_twice_changes_nothing(source, account):
    for number in range(3):
        deal(account, str(number), amount="1000.00", closedate="2026-06-30")
    read_all(source, at=NOON)
    entries = Entry.objects.count()

    assert counts(read_all(source, at=NOON + timedelta(hours=1))) == (0, 0, 3, [])
    assert Entry.objects.count() == entries


def test_file_and_connection_follow_each_other_without_doubles(source, account, tmp_path):
    made = deal(
        account, "UToronto", amount="17500", closedate="2026-06-30", revenue_type="membership-premier",
        contract_start_date="2026-01-01",
    )  # fmt: skip
    path = tmp_path / "deals.csv"
    path.write_text(
        "id,dealname,dealstage,pipeline,amount,closedate,revenue_type,contract_start_date\n"
        f"{made.id},UToronto,Lead,Communities,17500.00,2026-06-30,membership-premier,2026-01-01\n"
    )

    def from_file():
        found = files.import_deals(path, playbook=shipped(), by="ada", at=NOON)
        return (found.created, found.updated, found.unchanged)

    assert from_file() == (1, 0, 0)
    first = counts(read_all(source, at=NOON))
    assert first[0] == 0
    assert from_file() == (0, 0, 1)
    assert counts(read_all(source, at=NOON)) == (0, 0, 1, [])
    assert Deal.objects.count() == 1


def test_what_people_wrote_here_stays_unless_it_changed_there(source, account):
    made = deal(account, "UToronto", amount="1000")
    read_all(source, at=NOON)
    ours = Deal.objects.get(hubspot_id=made.id)
    ours.name, ours.legal_needed_because = "Toronto", "new terms"
    ours.save()

    account.change(made, {"amount": "2000"})
    read_all(source, at=NOON)

    ours.refresh_from_db()
    assert (ours.name, ours.amount, ours.legal_needed_because) == (
        "Toronto", Decimal(2000), "new terms",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "day"),
    [
        ("2026-06-30", date(2026, 6, 30)),  # midnight UTC: a day without a time
        ("2026-07-01T03:30:00Z", date(2026, 6, 30)),  # an evening in Los Angeles
    ],
)
def test_a_day_stays_a_day_and_an_instant_is_one_of_ours(hubspot, source, account, kept, day):
    made = deal(account, "A", closedate=kept, contract_end_date="2026-12-31")
    playbook = shipped()
    elsewhere = replace(
        playbook, organisation=replace(playbook.organisation, zone="America/Los_Angeles")
    )

    read_all(type(source)(hubspot, "", elsewhere), at=NOON)

    ours = Deal.objects.get(hubspot_id=made.id)
    assert (ours.close_on, ours.contract_end_on) == (day, date(2026, 12, 31))


def test_a_stage_that_nobody_mapped_is_shown_until_somebody_does(source, account):
    made = deal(account, "A", "Parked")
    read = read_all(source, at=NOON)

    assert [(one.code, one.deal) for one in read.warnings] == [("stage_unmapped", made.id)]
    ours = Deal.objects.get(hubspot_id=made.id)
    assert (ours.stage, ours.stage_elsewhere) == ("", "Parked")

    map_stage(STAGES["Parked"], "Lead", playbook=source.playbook, by="bea", at=NOON)
    read_all(source, at=NOON)
    ours.refresh_from_db()
    assert ours.stage == "lead"


def test_a_stage_that_is_not_there_cannot_be_mapped(source):
    read_all(source, at=NOON)

    with pytest.raises(Refused, match="HubSpot has no stage '7'"):
        map_stage("7", "Lead", playbook=source.playbook, by="bea", at=NOON)
    with pytest.raises(Refused, match="We have no stage 'Sofa'"):
        map_stage("1008", "Sofa", playbook=source.playbook, by="bea", at=NOON)
    assert HubSpotStage.objects.get(stage_id="1008").code == ""


def test_a_label_that_changes_moves_no_deal(source, account):
    made = deal(account, "A", "Qualified")
    read_all(source, at=NOON)

    (pipeline,) = account.pipelines["0-3"]
    renamed = tuple(
        type(one)(id=one.id, label="Good ones", probability=one.probability)
        if one.label == "Qualified" else one
        for one in pipeline.stages
    )  # fmt: skip
    account.pipelines["0-3"] = [
        type(pipeline)(id=pipeline.id, label=pipeline.label, stages=renamed)
    ]
    read_all(source, at=NOON)

    ours = Deal.objects.get(hubspot_id=made.id)
    assert (ours.stage, HubSpotStage.objects.get(stage_id="1002").label) == (
        "qualified",
        "Good ones",
    )


def test_a_stage_that_hubspot_drops_says_since_when(source, account):
    read_all(source, at=NOON)
    (pipeline,) = account.pipelines["0-3"]
    account.pipelines["0-3"] = [
        type(pipeline)(id=pipeline.id, label=pipeline.label, stages=pipeline.stages[:-1])
    ]

    read_all(source, at=NOON + timedelta(days=1))

    assert HubSpotStage.objects.get(stage_id="1008").gone_at == NOON + timedelta(days=1)


def test_a_stage_pushed_past_a_closed_gate_is_an_exception(source, account):
    made = deal(account, "A")
    read_all(source, at=NOON)
    account.change(made, {"dealstage": STAGES["Contract Admin"]})

    read = read_all(source, at=NOON)

    assert "gate_bypassed" in [one.code for one in read.warnings]
    assert GateException.objects.get().to_stage == "contract_admin"


def test_a_field_that_cannot_go_in_is_named_and_the_other_deals_go_in(source, account):
    made = deal(account, "A", contract_start_date="2026-12-31", contract_end_date="2026-01-01")
    deal(account, "B")

    read = read_all(source, at=NOON)

    assert (read.created, [number for number, _why in read.rejected]) == (1, [made.id])
    assert "is before contract_start_date" in read.rejected[0][1]


def test_a_deal_without_a_name_or_a_stage_is_still_a_deal(source, account):
    made = account.create("0-3", {"amount": "5"})

    assert read_all(source, at=NOON).created == 1
    ours = Deal.objects.get()
    assert (ours.name, ours.stage, ours.stage_elsewhere) == (f"Deal {made.id}", "", "(no stage)")


def test_several_companies_without_a_primary_one_tell_nothing(source, account):
    made = deal(account, "A")
    for name in ("One", "Two"):
        company = account.create("0-2", {"name": name})
        account.associate(made, company, [("HUBSPOT_DEFINED", 341)])
    read_all(source, at=NOON)
    assert Deal.objects.get().buyer == ""

    account.associate(made, company, [("HUBSPOT_DEFINED", 5)])
    read_all(source, at=NOON)
    assert Deal.objects.get().buyer == "Two"


def test_a_property_that_is_added_later_comes_in_as_one_that_nobody_has_a_place_for(
    source, account
):
    made = deal(account, "A")
    read_all(source, at=NOON)
    account.add_property("0-3", Property(name="hat_size", label="Hat size"))
    account.change(made, {"hat_size": "58"})

    read_all(source, at=NOON)

    assert Deal.objects.get().extra == {"hat_size": "58"}


def test_a_full_reading_takes_a_call_for_a_hundred_deals_and_some_for_associations(
    source, account, simulator
):
    company = account.create("0-2", {"name": "One"})
    for number in range(1250):
        made = deal(account, str(number))
        account.associate(made, company, [("HUBSPOT_DEFINED", 341)])
    simulator.calls.clear()

    read = read_all(source, at=NOON)

    assert read.created == 1250
    listing, shape, chunks, associations, names = 13, 4, 2, 4, 1
    assert sum(simulator.calls.values()) == listing + shape + chunks * (associations + names)


def test_afterwards_only_what_changed_is_asked_for(source, account, simulator, clock):
    made = [deal(account, str(number)) for number in range(300)]
    clock.move(hours=1)
    read_all(source, at=clock.at)
    clock.move(hours=1)
    account.change(made[7], {"amount": "5"})
    simulator.calls.clear()

    read = read_changes(source, at=clock.at + timedelta(minutes=1))

    assert counts(read) == (0, 1, 0, [])
    shape, searches, associations = 4, 5, 4
    assert sum(simulator.calls.values()) == shape + searches + associations
    assert Deal.objects.get(hubspot_id=made[7].id).amount == 5


def test_what_the_index_did_not_know_yet_is_found_the_next_time(source, account, clock):
    made = deal(account, "A")
    read_all(source, at=clock.at)
    clock.move(hours=1)
    account.index.lag = timedelta(minutes=1)
    account.change(made, {"amount": "5"})
    assert counts(read_changes(source, at=clock.at)) == (0, 0, 1, [])  # as it was

    clock.move(minutes=4)
    assert counts(read_changes(source, at=clock.at)) == (0, 1, 0, [])


def test_changes_before_any_reading_are_everything(source, account):
    deal(account, "A")

    assert read_changes(source, at=NOON).created == 1


@pytest.mark.both_databases
@pytest.mark.usefixtures("committed_db")
def test_an_interrupted_reading_goes_on_where_it_stopped(source, account, simulator):
    for number in range(1100):
        deal(account, str(number))
    seen = []

    def stop(count):
        seen.append(count)
        simulator.fail_next(answering(503))

    with pytest.raises(Transient):
        read_all(source, at=NOON, progress=stop)
    assert (seen, Deal.objects.count()) == ([1000], 1000)
    assert HubSpotReading.objects.get().finished_at is None

    simulator.calls.clear()
    read = read_all(source, at=NOON + timedelta(hours=1), progress=seen.append)
    assert (seen, counts(read)) == ([1000, 1100], (100, 0, 0, []))
    assert Deal.objects.filter(deleted_at=None).count() == 1100
    shape, listing, associations = 4, 1, 4
    assert sum(simulator.calls.values()) == shape + listing + associations
    assert HubSpotReading.objects.get().finished_at == NOON + timedelta(hours=1)


def test_a_reading_that_was_interrupted_long_ago_begins_anew(source, account, simulator):
    deal(account, "A")
    HubSpotReading.objects.create(kind="all", started_at=NOON - timedelta(hours=25), after="99")

    assert read_all(source, at=NOON).created == 1


def test_a_deleted_deal_leaves_a_tombstone_and_comes_back(source, account):
    made = deal(account, "A")
    deal(account, "B")
    read_all(source, at=NOON)
    account.archive(made)

    assert read_all(source, at=NOON).gone == [made.id]
    assert Deal.objects.get(hubspot_id=made.id).deleted_by == "HubSpot"
    assert read_all(source, at=NOON).gone == []

    account.restore("0-3", made.id)
    assert read_all(source, at=NOON).back == [made.id]
    assert Deal.objects.get(hubspot_id=made.id).deleted_at is None


def test_a_deal_that_a_person_buried_stays_buried(source, account):
    made = deal(account, "A")
    read_all(source, at=NOON)
    Deal.objects.filter(hubspot_id=made.id).update(deleted_at=NOON, deleted_by="bea")

    assert read_all(source, at=NOON).back == []
    assert Deal.objects.get().deleted_by == "bea"


@pytest.mark.both_databases
@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("into_a_new_one", [True, False])
def test_merged_deals_go_on_as_one_and_old_numbers_are_known(source, account, into_a_new_one):
    if not into_a_new_one:
        account.merges_into_a_new_one.clear()
    first, second = deal(account, "A", "Closed Won"), deal(account, "B")
    read_all(source, at=NOON)
    (engagement,) = Engagement.objects.all()

    survivor = account.merge("0-3", second.id, first.id)
    read = read_all(source, at=NOON)

    living = Deal.objects.get(deleted_at=None)
    assert (living.hubspot_id, living.engagement) == (survivor.id, engagement)
    assert (read.created, read.gone) == (0, [])
    for number in (first.id, second.id, survivor.id):
        assert find_deal(number) == living
    assert sorted(number for number, _survivor in read.merged) == sorted(
        {first.id, second.id} - {survivor.id}
    )
    assert read_all(source, at=NOON).merged == []


def test_a_merge_of_two_engagements_stops_and_asks(source, account):
    first, second = deal(account, "A", "Closed Won"), deal(account, "B", "Closed Won")
    read_all(source, at=NOON)
    survivor = account.merge("0-3", first.id, second.id)

    read = read_all(source, at=NOON)

    assert [number for number, _why in read.rejected][:1] == [survivor.id]
    assert "each has an engagement here" in read.rejected[0][1]
    assert sorted(Deal.objects.filter(deleted_at=None).values_list("hubspot_id", flat=True)) == [
        first.id, second.id,
    ]  # fmt: skip
    assert (DealAlias.objects.count(), Engagement.objects.count()) == (0, 2)


def test_a_token_of_another_portal_buries_nobody(source, account):
    made = [deal(account, str(number)) for number in range(20)]
    read_all(source, at=NOON)
    for one in made[:15]:
        account.archive(one)

    with pytest.raises(Refused, match="HubSpot has 15 of our 20 deals no longer"):
        read_all(source, at=NOON)

    assert Deal.objects.filter(deleted_at=None).count() == 20


def _change(account, one, chance, step):
    account.change(one, {"amount": str(chance.randrange(10_000)), "dealname": f"{step}"})


def _move(account, one, chance, _step):
    account.change(one, {"dealstage": chance.choice(["1001", "1002", "1003", "1008"])})


def _add(account, _one, _chance, step):
    deal(account, f"new {step}")


def _merge(account, one, chance, _step):
    other = chance.choice([each for each in account.records("0-3") if each is not one])
    account.merges_into_a_new_one = chance.choice([{"0-3"}, set()])
    account.merge("0-3", one.id, other.id)


def _bin(account, one, _chance, _step):
    if len(account.records("0-3")) > 30:
        account.archive(one)


def _restore(account, _one, chance, _step):
    if binned := account.records("0-3", archived=True):
        account.restore("0-3", chance.choice(binned).id)


def test_random_changes_merges_and_deletions_end_with_both_sides_equal(
    source, account, clock, chance
):
    for number in range(60):
        deal(account, str(number))
    read_all(source, at=clock.at)
    kinds = [_change, _move, _add, _merge, _bin, _restore]
    for step, kind in enumerate(chance.choices(kinds, [60, 20, 8, 3, 4, 5], k=2000)):
        kind(account, chance.choice(account.records("0-3")), chance, step)
        clock.move(seconds=chance.randrange(30))
        if step % 400 == 200:
            read_changes(source, at=clock.at)

    read = read_all(source, at=clock.at)

    theirs = {
        one.id: (one.properties["dealname"], one.properties.get("amount"), one.properties["dealstage"])
        for one in account.records("0-3")
    }  # fmt: skip
    ours = {
        one.hubspot_id: (
            one.name,
            None if one.amount is None else str(int(one.amount)),
            STAGES[one.stage_elsewhere],
        )
        for one in Deal.objects.filter(deleted_at=None)
    }
    assert read.rejected == []
    assert len(ours) > 30
    assert ours == theirs
