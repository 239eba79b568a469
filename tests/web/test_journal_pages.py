import pytest

from tests.factories import NOON, make_deal
from throughline.journal.actions import record
from throughline.people.words import ROLES, Permission
from throughline.playbook.loader import shipped


def acts(response):
    return [line["entry"].act for line in response.context["lines"]]


@pytest.fixture
def deal(db):
    found = make_deal()
    for act, by in (
        ("sales.deal.created", "ada"),
        ("sales.order.placed", "ben"),
        ("mail.x", "ada"),
    ):
        record(act, found, by=by, at=NOON, amount="17500.00")
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?act=sales.", ["sales.order.placed", "sales.deal.created"]),
        ("?by=ben", ["sales.order.placed"]),
        ("?subject=deal:{pk}&by=ada", ["mail.x", "sales.deal.created"]),
        ("?subject=sales.deal", ["mail.x", "sales.order.placed", "sales.deal.created"]),
        ("?subject=engagement:{pk}", []),
    ],
)
def test_journal_is_narrowed_by_act_person_and_thing(query, expected, browser, deal):
    assert acts(browser("Lead").get(f"/journal/{query.format(pk=deal.pk)}")) == expected


def test_journal_pages_hold_fifty_and_leave_nothing_out(browser, deal):
    for number in range(60):
        record("mail.many", deal, by="ada", at=NOON, number=number)
    client = browser("BD")

    first = client.get("/journal/?act=mail.many")
    second = client.get(f"/journal/?{first.context['older_query']}")

    numbers = [
        line["entry"].facts["number"] for page in (first, second) for line in page.context["lines"]
    ]
    assert numbers == list(range(59, -1, -1))
    assert (len(first.context["lines"]), second.context["older_query"]) == (50, "")


def test_journal_costs_as_many_queries_for_three_as_for_one(browser, django_assert_num_queries):
    client, deal = browser("BD"), make_deal()
    for count in (1, 3):
        record("mail.x", deal, by="ada", at=NOON)
        with django_assert_num_queries(4):
            assert acts(client.get("/journal/?act=mail.x")) == ["mail.x"] * min(count, 2)


@pytest.mark.parametrize(("hat", "sees"), [("BD", True), ("PS", False)])
def test_journal_shows_facts_only_to_those_who_see_money(hat, sees, browser, deal):
    assert ("17500.00" in browser(hat).get("/journal/").content.decode()) is sees


def test_journal_does_not_stumble_over_a_page_that_is_no_number(browser, deal):
    assert len(acts(browser("BD").get("/journal/?before=soon&act=sales."))) == 2


def test_playbook_page_shows_the_hash_the_stages_and_the_ladder(browser):
    text = browser("PS").get("/playbook/").content.decode()

    wanted = [
        shipped().sha256,
        "Contract Admin",
        "Premier",
        "partnerships@2i2c.org",
        "legal.involved",
    ]
    assert [word for word in wanted if word not in text] == []


def test_roles_page_says_what_the_table_in_code_says(browser):
    context = browser("PS").get("/roles/").context

    assert dict(context["rows"]) == {
        permission.value: [permission in ROLES[role] for role in context["roles"]]
        for permission in Permission
    }
