"""Every address under what nobody should send it: it answers in words, and keeps all or nothing."""

import random

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tests.web.fuzzing import all_nasty, one_nasty, recorded
from tests.web.test_access import EXPECTED, address_of, world  # noqa: F401 -- a fixture
from throughline.journal.models import Entry
from throughline.people.actions import add_user
from throughline.people.words import RoleName

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
UPLOADS = {
    "agreement-upload", "billing-import", "billing-invoices", "billing-workbook-bring",
    "capacity-team-import", "champion-answer", "deliverable-done", "deliverable-prove",
    "engagement-activity", "playbook-changes", "work-link-upload",
}  # fmt: skip
REFUSED = range(400, 500)
NO_SUCH_METHOD = 405
SHRUGGED = 204  # of reports that browsers send: nobody reads an answer
BODIES = [
    b"",
    b"\xff\xfe",
    b"null",
    b"[" * 50_000,
    b'{"Type": ' * 20_000,
    b'{"a": 1e999}',
    b"a=%00",
]
# What stands even where a step is refused: a link was opened, a password tried, a lease taken, a
# plan found stale.
STANDS = {
    "people.link.opened", "people.user.refused", "sales.sponsor.looked", "handoff.plan.stale",
}  # fmt: skip
COUNTED_APART = {"django_session", "people_tally", "handoff_pass", Entry._meta.db_table}


def tables():
    """Return a statement that counts the rows of every table at once."""
    names = {one._meta.db_table for one in apps.get_models(include_auto_created=True)}
    each = [f"SELECT '{one}', COUNT(*) FROM {one}" for one in sorted(names - COUNTED_APART)]
    return " UNION ALL ".join(each)


def rows():
    """Return how many rows each table has, and the journal's entries but those that always stand."""
    with connection.cursor() as cursor:
        cursor.execute(tables())
        counted = dict(cursor.fetchall())
    return counted | {"journal": Entry.objects.exclude(act__in=STANDS).count()}


@pytest.fixture
def everybody(world):  # noqa: F811 -- the fixture's name
    """Return a browser of somebody with every role, in a world with one thing of each kind."""
    person = add_user("everybody", roles=frozenset(RoleName), by="test", at=timezone.now())
    client = Client()
    client.force_login(person)
    return client


def asked(client, method, address, sent, then=None):
    """Ask, look at what that left in the database, and take it back.

    Returns the answer, how many rows each table has then (only of a refused one), and what `then`
    returns before all is taken back.
    """
    cookies = client.cookies.copy()
    with transaction.atomic():
        try:
            with transaction.atomic():
                answer = getattr(client, method)(address, sent)
            left = rows() if answer.status_code in REFUSED else {}
            found = then() if then else None
        finally:
            transaction.set_rollback(True)
            client.cookies = cookies
    return answer, left, found


def wrong_with(answer, left, before):
    """Return what is wrong with an answer; "" where it is a good one."""
    more = {name: count for name, count in left.items() if count != before[name]}
    if more:
        return f"refused with {answer.status_code}, and left {more}"
    if answer.status_code == NO_SUCH_METHOD:
        return ""
    if answer.status_code in REFUSED and not answer.content.strip():
        return f"refused with {answer.status_code}, without a word"
    return f"answers {answer.status_code}" if answer.status_code > max(REFUSED) else ""


def tried(client, method, address, before, monkeypatch):
    """Ask an address for nothing, then with what nobody should send; yield answers and what is wrong.

    A form is asked twice more, with one nasty thing among likely ones.
    """
    chance = random.Random(address)
    with recorded(monkeypatch) as reading:
        for make in (None, all_nasty, *([one_nasty] * 2 if method == "post" else [])):
            sent = make(reading, chance) if make else {}
            try:
                answer, left, _none = asked(client, method, address, sent)
            except Exception as error:  # noqa: BLE001 -- the test tells which address broke
                yield 0, f"{error!r} of {shown(sent)}"[:600]
                continue
            wrong = wrong_with(answer, left, before)
            yield answer.status_code, wrong and f"{wrong}; of {shown(sent)}"
            if answer.status_code == NO_SUCH_METHOD:
                break


def shown(sent):
    return {name: str(value)[:40] for name, value in sent.items()}


def test_no_address_breaks_or_keeps_a_half_whatever_it_is_sent(everybody, world, monkeypatch):  # noqa: F811 -- the fixture's name
    addresses = {name: address_of(name, world) for name in EXPECTED}
    before, problems, open_to = rows(), [], set()
    for name, address in addresses.items():
        for method in ("get", "post"):
            for status, wrong in tried(everybody, method, address, before, monkeypatch):
                problems += [f"{method} {name}: {wrong}"] if wrong else []
                if method == "post" and status in {200, 302}:
                    open_to.add(name)

    assert "\n".join(problems) == ""
    assert len(open_to) > 75


def test_doors_for_programs_refuse_what_no_program_sends(everybody, world):  # noqa: F811 -- the fixture's name
    doors = {name: address_of(name, world) for name in EXPECTED if name.startswith("hook-")}
    before, taken = rows(), {}
    for name, address in doors.items():
        for body in BODIES:
            for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
                answer = everybody.post(address, body, content_type=kind)
                if answer.status_code not in {*REFUSED, SHRUGGED} or rows() != before:
                    taken[name, body[:20], kind] = answer.status_code

    assert taken == {}


@pytest.mark.parametrize("address", ["/communities/?q=%00", "/s/a%00b/", "/pipeline/?q=a&q=%00"])
def test_nul_in_an_address_is_refused_in_words(address, everybody):
    answer = everybody.get(address)

    assert (answer.status_code, "nothing of it was saved" in answer.content.decode()) == (400, True)


def test_nul_in_a_form_is_refused_in_words_and_in_a_file_it_is_not(everybody, world):  # noqa: F811 -- the fixture's name
    where = f"/deliverables/{world.deliverable.pk}/prove/"
    file = SimpleUploadedFile("proof.png", b"\x89PNG\r\n\x1a\n\x00")
    refused = everybody.post("/communities/1/reserve/", {"community_id": "a\x00b"})
    kept = everybody.post(where, {f"proof_{world.deliverable.pk}-file": file})

    assert (refused.status_code, "nothing of it was saved" in refused.content.decode()) == (
        400,
        True,
    )
    assert kept.status_code != 400
