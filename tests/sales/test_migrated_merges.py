"""What is made of deals that were merged before it was written down into which."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.factories import NOON, make_deal
from throughline.sales.models import Deal, DealAlias

pytestmark = pytest.mark.django_db
MIGRATION = import_module(
    "throughline.sales.migrations.0010_merged_deals_known_by_their_old_numbers"
)


def gone(hubspot_id):
    deal = make_deal(hubspot_id=hubspot_id)
    Deal.objects.filter(pk=deal.pk).update(deleted_at=NOON, deleted_by="HubSpot")
    return deal


def test_deal_that_is_gone_says_into_which_its_old_number_leads():
    survivor, merged, deleted, standing = (
        make_deal(hubspot_id="1"), gone("2"), gone("3"), make_deal(hubspot_id="4"),
    )  # fmt: skip
    itself = gone("5")
    for old, deal in (("2", survivor), ("4", survivor), ("5", itself)):
        DealAlias.objects.create(old_id=old, deal=deal, at=NOON)

    MIGRATION.say_into_which(apps, None)

    assert dict(Deal.objects.values_list("pk", "merged_into")) == {
        survivor.pk: None, merged.pk: survivor.pk, deleted.pk: None, standing.pk: None,
        itself.pk: None,
    }  # fmt: skip
