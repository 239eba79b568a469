"""What HubSpot owns is changed there alone, once it is connected; until then it is only marked."""

from dataclasses import replace

import pytest
from django.test import override_settings

from tests.factories import BD, NOON, make_deal, move, tell
from throughline.communities.actions import describe_community, name_community
from throughline.playbook.loader import shipped
from throughline.playbook.ownership import OwnedElsewhere, deal_address
from throughline.sales.actions.advance import advance_deal
from throughline.sales.actions.importing import DealElsewhere, take_deals
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db

CONNECTED = override_settings(HUBSPOT_CONNECTED=True, HUBSPOT_PORTAL="77")


def with_owned(*names):
    return replace(shipped(), hubspot_owned=names)


def test_owner_of_a_deal_of_hubspot_is_changed_there_once_it_is_connected():
    deal = make_deal(hubspot_id="4711", owner="bea")

    with CONNECTED, pytest.raises(OwnedElsewhere) as refused:
        tell(deal, "deal.owner", owner="ada")

    assert refused.value.message == "HubSpot has the last word here: owner."
    assert refused.value.remedy == (
        "Change it in HubSpot: https://app.hubspot.com/contacts/77/record/0-3/4711"
    )
    assert Deal.objects.get().owner == "bea"
    assert tell(deal, "deal.owner", owner="ada").owner == "ada"  # not connected: only marked


def test_what_stands_there_already_is_no_change_and_our_own_deals_are_ours():
    theirs, ours = make_deal(hubspot_id="4711", owner="bea"), make_deal(owner="bea")

    with CONNECTED:
        kept = tell(theirs, "deal.owner", owner="bea")
        changed = tell(ours, "deal.owner", owner="ada")

    assert (kept.owner, changed.owner) == ("bea", "ada")


def test_tier_that_the_revenue_type_stands_for_is_hubspots_and_any_other_is_ours():
    told = make_deal(hubspot_id="1", tier="premier", revenue_type="membership-premier")
    open_one = make_deal(hubspot_id="2", revenue_type="membership-general")

    with CONNECTED:
        tell(told, "service.tier", tier="Premier")  # the same, by its name
        with pytest.raises(OwnedElsewhere):
            tell(told, "service.tier", tier="essential")
        assert tell(open_one, "service.tier", tier="essential").tier == "essential"


def test_stage_moves_here_unless_the_playbook_leaves_it_to_hubspot():
    deal = make_deal(hubspot_id="4711", stage="qualified")

    with CONNECTED:
        assert move(deal, "lead").stage == "lead"
        with pytest.raises(OwnedElsewhere):
            advance_deal(
                deal.pk, to="closed_lost", playbook=with_owned("deal.stage"), by=BD, at=NOON
            )


def test_record_of_a_community_is_locked_for_people_and_open_to_the_reading_in():
    leap, owned = name_community("LEAP", by=BD, at=NOON), with_owned("community.website")
    wanted = {"website": "https://leap.example"}

    with CONNECTED:
        with pytest.raises(OwnedElsewhere) as refused:
            describe_community(leap.pk, facts=wanted, playbook=owned, by=BD, at=NOON)
        read = describe_community(leap.pk, facts=wanted, by="HubSpot", at=NOON)

    assert refused.value.address == "https://app.hubspot.com/contacts/77"
    assert read.website == "https://leap.example"


def test_what_is_read_from_hubspot_is_written_while_people_may_not():
    make_deal(hubspot_id="4711", owner="bea")
    told = DealElsewhere("4711", "", {"owner": "ada"}, {"owner": "ada"}, {})

    with CONNECTED:
        taken = take_deals([told], playbook=shipped(), by="HubSpot", at=NOON)

    assert [one.owner for one in taken.updated] == ["ada"]


def test_address_of_a_deal_is_empty_until_somebody_tells_the_portal():
    assert deal_address("4711") == ""
    with CONNECTED:
        assert deal_address(None) == ""
