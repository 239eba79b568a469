"""Who finds what: as the pages show it, and nothing more."""

import pytest

from tests.factories import BD, NOON, make_deal, make_engagement, make_person
from throughline.billing.models import Invoice
from throughline.mail.actions.queueing import Draft, queue_message
from throughline.people.words import ROLES, Permission, RoleName
from throughline.sales.models import Agreement
from throughline.search.words import EVERYTHING, FOUND_BY, Kind, sight_of

pytestmark = pytest.mark.django_db
STAFF = set(Kind) - {Kind.INVOICE, Kind.USER}


def sight(*roles):
    allowed = frozenset().union(*(ROLES[role] for role in roles))
    return sight_of(lambda permission: permission in allowed)


@pytest.mark.parametrize(
    ("roles", "kinds"),
    [
        ((RoleName.PS,), STAFF),
        ((RoleName.BD,), STAFF | {Kind.INVOICE}),
        ((RoleName.LEAD,), STAFF | {Kind.INVOICE}),
        ((RoleName.ADMIN,), set(Kind)),
        ((RoleName.SPONSOR,), {Kind.AGREEMENT, Kind.WORK, Kind.INVOICE}),
        ((), set()),
    ],
)
def test_each_role_finds_the_kinds_whose_pages_it_opens(roles, kinds):
    assert sight(*roles).kinds == kinds


def test_every_kind_says_who_finds_it_and_the_command_line_finds_all():
    assert set(FOUND_BY) == set(Kind) == EVERYTHING.kinds
    assert all(ways and all(ways) for ways in FOUND_BY.values())


def test_sponsor_finds_what_is_on_its_desk_and_no_other_agreement(search):
    make_engagement(name="Lighthouse")
    other = make_deal(name="Lighthouse without work")
    Agreement.objects.create(
        deal=other, kind="service_agreement", title="Another lighthouse", created_at=NOON
    )

    assert len(search("lighthouse")["agreement"]) == 2
    found = search("lighthouse", sight=sight(RoleName.SPONSOR))
    assert (set(found), found["agreement"]) == ({"agreement", "sponsor_work"}, ["Agreement"])


def test_invoice_is_found_by_who_sees_money_alone(search):
    engagement = make_engagement()
    Invoice.objects.create(engagement=engagement, month=NOON.date(), number="TL-1-202603")

    assert search("TL-1-202603", sight=sight(RoleName.PS)) == {}
    assert search("TL-1-202603", sight=sight(RoleName.BD)) == {"invoice": ["TL-1-202603"]}


def test_mail_that_opens_a_door_is_not_found_by_its_words(search):
    make_person("zoe", RoleName.BD)
    queue_message(
        Draft(key="people.password:1", to=("zoe@example.org",), subject="A password",
              text="Open the sesame", about="user:1"),
        by=BD, at=NOON,
    )  # fmt: skip

    assert search("sesame") == {}
    assert search("password") == {"mail": ["A password"]}


def test_token_without_the_scope_for_contacts_finds_no_contact_and_no_mail():
    kinds = sight_of(lambda permission: permission == Permission.READ).kinds

    assert {Kind.CONTACT, Kind.MAIL} & kinds == set()
    assert Kind.DEAL in kinds
