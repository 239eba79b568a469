"""One outcome that fails stops no other, says why in words, and heals."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.factories import NOON
from tests.handoff.world import apply, make_whole, not_converged, plan, states, sweep, verify
from throughline.billing.workbook import read_groups, workbook_path
from throughline.connectors.http import AnswerLost
from throughline.handoff.jobs import due_passes
from throughline.handoff.models import Outcome
from throughline.handoff.outcomes.workbook import BillingColumns
from throughline.handoff.passes import take_lease
from throughline.kernel.errors import Permanent, Refused, Transient

pytestmark = pytest.mark.django_db
WAITING_ANYWAY = "mail.welcome"


def troubles(outcomes) -> dict[str, str]:
    found = not_converged(outcomes).items()
    return {key: state for key, state in found if not key.startswith(WAITING_ANYWAY)}


def spoil_workbook(content: bytes = b"not a workbook") -> None:
    workbook_path().parent.mkdir(parents=True, exist_ok=True)
    workbook_path().write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 torn in two"])
def test_a_broken_workbook_makes_its_outcomes_wait_with_words_and_stops_no_other(content):
    engagement = make_whole()
    spoil_workbook(content)

    done = apply(engagement)

    columns = [f"workbook.columns:{engagement.number}:{name}" for name in ("earthscope", "seismic")]
    assert troubles(done) == dict.fromkeys(columns, "waiting")
    remedy = Outcome.objects.get(key=columns[0]).remedy
    assert remedy.startswith("The workbook cloud-costs.xlsx cannot be read")
    assert "Restore it from a copy, or move it away" in remedy
    assert workbook_path().read_bytes() == content


def test_a_broken_workbook_that_is_moved_away_is_healed_by_applying_again():
    engagement = make_whole()
    spoil_workbook()
    apply(engagement)

    workbook_path().unlink()
    done = apply(engagement)

    assert troubles(done) == {}
    assert sorted(group.cluster for group in read_groups().values()) == ["earthscope", "seismic"]
    assert plan(engagement).changes == ()


def test_plan_and_verify_say_that_the_workbook_cannot_be_read_and_go_on():
    engagement = make_whole()
    apply(engagement)
    spoil_workbook()

    waiting = {line.outcome.split(":")[0] for line in plan(engagement).waiting}
    found = troubles(verify(engagement))

    assert waiting == {"workbook.columns", "mail.welcome"}
    assert set(found.values()) == {"waiting"}
    assert {key.split(":")[0] for key in found} == {"workbook.columns"}


@pytest.fixture
def acting(monkeypatch):
    """Let the making of billing columns raise, once or always, before or after it is done."""

    def arrange(error: Exception, *, performed: bool = False, times: int = 1) -> None:
        real, left = BillingColumns.act, [times]

        def act(self, doing):
            if self.group.cluster == "earthscope" and left[0] > 0:
                left[0] -= 1
                if performed:
                    real(self, doing)
                raise error
            return real(self, doing)

        monkeypatch.setattr(BillingColumns, "act", act)

    return arrange


def earthscope(engagement) -> Outcome:
    return Outcome.objects.get(key=f"workbook.columns:{engagement.number}:earthscope")


def test_a_bug_in_one_outcome_fails_it_with_its_error_and_the_others_converge(acting):
    engagement = make_whole()
    acting(ZeroDivisionError("a bug"))

    done = apply(engagement)

    assert troubles(done) == {earthscope(engagement).key: "failed"}
    assert earthscope(engagement).remedy == (
        "ZeroDivisionError: a bug. Apply again; if it stays, see the log."
    )
    assert due_passes(at=NOON + timedelta(days=9)) == []  # a person decides, not the sweep
    assert troubles(apply(engagement)) == {}


def test_a_bug_after_a_lost_answer_is_left_to_a_person_and_not_swept_for_ever(acting):
    engagement = make_whole()
    acting(AnswerLost("No answer."))
    apply(engagement)
    acting(ZeroDivisionError("a bug"))

    apply(engagement)

    assert earthscope(engagement).state == "failed"
    assert due_passes(at=NOON + timedelta(days=9)) == []


def test_a_refusal_waits_with_its_remedy(acting):
    engagement = make_whole()
    acting(Refused("The sheet is protected.", remedy="Unlock it."))

    apply(engagement)

    row = earthscope(engagement)
    assert (row.state, row.remedy) == ("waiting", "The sheet is protected. Unlock it.")


@pytest.mark.parametrize(
    ("asked", "wait"),
    [(None, timedelta(minutes=2)), (30.0, timedelta(minutes=2)), (7200.0, timedelta(hours=2))],
)
def test_a_lost_answer_is_unknown_and_looked_up_after_the_longer_of_both_waits(acting, asked, wait):
    engagement = make_whole()
    acting(AnswerLost("No answer.", retry_after_s=asked))

    apply(engagement)

    row = earthscope(engagement)
    assert (row.state, row.intent_at) == ("unknown", NOON)
    assert NOON + wait <= row.next_at <= NOON + wait * 5 / 4
    assert due_passes(at=row.next_at - timedelta(seconds=1)) == []
    assert due_passes(at=row.next_at) == [engagement.number]


def test_a_system_that_refuses_for_now_leaves_no_doubt_and_is_tried_again(acting):
    engagement = make_whole()
    acting(Transient("503 Service Unavailable."))

    apply(engagement)

    row = earthscope(engagement)
    assert (row.state, row.intent_at, row.doubts) == ("wanted", None, 0)
    assert row.remedy == "503 Service Unavailable. It will be tried again."
    assert sweep(row.next_at) == [engagement.number]
    assert earthscope(engagement).state == "converged"


def test_a_refusal_that_only_a_change_can_mend_waits_in_the_systems_own_words(acting):
    engagement = make_whole()
    acting(Permanent("401: the token was revoked."))

    apply(engagement)

    row = earthscope(engagement)
    assert (row.state, row.remedy, row.intent_at) == (
        "waiting",
        "401: the token was revoked.",
        None,
    )
    assert due_passes(at=NOON + timedelta(days=9)) == []


def test_waits_double_up_to_six_hours(acting):
    engagement = make_whole()
    acting(Transient("No answer."), times=99)

    waits = []
    for _ in range(11):
        apply(engagement)
        waits.append((earthscope(engagement).next_at - NOON) / timedelta(minutes=1))

    least = [2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    assert [
        low for low, wait in zip(least, waits, strict=True) if not low <= wait < low * 1.25
    ] == []
    assert len(set(waits[-3:])) == 3  # each a little later, and not all alike


def test_an_act_that_was_performed_although_its_answer_was_lost_is_found_and_not_repeated(acting):
    engagement = make_whole()
    acting(AnswerLost("No answer."), performed=True)
    apply(engagement)

    applied = sweep(NOON + timedelta(hours=1))

    assert applied == [engagement.number]
    row = earthscope(engagement)
    assert (row.state, row.attempts, row.next_at) == ("converged", 1, None)
    assert [group.cluster for group in read_groups().values()].count("earthscope") == 1


def test_run_passes_again_finds_nothing_due(acting):
    engagement = make_whole()
    acting(Transient("No answer."))
    apply(engagement)
    later = NOON + timedelta(hours=1)

    first = sweep(later)

    assert first == [engagement.number]
    assert sweep(later) == []


def test_run_passes_leaves_a_leased_engagement_to_its_holder(acting):
    engagement = make_whole()
    acting(AnswerLost("No answer."))
    apply(engagement)
    later = NOON + timedelta(hours=1)
    take_lease(engagement.number, holder="another", at=later)

    assert sweep(later) == []
    assert earthscope(engagement).state == "unknown"


def test_run_passes_takes_up_a_pass_that_was_killed_once_its_lease_has_run_out():
    engagement = make_whole()
    take_lease(engagement.number, holder="killed", at=NOON, asked_by="pia")

    early = sweep(NOON + timedelta(minutes=4))
    late = sweep(NOON + timedelta(minutes=5))

    assert (early, late) == ([], [engagement.number])
    assert set(states(Outcome.objects.exclude(system="mail")).values()) == {"converged"}
    assert due_passes(at=NOON + timedelta(days=1)) == []


BROKEN = {
    "sqlite": [
        ("CREATE TRIGGER broken BEFORE INSERT ON delivery_service WHEN NEW.code = 'support'"
        " BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"),
    ],
    "postgresql": [
        ("CREATE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$"),
        ("CREATE TRIGGER broken BEFORE INSERT ON delivery_service FOR EACH ROW"
        " WHEN (NEW.code = 'support') EXECUTE FUNCTION break_it()"),
    ],
}  # fmt: skip
MENDED = {
    "sqlite": "DROP TRIGGER broken",
    "postgresql": "DROP TRIGGER broken ON delivery_service",
}


def test_an_error_of_the_database_fails_its_outcome_and_leaves_no_half():
    engagement = make_whole()
    with connection.cursor() as cursor:
        for statement in BROKEN[connection.vendor]:
            cursor.execute(statement)

    done = apply(engagement)

    assert troubles(done) == {f"delivery.service:{engagement.number}:support": "failed"}
    with connection.cursor() as cursor:
        cursor.execute(MENDED[connection.vendor])
    assert troubles(apply(engagement)) == {}
