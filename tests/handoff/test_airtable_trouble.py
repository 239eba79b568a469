"""Airtable as people leave it: edited records, renamed fields, revoked tokens."""

import pytest

from tests.factories import make_engagement
from tests.handoff.airtable_world import (
    KEY,
    LATER,
    LATER_STILL,
    by_hand,
    doubled,
    elsewhere,
    in_airtable,
    record_of,
    records,
    states,
    writes,
)
from tests.handoff.world import apply, plan, verify
from throughline.sales.models import Deal
from throughline.simulators.airtable_tables import Field
from throughline.simulators.server import answering, slow

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def engagement():
    return make_engagement(name="EarthScope 2026")


def test_edited_cell_is_drift_and_applying_restores_it(base, engagement):
    apply(engagement)
    key = f"airtable.deliverable:{engagement.number}:new-hub:phase-1"
    by_hand(base, key, Name="Something else", Due="2031-01-01")

    drifted = in_airtable(verify(engagement, at=LATER))
    assert {one for one, row in drifted.items() if row.state == "drifted"} == {key}
    assert drifted[key].seen["Due"] == "2031-01-01"

    apply(engagement, at=LATER_STILL)
    assert records(base, "Deliverables")[key]["Name"] == drifted[key].wanted["Name"]


def test_deleted_record_is_drift_and_is_made_anew_with_what_hangs_on_it(base, engagement):
    apply(engagement)
    key = f"airtable.project:{engagement.number}:new-hub"
    table, record = record_of(base, key)
    base.tables.drop(table, record.id)

    drifted = states(verify(engagement, at=LATER))
    phases = {f"airtable.deliverable:{engagement.number}:new-hub:phase-{n}" for n in range(4)}
    assert {one for one, state in drifted.items() if state == "drifted"} == {key, *phases}

    assert set(states(apply(engagement, at=LATER_STILL)).values()) == {"converged"}
    _, anew = record_of(base, key)
    assert len(table.by_name(anew.cells)["Deliverables"]) == 4
    assert doubled(base) == {}


def test_record_that_is_linked_elsewhere_is_drift(base, engagement):
    apply(engagement)
    number = engagement.number
    key = f"airtable.deliverable:{number}:new-hub:phase-1"
    _, other = record_of(base, f"airtable.project:{number}:renewal")
    by_hand(base, key, Project=[other.id])

    drifted = in_airtable(verify(engagement, at=LATER))

    assert drifted[key].seen["Project"] == f"airtable.project:{number}:renewal"
    assert drifted[key].state == "drifted"


def test_record_whose_key_was_taken_away_waits_for_a_person_and_is_not_made_twice(base, engagement):
    apply(engagement)
    key = f"airtable.engagement:{engagement.number}"
    by_hand(base, key, **{KEY: None})
    base.calls.clear()

    waits = in_airtable(apply(engagement, at=LATER))[key]

    (record,) = base.table("Engagements").records
    assert (waits.state, writes(base)) == ("waiting", 0)
    assert waits.remedy == (
        f"Somebody changed the Throughline key of https://airtable.com/{base.base}/"
        f"{base.table('Engagements').id}/{record}: write “{key}” back into it, or delete the"
        " record if it is to be made anew."
    )


def test_several_records_of_one_key_wait_for_a_person_who_is_told_which(base, engagement):
    apply(engagement)
    key = f"airtable.project:{engagement.number}:renewal"
    table, first = record_of(base, key)
    deal = Deal.objects.get(pk=engagement.number)
    Deal.objects.filter(pk=deal.pk).update(name="EarthScope 2027")
    base._create(table, {"fields": {KEY: key}})
    _, second = list(table.matching({table.field(KEY).id: key}))

    done = in_airtable(apply(engagement, at=LATER))

    where = f"https://airtable.com/{base.base}/{table.id}"
    assert done[key].state == "waiting"
    assert done[key].remedy == (
        f"Several records of Airtable's table “Projects” have the Throughline key “{key}”:"
        f" {where}/{first.id}, {where}/{second.id}. Keep one, and empty that field in the others"
        " or delete them."
    )
    (other,) = records(base, "Engagements").values()
    assert other["Name"] == "EarthScope 2027"


# What people get wrong: the outcome waits with the remedy in words, and the others go on.


def rename(table, old, new):
    def change(base):
        base.table(table).field(old).name = new

    return change


def retype(table, field, kind):
    def change(base):
        base.table(table).field(field).type = kind

    return change


def drop_choice(base):
    base.table("Deliverables").field("State").options["choices"].pop(0)


def rename_table(base):
    base.table("Deliverables").name = "Promises"


def add_alike(base):
    table = base.table("Deliverables")
    table.fields = [one for one in table.fields if one.name != "Definition of done"]
    table.fields.append(Field("When is it done", "multilineText"))


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (
            rename("Deliverables", "Due", "Due date"),
            (
                "Airtable's table “Deliverables” has no field “Due” (date): if it is “Due date” now,"
                " call it “Due” again, or else add it."
            ),
        ),
        (
            rename("Deliverables", KEY, "ID"),
            (
                "Airtable's table “Deliverables” has no field “Throughline key” (single line text):"
                " call it so again if it was renamed, or else add it."
            ),
        ),
        (
            retype("Deliverables", "Low hours", "singleLineText"),
            (
                "The field “Low hours” of Airtable's table “Deliverables” is of type singleLineText:"
                " change it to “number”."
            ),
        ),
        (
            drop_choice,
            (
                "The field “State” of Airtable's table “Deliverables” does not offer “Planned”: add it"
                " to its options."
            ),
        ),
        (
            rename_table,
            (
                "Airtable's base has no table “Deliverables” (it has “Engagements”, “Projects”,"
                " “Promises”): make it, or name yours in THROUGHLINE_AIRTABLE_DELIVERABLES."
            ),
        ),
        (
            add_alike,
            (
                "Airtable's table “Deliverables” has no field “Definition of done” (long text): call it"
                " so again if it was renamed, or else add it."
            ),
        ),
    ],
)
def test_table_that_is_not_as_it_should_be_stops_its_own_records_and_no_others(
    base, engagement, change, remedy
):
    change(base)

    (line, *_) = [one for one in plan(engagement).waiting if one.system == "airtable"]
    done = apply(engagement, at=LATER)

    assert line.remedy == remedy
    waiting = {key: row.remedy for key, row in in_airtable(done).items() if row.state == "waiting"}
    assert {key.split(":")[0] for key in waiting} == {"airtable.deliverable"}
    assert set(waiting.values()) == {remedy}
    assert len(records(base, "Projects")) == 2
    assert elsewhere(done) == {"converged"}


def test_renamed_field_that_is_called_so_again_goes_on(base, engagement):
    apply(engagement)
    rename("Deliverables", "Due", "Due date")(base)
    key = f"airtable.deliverable:{engagement.number}:new-hub:phase-1"
    assert states(apply(engagement, at=LATER))[key] == "waiting"

    rename("Deliverables", "Due date", "Due")(base)

    assert states(apply(engagement, at=LATER_STILL))[key] == "converged"


def revoke(base):
    base.token = "patOther"


def move_base(base):
    base.base = "app" + 14 * "x"


@pytest.mark.parametrize(
    ("change", "begins"),
    [
        (
            revoke,
            (
                "Airtable does not accept the token: make a new one at"
                " https://airtable.com/create/tokens and set THROUGHLINE_AIRTABLE_TOKEN. (GET "
            ),
        ),
        (
            move_base,
            (
                "Airtable shows the base {base} to our token not at all, or in part: give the token"
                " access to it with the scopes data.records:read, data.records:write and"
                " schema.bases:read, or correct THROUGHLINE_AIRTABLE_BASE. (GET "
            ),
        ),
        (
            lambda base: base.fail_next(answering(200, {"tables": "none"})),
            "Airtable answers in a shape we do not know: check THROUGHLINE_AIRTABLE_URL. (GET ",
        ),
        (
            lambda base: base.fail_next(answering(200, "<html>Sign in</html>")),
            "Airtable answers in a shape we do not know: check THROUGHLINE_AIRTABLE_URL. (GET ",
        ),
    ],
)
def test_airtable_that_cannot_be_used_waits_for_a_person_and_the_others_go_on(
    base, engagement, settings, change, begins
):
    token = base.token
    change(base)

    done = apply(engagement)

    assert set(states(done).values()) == {"waiting"}
    (remedy,) = {row.remedy for row in in_airtable(done).values()}
    assert remedy.startswith(begins.format(base=settings.AIRTABLE_BASE))
    assert token not in remedy
    assert elsewhere(done) == {"converged"}


def test_value_that_airtable_refuses_after_all_waits_in_its_words(base, engagement):
    body = {"error": {"type": "INVALID_VALUE_FOR_COLUMN", "message": 'Field "Start" is locked'}}
    base.fail_next_write(answering(422, body))

    done = in_airtable(apply(engagement))

    refused = done[f"airtable.engagement:{engagement.number}"]
    assert refused.state == "waiting"
    assert refused.remedy.startswith("Airtable refuses the records: mend what it names, then apply")
    assert "is locked" in refused.remedy
    child = done[f"airtable.project:{engagement.number}:renewal"]
    assert child.remedy == (
        f"It belongs to airtable.engagement:{engagement.number}, which waits: see to that first."
    )


def test_batch_that_airtable_refuses_waits_as_a_whole(base, engagement):
    body = {"error": {"type": "INVALID_VALUE_FOR_COLUMN", "message": "Locked"}}
    base.fail_next_write(slow(0), slow(0), answering(422, body))

    done = states(apply(engagement))

    waiting = {key for key, state in done.items() if state == "waiting"}
    assert waiting == {key for key in done if key.startswith("airtable.deliverable:")}
    assert base.table("Deliverables").rows() == []
