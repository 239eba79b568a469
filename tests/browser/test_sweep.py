"""Every page there is, as somebody who sees everything finds it in the demonstration."""

import pytest
from django.test import Client

from tests.browser.conftest import WITH, opened_by, signed_in
from tests.browser.seeing import look_at, unfold
from tests.web.every_page import named_pages, tell_demonstration
from throughline.people.models import User
from throughline.people.words import RoleName

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = (("desktop", "light"), ("phone", "dark"))
# What an address shows beside what it shows of itself; {} is a deal.
MORE = {
    "pipeline-table": "/pipeline/?view=table",
    "pipeline-overdue": "/pipeline/?is=overdue",
    "engagements-all": "/engagements/?view=all",
    "renewals-pretended": "/renewals/?view=all&pretend=2040-01-01",
    "capacity-deal": "/capacity/?deal={}&people=infrastructure_engineer&chosen=on",
    "capacity-who": "/capacity/?find=1&role=app_engineer&fte=0.5&from_on=2026-03-02&to_on=2026-05-31",
    "deal-as-of": "/deals/{}/?on=2026-10-05",
    "not-there": "/nothing/",
}
FOR_ANYBODY = {"sign-in": "/sign-in/", "link-refused": "/s/wrong/"}


def fullest_pages(client):
    """Return one address for each name: of all things that it shows, the one with most to show."""
    found = {}
    for name, address in named_pages():
        size = len(client.get(address).content)
        if size > found.get(name, (0,))[0]:
            found[name] = (size, address)
    return {name: address for name, (_size, address) in found.items()}


def test_every_page_in_both_themes_on_desk_and_phone_has_nothing_that_axe_finds_and_fits(
    chromium, live_server, settings, tmp_path
):
    settings.HOME = tmp_path
    tell_demonstration()
    problems, client = [], Client()
    with signed_in(chromium, live_server, "everybody", RoleName.ADMIN) as page:
        client.force_login(User.objects.get(username="everybody"))
        fullest = fullest_pages(client)
        deal = fullest["deal"].split("/")[2]
        more = {name: address.format(deal) for name, address in MORE.items()}
        for name, address in {**fullest, **more}.items():
            page.goto(address)
            unfold(page)
            problems += look_at(page, name, pictures=PICTURES)
    with opened_by(chromium, live_server, WITH) as page:
        for name, address in FOR_ANYBODY.items():
            page.goto(address)
            problems += look_at(page, f"{name}-anybody", pictures=PICTURES)

    if problems:
        pytest.fail("\n".join(problems))  # all of it, which no comparison shows
