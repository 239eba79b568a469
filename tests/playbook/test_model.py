"""What the code asks a playbook, and what the shipped one answers."""

from decimal import Decimal

import pytest

from throughline.playbook.parts import MailNotFilled, MailTemplate
from throughline.playbook.registry import UnknownCode
from throughline.playbook.words import MAIL_PLACEHOLDERS

LINE = ("lead", "qualified", "proposal", "negotiation", "contract_admin", "closed_won")


@pytest.mark.parametrize(
    ("came_from", "to", "gates"),
    [
        ("lead", "qualified", ("qualified",)),
        ("lead", "negotiation", ("qualified", "proposal", "negotiation")),
        ("contract_admin", "closed_won", ("closed_won",)),
        ("negotiation", "qualified", ()),
        ("closed_won", "lead", ()),
        ("proposal", "proposal", ()),
        ("lead", "closed_lost", ("closed_lost",)),
        ("closed_won", "closed_lost", ("closed_lost",)),
        ("", "closed_lost", ("closed_lost",)),
        ("closed_lost", "closed_lost", ()),
        ("closed_lost", "proposal", LINE[:3]),
        ("closed_lost", "closed_won", LINE),
        ("", "negotiation", LINE[:4]),
        ("appointmentscheduled", "qualified", LINE[:2]),
    ],
)
def test_between_two_stages_returns_the_gates_of_the_move(playbook, came_from, to, gates):
    assert tuple(stage.code for stage in playbook.between(came_from, to)) == gates


def test_between_with_an_unknown_target_is_refused(playbook):
    with pytest.raises(UnknownCode) as refused:
        playbook.between("lead", "negotiaton")

    assert str(refused.value) == (
        "The playbook has no stage 'negotiaton'. Did you mean 'negotiation'?"
    )


@pytest.mark.parametrize(
    "text", ["contract_admin", "Contract Admin", " CONTRACT-ADMIN ", "contract  admin"]
)
def test_stage_named_however_it_is_written_finds_the_stage(playbook, text):
    assert playbook.stage_named(text) == playbook.stage("contract_admin")


@pytest.mark.parametrize("text", ["", "Enrichment", "contractadmin"])
def test_stage_named_by_another_name_returns_none(playbook, text):
    assert playbook.stage_named(text) is None


def test_next_stage_follows_the_line_to_its_end(playbook):
    following = [playbook.next_stage(code) for code in (*LINE, "closed_lost", "unheard-of")]

    codes = [stage.code if stage else None for stage in following]
    assert codes == [*LINE[1:], None, None, None]


def test_entitled_to_waive_answers_nobody_for_what_cannot_be_waived(playbook):
    assert playbook.entitled_to_waive("capacity.answered") == ("LEAD", "PS")
    assert playbook.entitled_to_waive("agreement.executed") == ()


@pytest.mark.parametrize(
    ("revenue_type", "tier"),
    [
        ("membership-premier", "premier"),
        ("membership-advanced", "advanced"),
        ("membership-essential", "essential"),
        ("membership-general", ""),
        ("project", ""),
        ("", ""),
    ],
)
def test_tier_of_a_revenue_type_is_its_tier_or_unknown(playbook, revenue_type, tier):
    assert playbook.tier_of(revenue_type) == tier


@pytest.mark.parametrize(
    ("tier", "revenue_type", "template"),
    [
        ("premier", "membership-premier", "premier"),
        ("essential", "project", "essential"),
        ("", "project", "project"),
        ("", "membership-general", "generic"),
        ("", "", "generic"),
    ],
)
def test_template_for_a_deal_is_its_tiers_or_follows_the_revenue_type(
    playbook, tier, revenue_type, template
):
    assert playbook.template_for(tier, revenue_type) == playbook.template(template)


def test_template_for_an_unknown_tier_is_refused(playbook):
    with pytest.raises(UnknownCode) as refused:
        playbook.template_for("premiere", "")

    assert str(refused.value) == "The playbook has no tier 'premiere'. Did you mean 'premier'?"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Infra Eng", "infrastructure_engineer"),
        ("infrastructure engineer", "infrastructure_engineer"),
        ("App-Engineer", "app_engineer"),
        ("Tech Lead", "tech_lead"),
    ],
)
def test_team_role_named_as_estimates_spell_it_finds_the_role(playbook, text, code):
    assert playbook.team_role_named(text) == playbook.team_role(code)


def test_team_role_named_by_a_strangers_word_returns_none(playbook):
    assert playbook.team_role_named("Astronaut") is None


def test_ledger_rule_for_the_very_field_goes_before_a_wildcard(playbook):
    assert playbook.ledger_rule("people.buyer").field == "people.*"
    assert playbook.ledger_rule("deal.mrr").disposition == "not_needed"
    assert playbook.ledger_rule("deal.nobody_decided") is None


def test_support_of_a_community_carries_its_id(playbook):
    assert playbook.addresses.support_of("earthscope") == "support+earthscope@2i2c.org"


def test_billable_share_is_the_sold_part_of_working_time(playbook):
    assert playbook.capacity.billable_share() == Decimal("0.45")


@pytest.mark.parametrize("code", sorted(MAIL_PLACEHOLDERS))
def test_filled_mail_leaves_no_placeholder(playbook, code):
    facts = {name: f"<{name}>" for name in MAIL_PLACEHOLDERS[code]}

    subject, text = playbook.mail(code).filled(facts)

    assert "$" not in subject + text


def test_filled_expiring_mail_at_sixty_days_has_the_promised_subject(playbook):
    facts = dict.fromkeys(MAIL_PLACEHOLDERS["expiring"], "x") | {"days": "60"}

    assert playbook.mail("expiring").filled(facts)[0] == "Agreement expiring in 60 days"


def test_filled_mail_without_a_fact_says_which():
    mail = MailTemplate(code="welcome", subject="Hello $community", text="…")

    with pytest.raises(MailNotFilled) as caught:
        mail.filled({})

    assert str(caught.value) == (
        "The mail 'welcome' asks for $community, which its sender did not give."
    )
