"""`--seen`: a command that refuses to write over what somebody else has written since."""

import pytest

from tests.factories import make_deal, tell
from throughline.sales.models import Deal


@pytest.mark.django_db
def test_record_with_what_was_seen_refuses_to_write_over_a_later_value(ask, run):
    deal = make_deal(name="Coral")
    seen = ask("deal", "show", str(deal.pk))["seen"]
    tell(deal, "deal.owner", by="ben", owner="Ben")
    words = ("deal", "record", str(deal.pk), "deal.owner", "--value", '{"owner": "Ada"}')

    refused = run(*words, "--seen", seen)

    assert refused.code != 0
    assert "ben wrote owner “Ben” on 2026-03-02 at " in refused.err
    assert Deal.objects.get().owner == "Ben"
    run(*words)
    assert Deal.objects.get().owner == "Ada"
