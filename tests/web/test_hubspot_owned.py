"""What HubSpot owns is marked; once it is connected, pages lead there instead of asking here."""

import pytest

from tests.factories import make_deal

pytestmark = pytest.mark.django_db

ADDRESS = "https://app.hubspot.com/contacts/77/record/0-3/4711"


@pytest.fixture
def connected(settings):
    settings.HUBSPOT_CONNECTED, settings.HUBSPOT_PORTAL = True, "77"


def make_theirs():
    return make_deal(hubspot_id="4711", owner="bea", target_start_on=None)


def sources(response, label):
    (fact,) = [one for one in response.context["about"] if one["label"] == label]
    return fact["source"], fact.get("source_url", "")


def test_owner_is_marked_and_leads_to_hubspot_where_the_portal_is_told(browser, settings):
    deal, client = make_theirs(), browser("BD")
    address = f"/deals/{deal.pk}/"
    assert sources(client.get(address), "Owner") == ("HubSpot ↗", "")

    settings.HUBSPOT_PORTAL = "77"

    page = client.get(address)
    assert sources(page, "Owner") == ("HubSpot ↗", ADDRESS)
    assert sources(page, "Community") == ("here", "")
    assert f'href="{ADDRESS}"' in page.content.decode()


def test_deal_of_our_own_is_marked_as_ours(browser):
    deal = make_deal(owner="bea")

    assert sources(browser("BD").get(f"/deals/{deal.pk}/"), "Owner") == ("here", "")


def test_form_of_a_locked_field_has_no_button_and_leads_to_hubspot(browser, connected):
    deal, client = make_theirs(), browser("BD")
    address = f"/deals/{deal.pk}/record/deal.owner/"

    page = client.get(address).content.decode()
    sent = client.post(address, {"owner": "ada"})

    assert "Save the owner" not in page
    assert f'href="{ADDRESS}"' in page
    assert 'value="bea"' in page
    deal.refresh_from_db()
    assert (sent.status_code, deal.owner) == (422, "bea")
