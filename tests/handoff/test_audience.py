"""What never goes to places that others read: addresses of contacts, and private notes."""

import pytest

from tests.factories import BD, NOON, make_engagement, make_person
from tests.handoff.elsewhere import World
from tests.handoff.world import apply, fresh, with_statement
from throughline.communities.models import RoleAssignment
from throughline.handoff.models import Outcome
from throughline.handoff.plans import plan_handoff
from throughline.people.words import RoleName
from throughline.playbook.loader import shipped
from throughline.sales.actions.knowledge import write_note
from throughline.sales.models import StatementOfWork

pytestmark = pytest.mark.django_db
SECRET = "Their dean is about to leave and nobody may know."


@pytest.fixture
def engagement():
    return make_engagement()


def address_of(engagement) -> str:
    subject = f"deal:{engagement.number}"
    return RoleAssignment.objects.filter(subject=subject).first().contact.email


def private_note(engagement, text: str, *, is_private: bool = True) -> None:
    make_person(BD, RoleName.BD)
    write_note(engagement.number, text, kind="sensitivity", is_private=is_private, by=BD, at=NOON)


def state_with(engagement, text: str, audience: str) -> tuple[str, str, int]:
    world = World(wanted={"a": {"title": "a", "body": {"lines": [text]}}}, audience=audience)
    apply(engagement, terms=world.terms())
    row = Outcome.objects.get(system="elsewhere")
    return row.state, row.remedy, len(world.sends)


@pytest.mark.parametrize("audience", ["community", "public"])
def test_a_contacts_address_never_goes_to_a_place_that_others_read(engagement, audience):
    address = address_of(engagement)

    state, remedy, sends = state_with(engagement, f"Ask {address.upper()}.", audience)

    assert (state, sends) == ("waiting", 0)
    assert remedy == (
        f"It would show {address.upper()} to everybody who can read it ({audience}): take the"
        " address out of the text it comes from."
    )


@pytest.mark.parametrize("audience", ["staff", "sponsor"])
def test_a_contacts_address_may_go_to_places_of_the_house(engagement, audience):
    assert state_with(engagement, address_of(engagement), audience)[0] == "converged"


def test_an_address_that_is_nobodys_may_be_public(engagement):
    found = state_with(engagement, "support+earthscope@2i2c.org", "public")

    assert found == ("converged", "", 1)


@pytest.mark.parametrize("audience", ["community", "public"])
def test_a_private_note_never_goes_to_a_place_that_others_read(engagement, audience):
    private_note(engagement, f"For us.\n{SECRET}")

    state, remedy, sends = state_with(engagement, f"x {SECRET.upper()}\ny", audience)

    assert (state, sends) == ("waiting", 0)
    assert remedy.startswith(
        f"It would show a private note to everybody who can read it ({audience})"
    )
    assert SECRET not in remedy


def test_the_private_note_on_a_price_never_goes_there_either(engagement):
    with_statement(engagement)
    StatementOfWork.objects.update(price_note="We would go down to half of it.")

    assert state_with(engagement, "We would go down to half of it.", "public")[0] == "waiting"


def test_a_note_that_is_not_private_may_be_public(engagement):
    private_note(engagement, SECRET, is_private=False)

    assert state_with(engagement, SECRET, "public")[0] == "converged"


def test_a_plan_says_that_it_waits_and_why(engagement):
    world = World(wanted={"a": {"body": address_of(engagement)}}, audience="public")

    plan = plan_handoff(fresh(engagement), playbook=shipped(), at=NOON, outside=world.outside())

    assert [one.outcome[-1] for one in plan.waiting if one.system == "elsewhere"] == ["a"]


def test_the_guard_asks_the_database_as_often_for_many_outcomes_as_for_few(
    engagement, django_assert_num_queries
):
    from throughline.handoff.audience import keep_private
    from throughline.sales.queries import facts_of

    facts = facts_of(engagement.deal, on=NOON.date())
    for number in (1, 100):
        world = World(
            wanted={f"n{place}": {"body": address_of(engagement)} for place in range(number)},
            audience="public",
        )
        with django_assert_num_queries(2):
            held = keep_private(world.wanted_of(engagement, facts, None), facts)
        assert len(held) == number
