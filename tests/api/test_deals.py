import pytest
from django.test import Client

from tests.factories import NOON, make_deal, make_ready
from throughline.communities.models import Community
from throughline.people.words import RoleName
from throughline.sales.history import newest_entry
from throughline.sales.queries import find_deal, listed_deals
from throughline.sales.shapes import deal_shape

pytestmark = pytest.mark.django_db

MONEY = ("amount", "amount_collected", "mrr", "arr", "projected_amount")


def names(client: Client, address: str) -> list[str]:
    return [one["name"] for one in client.get(address).json()["items"]]


def test_deals_are_listed_in_the_words_of_the_command_line(bd, playbook):
    make_deal(
        hubspot_id="771", amount="17500.5", probability="0.25", stage="proposal", tier="premier"
    )
    make_deal(name="Elsewhere", stage="", stage_elsewhere="Legal review")
    shapes = [deal_shape(one, playbook=playbook, with_money=True) for one in listed_deals()]

    answer = bd.get("/api/v1/deals").json()

    assert answer == {"count": 2, "limit": 50, "offset": 0, "items": shapes}
    first, second = answer["items"]
    assert (first["deal"], first["stage"], first["tier"]) == ("771", "Proposal", "Premier")
    assert (first["amount"], first["mrr"], first["probability"]) == ("17500.50", None, 0.25)
    assert (second["stage"], second["stage_elsewhere"]) == (None, "Legal review")


def test_deals_of_a_page_are_those_after_the_offset(bd):
    for name in ("first", "second", "third"):
        make_deal(name=name)

    answer = bd.get("/api/v1/deals?limit=1&offset=1").json()

    assert (answer["count"], answer["limit"], answer["offset"]) == (3, 1, 1)
    assert [one["name"] for one in answer["items"]] == ["second"]
    assert names(bd, "/api/v1/deals?offset=3") == []


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("Proposal", ["at proposal"]),
        ("closed won", ["won"]),
        ("closed_won", ["won"]),
        ("unmapped", ["elsewhere"]),
        ("Qualified", []),
        ("", ["at proposal", "won", "elsewhere"]),
    ],
)
def test_deals_in_a_stage_are_found_by_its_name_or_code(bd, stage, expected):
    make_deal(name="at proposal", stage="proposal")
    make_deal(name="won", stage="closed_won")
    make_deal(name="elsewhere", stage="")

    assert names(bd, f"/api/v1/deals?stage={stage}") == expected


def test_deals_in_a_stage_that_does_not_exist_are_refused_with_the_ones_that_do(bd):
    answer = bd.get("/api/v1/deals?stage=Bargaining")

    assert answer.status_code == 422
    assert answer.json()["detail"] == "There is no stage 'Bargaining'."
    assert answer.json()["remedy"] == (
        "Use one of Lead, Qualified, Proposal, Negotiation, Contract Admin, Closed Won, "
        "Closed Lost, or unmapped."
    )


@pytest.mark.parametrize(("text", "expected"), [("earth", ["Hub"]), ("771", ["Hub"]), ("x", [])])
def test_deals_that_hold_a_text_are_found(bd, text, expected):
    community = Community.objects.create(short_name="EarthScope", created_at=NOON)
    make_deal(name="Hub", hubspot_id="771", community=community)
    make_deal(name="Other")

    assert names(bd, f"/api/v1/deals?q={text}") == expected


@pytest.mark.parametrize("called", ["771", "{number}"])
def test_deal_is_shown_by_its_hubspot_id_and_by_our_number(bd, playbook, called):
    made = make_deal(hubspot_id="771", amount="5")

    answer = bd.get(f"/api/v1/deals/{called.format(number=made.pk)}").json()

    shape = deal_shape(find_deal("771"), playbook=playbook, with_money=True)
    assert answer == shape | {"seen": newest_entry(made)}
    assert answer["amount"] == "5.00"


@pytest.mark.parametrize("address", ["/api/v1/deals", "/api/v1/deals/771"])
def test_money_is_null_for_those_who_need_not_see_it(signed_in, address):
    make_deal(hubspot_id="771", **dict.fromkeys(MONEY, "17500.50"))
    seen = {}
    for role in (RoleName.BD, RoleName.PS, RoleName.LEAD, RoleName.ADMIN):
        answer = signed_in(role).get(address).json()
        [deal] = answer.get("items", [answer])
        seen[role] = {deal[name] for name in MONEY}
        assert deal["currency"] == "USD"

    assert seen == {"BD": {"17500.50"}, "PS": {None}, "Lead": {"17500.50"}, "Admin": {"17500.50"}}


def test_gate_names_all_that_is_in_the_way_with_stage_names_and_remedies(bd):
    make_deal(hubspot_id="771")

    answer = bd.get("/api/v1/deals/771/gate?to=Proposal").json()

    assert {name: answer[name] for name in ("deal", "from", "to", "open")} == {
        "deal": "771", "from": "Lead", "to": "Proposal", "open": False,
    }  # fmt: skip
    assert [(one["code"], one["status"], one["required"]) for one in answer["conditions"]] == [
        ("deal.owner", "unmet", True),
        ("community.named", "unmet", True),
        ("community.id", "unmet", True),
        ("cloud.preference", "unmet", True),
    ]
    assert answer["conditions"][0] == {
        "code": "deal.owner",
        "status": "unmet",
        "required": True,
        "message": "Nobody has the deal.",
        "remedy": "Write down who of BD owns it.",
    }


def test_gate_without_a_stage_is_that_of_the_stage_that_follows(bd):
    deal = make_ready(make_deal(), "qualified")

    answer = bd.get(f"/api/v1/deals/{deal.pk}/gate").json()

    assert (answer["from"], answer["to"], answer["open"]) == ("Lead", "Qualified", True)
    assert answer["conditions"][0]["message"] == "ada has the deal."


def test_gate_of_a_deal_whose_stage_nobody_mapped_starts_nowhere(bd):
    deal = make_deal(stage="")

    answer = bd.get(f"/api/v1/deals/{deal.pk}/gate?to=qualified").json()

    assert (answer["from"], answer["to"], len(answer["conditions"])) == (None, "Qualified", 2)


def test_gate_where_no_stage_follows_says_what_to_do(bd):
    deal = make_deal(stage="closed_won")

    answer = bd.get(f"/api/v1/deals/{deal.pk}/gate")

    assert answer.status_code == 422
    assert answer.json()["detail"] == f"No stage follows for {deal}."


@pytest.mark.parametrize("address", ["/api/v1/deals/999", "/api/v1/deals/999/gate"])
def test_deal_that_does_not_exist_is_not_found(bd, address):
    answer = bd.get(address)

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no deal 999."


def test_looking_at_deals_takes_the_same_queries_for_one_and_for_three(
    bd, django_assert_num_queries
):
    for number in (1, 2, 3):
        community = Community.objects.create(short_name=f"C{number}", created_at=NOON)
        make_deal(community=community, tier="premier")
        if number in {1, 3}:
            with django_assert_num_queries(6):  # session, person, roles, deals, count, tally
                assert bd.get("/api/v1/deals").json()["count"] == number
