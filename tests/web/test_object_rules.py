"""Each rule about one thing, tried by page, command and API with somebody whose role would allow it."""

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from tests.cli.conftest import run  # noqa: F401 -- a fixture
from tests.factories import NOON
from tests.web.test_doors import SECRET
from throughline.delivery.models import Deliverable
from throughline.journal.models import Entry
from throughline.people.actions_tokens import issue_token
from throughline.people.actions_users import session_name
from throughline.people.models import Session, SignedLink
from throughline.people.object_rules import OBJECT_RULES
from throughline.people.words import Scope
from throughline.renewals.actions_calendar import subscribe
from throughline.sales.models import Deal, DealNote, Review

TESTS = Path(__file__).resolve().parents[1]
LATER = (timezone.now() + timedelta(days=30)).date().isoformat()
SECOND = "Ask a second person to do it (on the command line: --by NAME)."
# Rules that need a whole story before them: the test that tells it.
ELSEWHERE = {
    "executed_copy": ("web/test_agreement_pages.py", "cli/test_agreement_commands.py"),
    "month": ("web/test_billing_pages.py", "cli/test_billing_real.py"),
}
IN_TESTS_OF_THEIR_OWN = {"links": "web/test_foreign_links.py"}


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def own(world, person, browser):
    """Return the world in which everything is the Admin's, who wears every hat; and PS beside."""
    Deal.objects.filter(pk=world.number).update(owner="admin")
    Review.objects.filter(pk=world.review.pk).update(asked_by="admin")
    Deliverable.objects.filter(pk=world.deliverable.pk).update(
        state="done", done_by="admin", done_at=NOON
    )
    world.note = DealNote.objects.create(
        deal=world.engagement.deal, kind="promise", text="March.", by="admin", at=NOON
    )
    TOTP.activate(person("Admin"), SECRET)
    world.token = issue_token(
        "tl_" + "o" * 40, user=person("Admin"), name="n8n", scopes=frozenset({Scope.READ}),
        valid_for=timedelta(days=1), by="admin", at=timezone.now(),
    )  # fmt: skip
    world.calendar = subscribe("admin", "k" * 43, at=timezone.now())[0]
    browser("Admin").get("/")
    world.session = Session.objects.get(user=person("Admin"))
    world.admin, world.ps, world.lead = (browser(hat) for hat in ("Admin", "PS", "Lead"))
    return world


def page(client, address, **told):
    return unescape(client.post(address, told, follow=True).content.decode())


def call(client, address, **told):
    answer = client.post(f"/api/v1/{address}", told, content_type="application/json")
    assert answer.status_code == 403, answer.content
    return f"{answer.json()['detail']} {answer.json()['remedy']}"


def told(ran):
    assert ran.code == 1, ran
    return f"{ran.json['refused']} {ran.json['remedy']}"


def _capacity(own, cli):
    number = own.number
    yield page(
        own.admin, f"/deals/{number}/capacity/refuse/", reason="No.", because="No.", note="No."
    )
    yield cli("capacity", "answer", number, "no", "--note", "No.", "--by", "admin")
    yield call(own.admin, f"deals/{number}/capacity", answer="no", note="No.")


def _waiver(own, cli):
    Deal.objects.filter(pk=own.number).update(owner="lead")  # Admins waive nothing
    number, why = own.number, {"reason": "A trial.", "until": LATER}
    yield page(own.lead, f"/deals/{number}/waive/community.named/", **why)
    yield cli(
        "deal", "waive", number, "community.named", "--by", "lead", "--reason", "A trial.",
        "--until", LATER,
    )  # fmt: skip
    yield call(own.lead, f"deals/{number}/waivers", code="community.named", **why)


def _early_start(own, cli):
    number = own.number
    start = {"reason": "They wait.", "money_limit": "10", "until": LATER}
    yield page(own.admin, f"/deals/{number}/early-start/", **start)
    yield cli(
        "deal", "waive", number, "order.early_start", "--by", "admin", "--reason", "They wait.",
        "--until", LATER, "--limit", "10",
    )  # fmt: skip


def _review(own, cli):
    yield page(own.admin, f"/reviews/{own.review.pk}/answer/", answer="Yes.")
    yield cli("review", "answer", own.review.pk, "Yes.", "--by", "admin")
    yield call(own.admin, f"deals/{own.number}/facts/ps.reviewed", value={"answer": "Yes."})


def _verification(own, cli):
    pk = own.deliverable.pk
    yield page(own.admin, f"/deliverables/{pk}/verify/", text="Seen.")
    yield cli("deliverable", "verify", pk, "--by", "admin")
    yield call(own.admin, f"deliverables/{pk}/verify")


def _note_read(own, cli):
    yield page(own.admin, f"/notes/{own.note.pk}/read/")
    yield cli("note", "read", own.note.pk, "--by", "admin")


def _note_withdrawn(own, cli):
    yield page(own.ps, f"/notes/{own.note.pk}/withdraw/", because="No.")
    yield cli("note", "withdraw", own.note.pk, "--because", "No.", "--by", "ps")


def _second_factor(own, cli):
    yield page(own.admin, f"/people/{own.session.user_id}/factor/", because="Lost.")
    yield cli("user", "reset-factor", "admin", "--because", "Lost.", "--by", "admin")


def _token(own, cli):
    yield page(own.ps, f"/tokens/{own.token.pk}/revoke/")
    yield cli("user", "revoke-token", own.token.pk, "--by", "ps")


def _session(own, _cli):
    yield page(own.ps, f"/account/sessions/{session_name(own.session.pk)}/end/")


def _calendar(own, _cli):
    yield page(own.ps, f"/renewals/calendars/{own.calendar.pk}/revoke/")


LEADS, NOT_MINE = "Ask somebody of Admin or Lead.", "Ask them, or an Admin."
TRIED = {
    "capacity": (_capacity, 3, SECOND),
    "waiver": (_waiver, 3, SECOND),
    "early_start": (_early_start, 2, SECOND),
    "review": (_review, 3, SECOND),
    "verification": (_verification, 3, SECOND),
    "note_read": (_note_read, 2, SECOND),
    "note_withdrawn": (_note_withdrawn, 2, LEADS),
    "second_factor": (_second_factor, 2, SECOND),
    "token": (_token, 2, NOT_MINE),
    "session": (_session, 1, "It had ended already."),
    "calendar": (_calendar, 1, "That is no address of yours."),
}


def test_every_rule_of_the_table_is_tried():
    tried = {*TRIED, *ELSEWHERE, *IN_TESTS_OF_THEIR_OWN}

    assert {one.code for one in OBJECT_RULES} == tried
    for files in ELSEWHERE.values():
        assert all("needs two persons" in (TESTS / one).read_text() for one in files)
    assert all((TESTS / one).exists() for one in IN_TESTS_OF_THEIR_OWN.values())


@pytest.mark.parametrize("code", TRIED)
def test_wrong_person_is_refused_everywhere_with_what_to_do_and_nothing_changes(code, own, run):  # noqa: F811
    attempts, ways, remedy = TRIED[code]
    before = Entry.objects.count()

    found = list(attempts(own, lambda *words: told(run(*words, "--json"))))

    assert [remedy in text for text in found] == [True] * ways
    assert Entry.objects.count() == before
    assert Session.objects.filter(pk=own.session.pk).exists()
    assert SignedLink.objects.get(pk=own.calendar.pk).revoked_at is None


def test_page_of_roles_shows_every_rule(browser):
    shown = unescape(Client().get("/roles/").content.decode())
    assert "Whatever the role" not in shown  # nobody who is not signed in

    text = unescape(browser("PS").get("/roles/").content.decode())

    assert all(part in text for one in OBJECT_RULES for part in (one.thing, one.what, one.who))
