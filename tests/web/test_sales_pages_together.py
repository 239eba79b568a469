"""Two people on one deal: who comes second sees what the first has written, and overwrites nothing."""

import re

import pytest
import time_machine

from tests.factories import NOON, make_deal, make_deal_at, move, tell
from throughline.journal.models import Entry
from throughline.playbook.loader import shipped
from throughline.sales.actions.conflicts import Conflict
from throughline.sales.actions.parties import name_party
from throughline.sales.actions.record import record_fact
from throughline.sales.history import newest_entries, newest_entry
from throughline.sales.models import Deal


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def seen_on(response):
    """Return the number that every form of a page carries; there is one only."""
    (number,) = set(re.findall(r'name="seen" value="(\d+)"', response.content.decode()))
    return number


def said_by(response):
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


def test_second_owner_is_refused_with_both_values_and_who_when(browser):
    deal, client = make_deal(), browser("BD")
    seen = seen_on(client.get(f"/deals/{deal.pk}/record/deal.owner/"))
    tell(deal, "deal.owner", by="ben", owner="Ben")

    response = client.post(f"/deals/{deal.pk}/record/deal.owner/", {"owner": "Ada", "seen": seen})

    assert response.status_code == 422
    assert (
        "ben wrote owner “Ben” on 2026-03-02 at 12:00, after you opened this page; you write owner"
        " “Ada”. Nothing of yours is kept yet."
        in said_by(response).replace("2 March 2026", "2026-03-02")
    )
    assert Deal.objects.get().owner == "Ben"


def test_sending_it_once_more_after_the_conflict_takes_the_place_of_theirs(browser):
    deal, client = make_deal(), browser("BD")
    address = f"/deals/{deal.pk}/record/deal.owner/"
    seen = seen_on(client.get(address))
    tell(deal, "deal.owner", by="ben", owner="Ben")
    refused = client.post(address, {"owner": "Ada", "seen": seen})

    client.post(address, {"owner": "Ada", "seen": seen_on(refused)})

    assert Deal.objects.get().owner == "Ada"


def test_form_that_was_filled_in_wrongly_still_knows_what_was_seen_at_first(browser):
    deal, client = make_deal(), browser("BD")
    address = f"/deals/{deal.pk}/record/deal.owner/"
    seen = seen_on(client.get(address))
    tell(deal, "deal.owner", by="ben", owner="Ben")

    assert seen_on(client.post(address, {"owner": "", "seen": seen})) == seen


def test_another_fact_and_the_same_value_are_no_conflict(db):
    deal = make_deal()
    seen = newest_entry(deal)
    tell(deal, "deal.owner", by="ben", owner="Ben")

    kept = record_fact(
        deal.pk, "deal.owner", {"owner": "Ben"}, playbook=shipped(), by="ada", at=NOON, seen=seen
    )
    lost = record_fact(
        deal.pk, "lost.reason", {"reason": "No"}, playbook=shipped(), by="ada", at=NOON, seen=seen
    )

    assert (kept.owner, lost.lost_reason) == ("Ben", "No")


@pytest.mark.parametrize(
    ("code", "theirs", "mine"),
    [
        ("service.tier", {"none_because": "a workshop"}, {"none_because": "too small"}),
        (
            "dates.agreed",
            {"start_on": "2026-07-01", "end_on": "2027-06-30"},
            {"start_on": "2026-07-01", "end_on": "2027-03-31"},
        ),
        ("community.named", {"short_name": "Tidewater"}, {"short_name": "Harbour"}),
        ("lost.reason", {"reason": "Price"}, {"reason": "Time"}),
    ],
)
def test_fact_that_somebody_changed_since_is_not_written_over(code, theirs, mine, db):
    deal = make_deal()
    seen = newest_entry(deal)
    tell(deal, code, by="ben", **theirs)
    told = Entry.objects.count()

    with pytest.raises(Conflict) as refused:
        record_fact(deal.pk, code, mine, playbook=shipped(), by="ada", at=NOON, seen=seen)

    assert (refused.value.entry.by, Entry.objects.count()) == ("ben", told)


def test_community_record_conflicts_field_by_field(db):
    deal = make_deal_at("qualified")
    seen = newest_entry(deal)
    tell(deal, "community.record", by="ben", website="https://ben.example")
    ways = {"playbook": shipped(), "by": "ada", "at": NOON, "seen": seen}

    record_fact(deal.pk, "community.record", {"region": "eu-west-1"}, **ways)
    with pytest.raises(Conflict):
        record_fact(deal.pk, "community.record", {"website": "https://ada.example"}, **ways)

    community = Deal.objects.get().community
    assert (community.region, community.website) == ("eu-west-1", "https://ben.example")


def test_card_that_was_dropped_after_somebody_moved_the_deal_leaves_it_there(browser):
    deal = make_deal_at("qualified")
    client = browser("BD")
    (card,) = client.get("/pipeline/").context["columns"][1].cards
    move(deal, "lead", by="ben")

    response = client.post(card.move_url, {"to": "proposal", "seen": card.seen})

    assert response.status_code == 422
    assert "ben moved" in said_by(response)
    assert "to Lead" in said_by(response)
    assert Deal.objects.get().stage == "lead"


def test_newest_entries_of_many_deals_are_those_of_each(db):
    first, second = make_deal(), make_deal()
    for owner in ("Ada", "Ben"):
        tell(first, "deal.owner", owner=owner)
    tell(second, "deal.owner", owner="Cai")

    assert newest_entries([first.pk, second.pk]) == {
        first.pk: newest_entry(first),
        second.pk: newest_entry(second),
    }


def test_waiver_and_early_start_given_meanwhile_are_shown_and_not_doubled(browser):
    deal, client = make_deal(owner="ben"), browser("Lead")
    waiver, start = (
        f"/deals/{deal.pk}/{end}" for end in ("waive/cloud.preference/", "early-start/")
    )
    first = {"reason": "Away.", "until": "2026-03-09", "money_limit": "500", "seen": "0"}
    assert [client.post(one, first).status_code for one in (waiver, start)] == [302, 302]

    for address in (waiver, start):
        refused = client.post(address, first | {"reason": "At sea."})
        assert refused.status_code == 422
        assert "wrote reason “Away.”" in said_by(refused)
        again = client.post(address, first | {"reason": "At sea.", "seen": seen_on(refused)})
        assert again.status_code == 302


def test_parties_of_an_agreement_named_meanwhile_are_shown_on_its_page(browser):
    deal, client = make_deal_at("contract_admin"), browser("BD")
    seen = seen_on(client.get(f"/deals/{deal.pk}/agreement/"))
    name_party(deal.pk, "University", "Una", playbook=shipped(), by="ben", at=NOON)

    refused = client.post(
        f"/deals/{deal.pk}/agreement/party/",
        {"party": "University", "name": "Ugo", "seen": seen},
    )

    assert refused.status_code == 422
    assert "ben wrote name “Una”" in said_by(refused)


def test_lead_asks_ps_on_the_page_as_by_command(browser):
    deal = make_deal()

    opened = browser("Lead").get(f"/deals/{deal.pk}/ask/").status_code
    denied = browser("PS").get(f"/deals/{deal.pk}/ask/").status_code

    assert (opened, denied) == (200, 403)
