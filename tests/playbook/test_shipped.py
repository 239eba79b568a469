"""The shipped playbook says what 2i2c decided."""

from decimal import Decimal

import pytest

from throughline.playbook import loader
from throughline.playbook.money_parts import FeeBand

CONDITIONS = {
    "Lead": (),
    "Qualified": ("deal.owner", "community.named"),
    "Proposal": ("community.id", "cloud.preference"),
    "Negotiation": ("ps.reviewed", "capacity.answered", "sow.signed_off"),
    "Contract Admin": (
        "verbal.closed",
        "service.tier",
        "dates.agreed",
        "agreement.artefact",
        "community.record",
        "community.people",
        "community.context",
        "legal.involved",
    ),
    "Closed Won": (
        "agreement.executed",
        "delivery.requested",
        "signatures.requested",
        "invoicing.prepared",
    ),
    "Closed Lost": ("lost.reason",),
}


def test_shipped_playbook_is_read_once_and_can_be_a_key():
    assert loader.shipped() is loader.shipped()
    assert {loader.shipped(): "judged by"}[loader.shipped()] == "judged by"


def test_shipped_stages_ask_for_the_conditions_of_the_design(playbook):
    asked = {
        stage.name: tuple(condition.code for condition in stage.conditions)
        for stage in playbook.stages
    }

    assert asked == CONDITIONS
    assert list(asked) == list(CONDITIONS)


def test_shipped_conditions_that_cannot_be_waived_or_do_not_bind(playbook):
    conditions = [condition for stage in playbook.stages for condition in stage.conditions]

    assert [condition.code for condition in conditions if not condition.waivable] == [
        "agreement.executed",
        "delivery.requested",
        "lost.reason",
    ]
    assert [condition.code for condition in conditions if not condition.required] == [
        "signatures.requested",
        "invoicing.prepared",
    ]
    assert all(bool(condition.entitled) == condition.waivable for condition in conditions)


def test_shipped_loads_with_its_own_conditions_known(shipped_text):
    known = {code for codes in CONDITIONS.values() for code in codes}

    loaded = loader.parse(shipped_text, name="shipped.toml", known_conditions=known)

    assert loaded.name == "2i2c"


@pytest.mark.parametrize("code", ["generic", "essential", "advanced", "premier", "project"])
def test_shipped_templates_confirm_the_renewal_sixty_days_before_the_end(playbook, code):
    [renewal] = [part for part in playbook.template(code).projects if part.title == "Renewal"]

    [deliverable] = renewal.deliverables
    assert (deliverable.code, deliverable.title, deliverable.anchor, deliverable.offset_days) == (
        "renewal-confirmed",
        "Confirm renewal with the community",
        "end",
        -60,
    )


@pytest.mark.parametrize(
    ("code", "projects", "services"),
    [
        ("generic", ["renewal"], ["managed-hub", "support", "membership"]),
        ("essential", ["new_hub", "renewal"], ["managed-hub", "support", "membership"]),
        ("advanced", ["new_hub", "renewal"], ["managed-hub", "support", "membership"]),
        (
            "premier",
            ["new_hub", "renewal"],
            ["managed-hub", "support", "membership", "strategy-session", "showcase"],
        ),
        ("project", ["directed_development", "renewal"], []),
    ],
)
def test_shipped_templates_have_their_projects_and_services(playbook, code, projects, services):
    template = playbook.template(code)

    assert [project.kind for project in template.projects] == projects
    assert [service.code for service in template.services] == services


def test_shipped_new_hub_goes_through_its_phases_in_time(playbook):
    new_hub = playbook.template("premier").projects[0]

    codes = [deliverable.code for deliverable in new_hub.deliverables]
    assert codes == ["phase-0", "phase-1", "phase-2", "phase-3"]
    offsets = [deliverable.offset_days for deliverable in new_hub.deliverables]
    assert offsets == sorted(offsets)


def test_shipped_new_hub_asks_in_each_phase_for_what_it_needs(playbook):
    asked = {
        part.code: [line.field for line in part.ready]
        for part in playbook.project("new-hub").deliverables
    }

    assert asked["phase-0"][1:4] == [
        "community.cloud", "agreement.payer", "project.account_name",
    ]  # fmt: skip
    assert asked["phase-1"] == [
        "cluster.account", "community.region", "project.cluster_name", "project.gpus",
    ]  # fmt: skip
    assert (len(asked["phase-2"]), len(asked["phase-3"])) == (11, 3)


def test_shipped_projects_that_a_person_begins_count_from_a_day(playbook):
    begun = {one.code: one for one in playbook.begun_by_people()}

    assert [(code, one.kind) for code, one in begun.items()] == [
        ("event", "event"), ("wake-up", "wake_up"), ("decommission", "offboarding"),
    ]  # fmt: skip
    assert {part.anchor for one in begun.values() for part in one.deliverables} == {"day"}


def test_shipped_premier_services_have_their_rhythm(playbook):
    rhythms = {service.code: service.rhythm for service in playbook.template("premier").services}

    assert (rhythms["strategy-session"], rhythms["showcase"]) == ("monthly", "quarterly")


def test_shipped_ladder_has_four_steps(playbook):
    steps = [(step.days, step.kind, step.to, step.only_if) for step in playbook.ladder]

    assert steps == [
        (180, "flag", "", ""),
        (60, "mail", "renewals", ""),
        (14, "mail", "representatives", "end"),
        (2, "mail", "representatives", "end"),
    ]
    assert playbook.addresses.renewals == "partnerships@2i2c.org"


def test_shipped_usage_fee_has_the_published_bands(playbook):
    assert playbook.usage_fee == (
        FeeBand(up_to=10, price=Decimal("10.00")),
        FeeBand(up_to=100, price=Decimal("5.00")),
        FeeBand(up_to=1000, price=Decimal("2.50")),
        FeeBand(up_to=10000, price=Decimal("1.25")),
        FeeBand(up_to=None, price=Decimal("0.00")),
    )


def test_shipped_roles_that_an_engagement_cannot_do_without(playbook):
    assert [role.code for role in playbook.required_roles()] == [
        "buyer",
        "champion",
        "representative",
        "technical_contact",
    ]


def test_shipped_community_record_and_questions(playbook):
    assert playbook.community_record == (
        "short_name",
        "long_name",
        "community_id",
        "website",
        "cloud",
    )
    codes = [question.code for question in playbook.context_questions]
    assert codes == ["goals", "community", "aims", "data"]


def test_shipped_capacity_starts_from_the_published_figures(playbook):
    capacity = playbook.capacity

    assert capacity.billable_share() == Decimal("0.45")
    assert [one.days for one in capacity.closures] == [14, 3]
    assert (capacity.horizon_weeks, capacity.answer_valid_days, capacity.soft_hold_days) == (
        104,
        30,
        30,
    )


def test_shipped_usual_hours_are_wide_ranges_for_every_template(playbook):
    usual = playbook.capacity.usual_hours
    parts = {one.part for one in usual}

    assert [one.part for one in usual if one.high_h < 2 * one.low_h] == []
    assert [
        template.code
        for template in playbook.templates
        if not parts & {part.code for part in (*template.projects, *template.services)}
    ] == []
