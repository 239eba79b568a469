"""Who may not see money sees none of it: on no page, in no file, in no answer, as any role."""

import re
from contextlib import contextmanager
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.api.table import TABLE
from tests.web.conftest import HATS
from tests.web.priced_world import WRITTEN, price
from tests.web.test_access import EXPECTED, address_of, world  # noqa: F401 -- a fixture
from throughline.people.actions_tokens import issue_token
from throughline.people.words import ROLES, Permission, Scope
from throughline.playbook.loader import shipped

WITHOUT_MONEY = [
    hat for hat, roles in HATS.items() if all(Permission.SEE_MONEY not in ROLES[r] for r in roles)
]
SPONSORS_OWN = {"work-link", "work-link-file"}  # a link for whoever signs and invoices
INVENTED = {"design"}  # the page of the design system shows figures of nobody
SHAPES = (r"[$€£]\s?\d", r"\d\.\d\d\s(?:USD|EUR)\b")  # what looks like money, whatever it is


@pytest.fixture
def priced(world, monkeypatch):  # noqa: F811 -- the fixture
    world.marks = price(world)
    world.pattern = spelt([*world.marks.values(), Decimal(WRITTEN)], *SHAPES)
    monkeypatch.setattr("throughline.documents.pdf.typst.Compiler", Words)
    return world


def spelt(amounts, *others):
    """Return what finds an amount however it is written, and anything else that is asked for."""
    ways = set()
    for one in amounts:
        cents = one.quantize(Decimal("0.01"), ROUND_HALF_UP)
        ways |= {f"{cents:,.2f}", f"{cents:.2f}", f"{int(cents):,}", str(int(cents))}
    known = "|".join(re.escape(one) for one in sorted(ways, key=len, reverse=True))
    return re.compile("|".join([rf"(?<![\d.,\w])(?:{known})(?!\d)", *others]))


def text_of(response):
    return (
        b"".join(response.streaming_content) if response.streaming else response.content
    ).decode(errors="replace")


def told_by(response, pattern):
    """Return the amounts in an answer, and a word of where they stand."""
    text = text_of(response)
    return [
        " ".join(text[max(0, m.start() - 50) : m.end() + 20].split())
        for m in pattern.finditer(text)
    ]


def reading(world):  # noqa: F811
    """Return every address that shows something, and those that a query makes say more."""
    for name, (method, _hats) in EXPECTED.items():
        if method == "get" and name not in SPONSORS_OWN | INVENTED:
            yield address_of(name, world)
    for mail in shipped().mails:
        for page in ("/outbox/preview/", "/outbox/preview/html/"):
            yield f"{page}?code={mail.code}&engagement={world.number}"
    yield from ("/alerts/?view=all", "/engagements/?view=all", "/renewals/?view=all")
    yield from (f"/search/?q={words}" for words in ("EarthScope", "Credit", WRITTEN))
    yield from ("/billing/month/?month=2026-03", "/billing/charges.csv?month=2026-03")
    yield from (f"/journal/?about=deal:{world.number}", "/pipeline/?as=table", "/sponsor/?view=all")


class Words:
    """Stands for the compiler of PDFs: what a file is made of, which can be searched."""

    def __init__(self, _template, *, sys_inputs, **_how):
        self.words = sys_inputs["data"].encode()

    def compile(self, **_how):
        return self.words


@contextmanager
def undone():
    """Take back whatever is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_amount_is_somewhere_for_who_may_see_money(priced, browser):
    client = browser("Admin")
    everything = "\n".join(text_of(client.get(one)) for one in reading(priced))

    unseen = {
        name for name, amount in priced.marks.items() if not spelt([amount]).search(everything)
    }

    assert unseen == set()


@pytest.mark.parametrize("hat", WITHOUT_MONEY)
def test_no_page_and_no_file_tells_an_amount_to_who_sees_no_money(hat, priced, browser):
    client = browser(hat)

    told = {one: told_by(client.get(one), priced.pattern) for one in reading(priced)}

    assert {one: found for one, found in told.items() if found} == {}


def test_no_link_for_others_than_the_sponsor_tells_an_amount(priced):
    told = {one: told_by(Client().get(one), priced.pattern) for one in reading(priced)}

    assert {one: found for one, found in told.items() if found} == {}


@pytest.mark.parametrize("hat", WITHOUT_MONEY)
def test_no_refusal_of_a_step_tells_an_amount_to_who_sees_no_money(hat, priced, browser):
    client, told = browser(hat), {}
    for name, (method, _hats) in EXPECTED.items():
        if method == "post" and not name.startswith("work-link"):
            with undone():
                told[name] = told_by(client.post(address_of(name, priced)), priced.pattern)

    assert {one: found for one, found in told.items() if found} == {}


def called(client, world, **headers):  # noqa: F811
    """Return what every address of the API tells of amounts."""
    told = {}
    for (method, _path), call in TABLE.items():
        path = call.path.replace("771", str(world.number)).format(deliverable=world.deliverable.pk)
        ways = {"data": call.body, "content_type": "application/json"} if method == "post" else {}
        with undone():
            told[method, path] = told_by(
                getattr(client, method)(path, **ways, **headers), world.pattern
            )
    return {one: found for one, found in told.items() if found}


def test_api_tells_a_person_who_sees_no_money_none(priced, browser):
    assert called(browser("PS"), priced) == {}


def test_api_tells_none_to_a_token_without_money_whoever_it_is_of(priced, person):
    secret = "tl_" + "m" * 40
    issue_token(
        secret, user=person("Admin"), name="n8n", scopes=frozenset(Scope) - {Scope.MONEY},
        valid_for=timedelta(days=1), by="test", at=timezone.now(),
    )  # fmt: skip
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}

    assert called(Client(), priced, **bearer) == {}


def test_api_tells_amounts_to_who_sees_money(priced, browser):
    assert len(called(browser("Admin"), priced)) > 10
