"""HubSpot is told where people moved deals here before any handoff does: once, and never blindly."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from tests.factories import NOON
from tests.handoff.hubspot_world import meddling, writes
from tests.handoff.world import SetClock
from tests.intake.hubspot.conftest import STAGES
from throughline.delivery.models import Engagement
from throughline.intake.hubspot.actions.mapped import map_stage
from throughline.intake.hubspot.actions.reading import learn, read_all, take_chunk
from throughline.intake.hubspot.actions.telling_stages import ask_to_tell, open_stages, tell_stages
from throughline.intake.hubspot.fetching import all_deals
from throughline.intake.models import HubSpotReading, StageToTell
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.loader import shipped
from throughline.sales.actions.advance import advance_deal
from throughline.sales.actions.exceptions import revert_move
from throughline.sales.models import Deal, GateException
from throughline.simulators.server import answering, dropping, losing_the_answer, too_many

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DEALS = "0-3"
CODES = [stage.code for stage in shipped().stages]
LATER = NOON + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def writable(settings, simulator, tmp_path):
    settings.HUBSPOT_TOKEN, settings.HUBSPOT_CONNECTED = simulator.token, True
    settings.HUBSPOT_URL, settings.HUBSPOT_WRITE = simulator.url, True
    settings.HOME = tmp_path


@pytest.fixture
def read(source, clock):
    def run():
        clock.move(minutes=1)
        return read_all(source, at=clock())

    return run


@pytest.fixture
def deal(account, read):
    """A deal that HubSpot and we have at Proposal."""
    there = account.create(DEALS, {"dealname": "Coral", "dealstage": STAGES["Proposal"]})
    read()
    return there


def ours(there):
    return Deal.objects.get(hubspot_id=there.id)


def at_there(there):
    names = {one: name for name, one in STAGES.items()}
    return names[there.properties["dealstage"]]


def move_here(there, stage="lead"):
    """Move a deal back here, which needs no gate."""
    return advance_deal(ours(there).pk, to=stage, playbook=shipped(), by="bea", at=NOON)


def tell(at=NOON, clock=None, **more):
    return tell_stages(playbook=shipped(), by="worker", at=at, clock=clock or SetClock(at), **more)


def states():
    return list(StageToTell.objects.order_by("pk").values_list("wanted", "state"))


def written(there, *acts):
    found = Entry.objects.filter(subject_id=str(ours(there).pk), act__startswith="intake.hubspot")
    return list(found.order_by("pk").values_list("act", flat=True))


def test_a_reverted_exception_is_taken_back_in_hubspot_too(account, deal, read, simulator):
    account.change(deal, {"dealstage": STAGES["Negotiation"]})
    read()
    assert GateException.objects.get().to_stage == "negotiation"

    revert_move(ours(deal).pk, playbook=shipped(), by="bea", at=NOON)
    tell()

    assert (at_there(deal), ours(deal).stage) == ("Proposal", "proposal")
    assert writes(simulator) == ["/crm/objects/2026-09/deals/batch/update"]
    told = Entry.objects.get(act="intake.hubspot.stage_told")
    assert told.facts == {"after": "proposal", "moved_by": "bea"}
    assert (read().unchanged, GateException.objects.count()) == (1, 1)
    assert tell(at=LATER) == []


def test_a_deal_that_was_moved_here_before_its_order_is_moved_there(deal, simulator):
    move_here(deal)
    simulator.calls.clear()

    tell()

    assert (at_there(deal), states()) == ("Lead", [("lead", "converged")])
    assert simulator.calls.total() == 2  # one look, one write


def test_what_was_moved_there_unread_is_never_written_over(account, deal, read, simulator):
    move_here(deal)
    account.change(deal, {"dealstage": STAGES["Qualified"]})

    (row,) = tell()

    assert (at_there(deal), writes(simulator), row.state) == ("Qualified", [], "wanted")
    assert "HubSpot has moved it to Qualified since it was last read" in row.remedy
    read()
    tell(at=LATER)
    assert (ours(deal).stage, states()) == ("qualified", [])
    overtaken = Entry.objects.get(act="intake.hubspot.stage_overtaken")
    assert overtaken.facts == {"wanted": "lead", "after": "qualified", "moved_by": "bea"}


def test_who_moves_it_back_there_right_after_us_is_seen_to_have_moved_it(account, deal, read):
    account.change(deal, {"dealstage": STAGES["Negotiation"]})
    read()
    revert_move(ours(deal).pk, playbook=shipped(), by="bea", at=NOON)
    tell()

    account.change(deal, {"dealstage": STAGES["Negotiation"]})
    tell(at=LATER)
    read()

    assert (at_there(deal), ours(deal).stage) == ("Negotiation", "negotiation")
    assert list(GateException.objects.values_list("state", flat=True)) == ["reverted", "open"]


def test_a_reading_that_fetched_it_before_our_write_undoes_nothing(deal, source, clock, read):
    known = learn(source, at=clock())
    (chunk,) = all_deals(source.hubspot, known=known, community_type="0-410", after="")
    move_here(deal)
    clock.move(seconds=1)
    tell()

    reading = HubSpotReading.objects.create(kind="changes", started_at=NOON)
    take_chunk(chunk, reading, read(), known=known, source=source, at=clock())

    assert (ours(deal).stage, at_there(deal)) == ("lead", "Lead")


def test_a_lost_answer_is_looked_up_and_not_sent_again(deal, simulator):
    move_here(deal)
    with meddling(simulator, lambda call, _n: losing_the_answer() if is_write(call) else None):
        tell()
    assert states() == [("lead", "unknown")]
    tell(at=NOON + timedelta(seconds=40))

    tell(at=LATER)

    assert (states(), len(writes(simulator))) == ([("lead", "converged")], 1)


def test_a_send_that_never_arrived_is_sent_again_once_that_is_known(deal, simulator):
    move_here(deal)
    with meddling(simulator, lambda call, _n: dropping() if is_write(call) else None):
        tell()
    assert (at_there(deal), states()) == ("Proposal", [("lead", "unknown")])

    tell(at=NOON + timedelta(seconds=40), is_asked=True)
    assert at_there(deal) == "Proposal"  # not before it would show
    tell(at=LATER)

    assert (at_there(deal), states()) == ("Lead", [("lead", "converged")])


@pytest.mark.parametrize("fault", [too_many(7), answering(503)])
def test_a_hubspot_that_is_busy_or_down_is_told_later(deal, simulator, fault):
    move_here(deal)
    with meddling(simulator, lambda _call, n: fault if n == 0 else None):
        (row,) = tell()
    assert (row.state, row.next_at > NOON) == ("wanted", True)
    assert tell() == []

    tell(at=LATER)

    assert (at_there(deal), len(writes(simulator))) == ("Lead", 1)


def is_write(call):
    return call.path.endswith("/batch/update")


class Interrupted(SetClock):
    """A clock that something happens at, once HubSpot was looked at and nothing is sent yet."""

    def __init__(self, at, simulator, then):
        super().__init__(at)
        self.simulator, self.then = simulator, then

    def now(self):
        looked = any(path.endswith("batch/read") for _method, path in self.simulator.calls)
        if looked and self.then:
            then, self.then = self.then, None
            then()
        return self.at


def test_two_workers_send_it_once(deal, simulator):
    move_here(deal)
    simulator.calls.clear()

    tell(clock=Interrupted(NOON, simulator, tell))

    assert (len(writes(simulator)), states()) == (1, [("lead", "converged")])
    assert StageToTell.objects.get().attempts == 1


def test_a_hundred_are_one_call_and_one_that_is_gone_hinders_no_other(account, read, simulator):
    made = [
        account.create(DEALS, {"dealname": str(n), "dealstage": STAGES["Proposal"]})
        for n in range(102)
    ]
    read()
    for one in made:
        move_here(one)
    simulator.calls.clear()

    tell(clock=Interrupted(NOON, simulator, lambda: account.archive(made[7])))

    assert len(writes(simulator)) == 2
    (left,) = open_stages()
    assert (left.deal, left.state) == (ours(made[7]), "waiting")
    assert "HubSpot refuses this one" in left.remedy
    assert {at_there(one) for one in made if one is not made[7]} == {"Lead"}


def test_a_stage_that_nothing_stands_for_there_waits_for_its_mapping(account, source, read):
    pipeline = account.pipelines[DEALS][0]
    stages = tuple(one for one in pipeline.stages if one.label != "Lead")
    account.pipelines[DEALS] = [replace(pipeline, stages=stages)]
    there = account.create(DEALS, {"dealname": "Coral", "dealstage": STAGES["Proposal"]})
    read()
    move_here(there)

    (row,) = tell()
    assert (row.state, "no stage of its pipeline there" in row.remedy) == ("waiting", True)
    tell(at=LATER)
    assert written(there) == ["intake.hubspot.stage_waits"]

    map_stage(STAGES["Parked"], "lead", playbook=shipped(), by="bea", at=NOON)
    later = LATER + timedelta(minutes=1)
    assert (tell(at=later), ask_to_tell(by="bea", at=later)) == ([], 1)
    tell(at=later)
    assert there.properties["dealstage"] == STAGES["Parked"]


def test_a_deal_with_an_engagement_is_its_handoffs_to_tell(deal, simulator):
    move_here(deal)
    Engagement.objects.create(deal=ours(deal), origin="ordered", opened_at=NOON, opened_by="bea")

    assert (tell(), writes(simulator)) == ([], [])


def test_nothing_is_kept_or_sent_where_hubspot_is_not_to_be_written_in(deal, settings, simulator):
    settings.HUBSPOT_WRITE = False
    move_here(deal)

    assert (tell(), states(), writes(simulator)) == ([], [], [])
    with pytest.raises(Refused, match="may not be written in") as refused:
        ask_to_tell(by="bea", at=NOON)
    assert "THROUGHLINE_HUBSPOT_WRITE=1" in refused.value.remedy


def test_moved_here_and_back_before_anybody_was_told_tells_nothing(deal, simulator):
    move_here(deal)
    with meddling(simulator, lambda _call, n: answering(503) if n == 0 else None):
        tell()
    Deal.objects.filter(pk=ours(deal).pk).update(stage="proposal")

    tell(at=LATER)

    assert (states(), writes(simulator)) == ([], [])


@pytest.mark.parametrize("seed", [1, 2])
def test_moves_on_both_sides_in_bad_weather_end_with_both_sides_equal(
    account, read, simulator, clock, seed
):
    chance, calm = Random(seed), list(STAGES)[:5]
    deals = [
        account.create(DEALS, {"dealname": str(n), "dealstage": STAGES[chance.choice(calm)]})
        for n in range(8)
    ]
    read()
    faults = [None, None, None, losing_the_answer(), dropping(), answering(503), too_many(5)]

    for _step in range(40):
        clock.move(minutes=5)
        match chance.randrange(4):
            case 0:
                account.change(chance.choice(deals), {"dealstage": STAGES[chance.choice(calm)]})
            case 1:
                there = chance.choice(deals)
                back = CODES[: CODES.index(ours(there).stage)]
                if back:
                    move_here(there, chance.choice(back))
            case 2:
                read()
            case _:
                fault = chance.choice(faults)
                with meddling(simulator, lambda call, _n, f=fault: f if is_write(call) else None):
                    tell(at=clock())

    for _round in range(4):
        clock.move(hours=7)
        read()
        tell(at=clock())
    assert {one.id: at_there(one) for one in deals} == {
        one.id: shipped().stage(ours(one).stage).name for one in deals
    }
    assert list(open_stages()) == []
