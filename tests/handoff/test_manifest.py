"""The manifest takes in every column and every row that hangs on what is handed over."""

import pytest

from tests.factories import NOON, make_engagement
from tests.handoff.world import make_whole
from throughline.communities.models import Community, Contact, RoleAssignment
from throughline.handoff.ledger import CARRIED
from throughline.handoff.manifest import (
    NO_ROWS,
    NOT_KNOWLEDGE,
    RENAMED,
    ROWS,
    known_fields,
    manifest,
)
from throughline.playbook.loader import shipped
from throughline.sales.actions.knowledge import withdraw_note, write_note
from throughline.sales.models import Agreement, Deal, StatementOfWork
from throughline.sales.queries import facts_of

TABLES = {Deal: "deal", Community: "community", Agreement: "agreement", StatementOfWork: "sow"}
OF_STATEMENTS = ("deliverables", "people", "out_of_scope", "overhead", "overhead_text", "sections")


def fields_of_tables() -> set[str]:
    """Return the name of every field that a manifest can hold."""
    found = {f"{name}.{field}" for model, name in TABLES.items() for field in known_fields(model)}
    found |= {f"{name}.{row}" for model, name in TABLES.items() for row in ROWS[model].values()}
    for role in shipped().engagement_roles:
        found.add(f"people.{role.code}")
        found |= {
            f"people.{role.code}.{field}"
            for model in (Contact, RoleAssignment)
            for field in known_fields(model)
        }
    found |= {f"sow.{name}" for name in OF_STATEMENTS} | {"sow.hours", "agreement.amendments"}
    return {RENAMED.get(name, name) for name in found}


def test_shipped_ledger_decides_every_field_of_every_table_and_no_other():
    rules = {name: shipped().ledger_rule(name) for name in fields_of_tables()}

    assert sorted(name for name, rule in rules.items() if rule is None) == []
    assert {rule.field for rule in shipped().ledger} - {
        rule.field for rule in rules.values()
    } == set()


def test_what_the_shipped_ledger_sends_is_carried_by_an_outcome_of_that_system():
    lost = [
        rule.field
        for rule in shipped().ledger
        if rule.disposition == "sent"
        and not any(
            kind.startswith(f"{rule.to}.") and rule.field in fields
            for kind, fields in CARRIED.items()
        )
    ]

    assert lost == []


@pytest.mark.parametrize("model", [*TABLES, Contact, RoleAssignment])
def test_a_column_left_out_exists_and_says_why(model):
    columns = {field.name for field in model._meta.concrete_fields}

    assert set(NOT_KNOWLEDGE[model]) - columns == set()
    assert all(NOT_KNOWLEDGE[model].values())


@pytest.mark.parametrize("model", TABLES)
def test_everything_that_hangs_on_a_row_is_taken_in_or_left_out_with_a_reason(model):
    hanging = {relation.name for relation in model._meta.related_objects}

    assert hanging == set(ROWS[model]) | set(NO_ROWS[model])
    assert set(ROWS[model]) & set(NO_ROWS[model]) == set()


@pytest.mark.django_db
def test_a_column_that_nobody_decided_about_would_be_missing(monkeypatch):
    engagement = make_engagement()
    kept = {name: why for name, why in NOT_KNOWLEDGE[Deal].items() if name != "stage_since"}
    monkeypatch.setitem(NOT_KNOWLEDGE, Deal, kept)

    fields = dict(manifest(facts_of(engagement.deal, on=NOON.date())))

    assert fields["deal.stage_since"] == NOON
    assert shipped().ledger_rule("deal.stage_since") is None


@pytest.mark.django_db
def test_the_manifest_of_a_whole_deal_names_people_agreement_and_statement():
    fields = [name for name, _value in manifest(facts_of(make_whole().deal, on=NOON.date()))]

    assert [name for name in fields if not name.startswith(("deal.", "community."))] == [
        "people.buyer", "people.buyer.email",
        "people.champion", "people.champion.email",
        "people.representative", "people.representative.email",
        "people.technical_contact", "people.technical_contact.email",
        "agreement.kind", "agreement.title", "agreement.tier", "agreement.signatories",
        "sow.document", "sow.version", "sow.title", "sow.hours", "sow.deliverables",
    ]  # fmt: skip


@pytest.mark.django_db
def test_notes_count_without_their_words_and_withdrawn_ones_do_not():
    deal = make_engagement().deal
    for text in ("The dean is wary.", "We said March."):
        note = write_note(deal.pk, text, kind="promise", is_private=True, by="ada", at=NOON)
    withdraw_note(note.pk, "It was April.", by="ada", at=NOON)

    assert dict(manifest(facts_of(deal, on=NOON.date())))["deal.notes"] == "1 deal note"
