"""The ledger: every filled field once, and what nobody has decided about is missing."""

from dataclasses import replace

import pytest

from tests.factories import NOON, make_deal, make_engagement
from tests.handoff.world import apply, make_whole, plan, verify
from tests.sales.agreements_world import LINES, PAYMENTS, amend, terms
from throughline.delivery.actions.engagements import open_imported
from throughline.delivery.models import Engagement, Project
from throughline.handoff.ledger import Ledger, ledger_of
from throughline.handoff.plans import plan_handoff
from throughline.intake.actions import import_deals
from throughline.playbook.loader import shipped
from throughline.playbook.parts import LedgerRule
from throughline.sales.queries import facts_of

pytestmark = pytest.mark.django_db


def ledger(engagement: Engagement) -> Ledger:
    return plan(engagement).ledger


def lines(found: Ledger) -> dict[str, tuple[str, str]]:
    return {line.field: (line.disposition, line.to) for line in found.lines}


def standing(found: Ledger) -> dict[str, str]:
    return {line.field: line.standing for line in found.lines}


def test_each_filled_field_has_one_line_and_the_counts_add_up():
    found = ledger(make_whole())

    shape = found.as_json()
    assert len(lines(found)) == len(found.lines) == shape["fields"]
    assert shape["fields"] == (
        shape["sent"] + shape["linked"] + shape["not_needed"] + len(shape["missing"])
    )
    assert shape["missing"] == []


def test_every_line_says_why():
    assert [line.field for line in ledger(make_whole()).lines if not line.why] == []


def test_an_empty_field_has_no_line():
    engagement = make_engagement()

    assert "deal.amount_collected" not in lines(ledger(engagement))


def test_a_payment_of_zero_is_a_value_and_has_a_line():
    engagement = make_engagement(amount_collected=0)

    assert lines(ledger(engagement))["deal.amount_collected"] == ("linked", "")


def test_a_column_that_nobody_knows_is_missing_until_a_rule_says_where_it_goes(tmp_path):
    export = tmp_path / "deals.csv"
    export.write_text("id,dealname,dealstage,gpu_type\n77,New deal,Closed Won,A100\n")
    imported = import_deals(export, playbook=shipped(), by="ada", at=NOON)
    engagement = Engagement.objects.get()

    before = plan(engagement).ledger
    decided = LedgerRule("deal.extra.gpu_type", "linked", "PS reads it on the page.")
    with_rule = replace(shipped(), ledger=(*shipped().ledger, decided))
    after = plan_handoff(engagement, playbook=with_rule, at=NOON).ledger

    assert next(one.code for one in imported.warnings) == "column_unknown"
    assert before.missing == ("deal.extra.gpu_type",)
    assert before.as_json()["missing"] == ["deal.extra.gpu_type"]
    assert after.missing == ()
    assert lines(after)["deal.extra.gpu_type"] == ("linked", "")


def test_a_rule_for_a_system_where_nothing_carries_the_field_leaves_it_linked():
    engagement = make_engagement(name="Coral hub")

    line = next(line for line in ledger(engagement).lines if line.field == "deal.name")

    assert (line.disposition, line.to) == ("linked", "")
    assert line.why == (
        "The billing columns are called after it; the engagement's page, too."
        " This handoff has nothing in workbook; the engagement page shows it."
    )


def test_what_is_sent_has_arrived_only_once_the_outcome_that_carries_it_is_true():
    engagement = make_whole()

    before = ledger(engagement)
    apply(engagement)
    after = ledger(engagement)

    assert (standing(before)["deal.name"], standing(after)["deal.name"]) == ("to_be_sent", "sent")
    assert (before.to_be_sent, before.count("sent")) == (before.count("sent"), before.count("sent"))
    assert [line.field for line in after.lines if line.standing == "to_be_sent"] == [
        "people.champion.email", "people.representative.email",  # the welcome waits for PS
    ]  # fmt: skip


def test_a_field_is_to_be_sent_again_when_what_carried_it_has_drifted():
    engagement = make_whole()
    apply(engagement)
    Project.objects.filter(code="statement-of-work").update(title="Renamed")

    verify(engagement)

    assert standing(ledger(engagement))["sow.title"] == "to_be_sent"


def test_a_rule_for_the_very_field_goes_before_one_with_a_star():
    facts = facts_of(make_engagement().deal, on=NOON.date())
    star, very = (
        LedgerRule("people.*", "linked", "Us."),
        LedgerRule("people.champion.email", "sent", "The welcome.", "mail"),
    )
    playbook = replace(shipped(), ledger=(star, very))

    found = lines(ledger_of(facts, keys=["mail.welcome:1"], playbook=playbook))

    assert found["people.champion.email"] == ("sent", "mail")
    assert found["people.champion"] == ("linked", "")
    assert found["deal.name"] == ("missing", "")


def test_two_people_in_one_role_have_a_line_each():
    from throughline.communities.actions import Person, assign_role

    engagement = make_engagement()
    assign_role(
        Person("Second Rep", email="second@example.org"), role="representative",
        subject=engagement.deal.subject, from_on=NOON.date(), playbook=shipped(), by="ada", at=NOON,
    )  # fmt: skip

    found = [
        line.value for line in ledger(engagement).lines if line.field == "people.representative"
    ]

    assert found == ["Rae Rep", "Second Rep"]


def test_a_bare_import_has_a_ledger_of_what_little_is_known():
    deal = make_deal(name="Bare", hubspot_id="78", stage="closed_won")
    open_imported(playbook=shipped(), by="factory", at=NOON)

    found = lines(ledger(Engagement.objects.get(pk=deal.pk)))

    assert set(found) == {"deal.name", "deal.hubspot_id", "deal.stage", "deal.currency"}


def test_the_terms_of_an_agreement_are_in_the_manifest_and_none_is_missing():
    engagement = make_engagement()
    terms(
        engagement.deal, lines=LINES, payments=PAYMENTS, ceiling="900.00", is_prepaid=True,
        renewal_terms="By letter.", tax_status="exempt",
    )  # fmt: skip
    amend(engagement.deal, scope="A second hub.")

    found = ledger(engagement)

    wanted = ("is_prepaid", "price_lines", "payments", "renewal_terms", "tax_status", "amendments")
    assert {lines(found)[f"agreement.{name}"][0] for name in wanted} == {"linked", "not_needed"}
    assert found.as_json()["missing"] == []
