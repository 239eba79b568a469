"""What differs between two playbooks, and which open deals another one touches."""

from importlib import resources

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_deal, make_ready, tell
from throughline.playbook.changes import Change, compare
from throughline.playbook.loader import parse, shipped
from throughline.sales.touched import deals_touched

TEXT = (resources.files("throughline.playbook") / "shipped.toml").read_text()
CLOUD_LINE = '  "cloud.preference", # which cloud and region; or "unknown, because …"\n'
CLOUD_WAIVER = '"cloud.preference" = ["LEAD", "BD"]\n'


def other(*changes):
    """Return the shipped playbook with pieces of its text replaced."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return parse(text, name="other.toml")


def changes(*pairs):
    return compare(shipped(), other(*pairs))


def test_same_rules_in_other_words_are_no_change():
    assert changes(("# In this order.", "# In that order.")) == ()


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ('version = "2026.1"', 'version = "2"',
         Change("playbook", "version", "changed", "2026.1", "2")),
        ('name = "Negotiation"', 'name = "Talks"',
         Change("stage", "negotiation.name", "changed", "Negotiation", "Talks")),
        ('conditions = ["lost.reason"]', 'conditions = ["lost.reason", "deal.owner"]',
         Change("condition", "closed_lost: deal.owner", "added")),
        ('"lost.reason"]\n', '"lost.reason"]\nadvisory = ["deal.owner"]\n',
         Change("condition", "closed_lost: deal.owner", "added")),
        ('"verbal.closed" = ["LEAD"]', '"verbal.closed" = ["LEAD", "PS"]',
         Change("waiver", "verbal.closed", "changed", "LEAD", "LEAD, PS")),
        ('membership-premier = "premier"', 'membership-premier = "advanced"',
         Change("revenue type", "membership-premier", "changed", "premier", "advanced")),
        ('code = "60", days = 60', 'code = "60", days = 61',
         Change("ladder step", "60.days", "changed", "60", "61")),
        ('name = "Membership, tier unknown"', 'name = "Any"',
         Change("template", "generic.name", "changed", "Membership, tier unknown", "Any")),
        ("above = 100000", "above = 5", Change("legal", "above", "changed", "100000", "5")),
        ('subject = "Delivery accepted: $community"', 'subject = "Done: $community"',
         Change("mail", "accepted.subject", "changed", "Delivery accepted: $community",
                "Done: $community")),
        ('record = ["short_name", ', 'record = [', Change("community record", "short_name",
                                                          "removed")),
    ],
)  # fmt: skip
def test_changed_part_is_told_with_before_and_after(before, after, change):
    assert changes((before, after)) == (change,)


def test_condition_that_becomes_advisory_is_told():
    found = changes((CLOUD_LINE, ""), ("]\n\n[[stages]]\ncode = \"negotiation\"",
                    ']\nadvisory = ["cloud.preference"]\n\n[[stages]]\ncode = "negotiation"'))  # fmt: skip

    assert found == (
        Change("condition", "proposal: cloud.preference", "changed", "required", "advisory"),
    )


@pytest.mark.django_db
def test_deal_whose_gate_opens_or_closes_under_other_rules_is_named():
    ready = make_ready(make_deal(stage="lead", name="Ready"), "qualified")
    half = make_ready(make_deal(stage="qualified", name="Half"), "proposal",
                      without=("cloud.preference",))  # fmt: skip
    type(half.community).objects.update(cloud="")
    make_deal(stage="closed_won", name="Won")
    new = other(
        (CLOUD_LINE, ""), (CLOUD_WAIVER, ""),
        ('  "community.named", # we know whom it would serve\n',
         '  "community.named",\n  "service.tier",\n'),
        ('  "service.tier",       # Essential, Advanced or Premier\n', ""),
    )  # fmt: skip

    found = deals_touched(shipped(), new, at=NOON)

    assert {(one.deal.name, one.effect, one.more, one.less) for one in found} == {
        (ready.name, "closes", ("service.tier",), ()),
        (half.name, "opens", (), ("cloud.preference",)),
    }


@pytest.mark.django_db
def test_deal_whose_stage_or_tier_is_gone_is_named():
    make_deal(stage="qualified", name="Stage")
    gone = make_deal(stage="lead", name="Tier", tier="essential")
    new = other(
        ('code = "qualified"', 'code = "seen"'),
        ('[[tiers]]\ncode = "essential"\nname = "Essential"\ntemplate = "essential"\n', ""),
        ('membership-essential = "essential"\n', ""),
        ('usual_for = ["essential", ', "usual_for = ["),
        ('  { tier = "essential", role = "delivery", hours_per_week = 0.25 },\n', ""),
    )

    found = {one.deal.name: one for one in deals_touched(shipped(), new, at=NOON)}

    assert found["Stage"].notes == (
        "Its stage is gone: the deal would stand in no column that is known.",
    )
    assert found[gone.name].notes == ("Its tier is gone: another one must be chosen.",)


@pytest.mark.django_db
def test_judging_all_deals_costs_as_many_queries_for_twelve_as_for_two():
    new = other((CLOUD_LINE, ""), (CLOUD_WAIVER, ""))

    def cost():
        with CaptureQueriesContext(connection) as asked:
            deals_touched(shipped(), new, at=NOON)
        return len(asked)

    for number in range(2):
        tell(make_deal(stage="qualified", name=f"d{number}"), "community.named", short_name="A")
    few = cost()
    for number in range(10):
        tell(make_deal(stage="qualified", name=f"e{number}"), "community.named", short_name="B")

    assert cost() == few
