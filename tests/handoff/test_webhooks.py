"""Webhooks: told once for each act, signed as others read it, tried again, never inside the house."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.factories import make_deal, make_person, tell
from throughline.connectors.http import NotSendable
from throughline.connectors.webhooks import client
from throughline.connectors.webhooks.signatures import new_secret
from throughline.handoff.actions_webhooks import keeping
from throughline.handoff.actions_webhooks.jobs import tell_others
from throughline.handoff.actions_webhooks.sending import WAITS_S
from throughline.handoff.actions_webhooks.telling import YOUNG, tell_what_happened
from throughline.handoff.models import Delivery, Subscription
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.mail.models import Message
from throughline.people.gates import NotEntitled
from throughline.people.models import User
from throughline.people.words import RoleName

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LONG = timedelta(days=2)


class Receiver(ThreadingHTTPServer):
    """A program that is told: it keeps what comes, and answers as it was asked to."""

    daemon_threads = True

    def __init__(self):
        self.got, self.answers = [], []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def handle_error(self, *_args):
        """A sender that goes away is no news here."""


class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        answer = self.server.answers.pop(0) if self.server.answers else 204
        if answer == "slow":
            time.sleep(0.4)
        if answer in ("slow", "drop"):
            self.connection.close()
            return
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def receiver(settings, monkeypatch):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(client, "TIMEOUT_S", 0.2)
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def root():
    return make_person("root", RoleName.ADMIN)


@pytest.fixture
def hook(root, receiver, now):
    """Return a subscription to what happens to deals, and its secret."""
    return keeping.subscribe(
        "n8n", receiver.url, ["sales.deal"], randomness=b"r" * 32, by="root", at=now
    )


def ways(now):
    return {"by": "root", "at": now}


def own_a_deal(owner="ada"):
    return tell(make_deal(), "deal.owner", owner=owner)


def test_act_is_told_thin_and_signed_as_another_librarys_reader_wants_it(hook, receiver, now):
    deal = own_a_deal()

    tell_others(at=now)

    [(headers, body)] = receiver.got
    told = Webhook(hook[1]).verify(body, {name.lower(): value for name, value in headers.items()})
    assert (told["type"], told["data"]["subject"]) == ("sales.deal.owned", f"deal:{deal.pk}")
    assert set(told["data"]) == {"entry", "subject", "by", "api"}
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.status, row.arrived_at) == ("arrived", 1, 204, now)
    assert headers["webhook-id"] == row.message_id


def test_signature_with_another_secret_is_not_believed(hook, receiver, now):
    own_a_deal()
    tell_others(at=now)
    [(headers, body)] = receiver.got

    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret(b"x" * 32)).verify(body, headers)


def test_only_what_is_wanted_is_told_once_and_nothing_from_before(root, receiver, now):
    own_a_deal()
    keeping.subscribe("all", receiver.url, [], randomness=b"a" * 32, **ways(now))
    deal = own_a_deal()
    record("people.sign_in.done", root, by="root", at=now)
    record("capacity.answer.given", deal, by="pia", at=now)

    for minutes in (0, 1, 20, 40):
        tell_others(at=now + timedelta(minutes=minutes))

    types = [json.loads(body)["type"] for _headers, body in receiver.got]
    assert types == ["sales.deal.owned", "capacity.answer.given"]


def test_entry_that_appears_late_is_told_all_the_same(hook, now):
    first = own_a_deal()
    tell_what_happened(at=now)
    late = record("sales.deal.owned", first, by="ada", at=now)
    newer = record("sales.deal.owned", first, by="ada", at=now)
    Delivery.objects.all().delete()
    Delivery.objects.create(
        subscription=hook[0], message_id="seen", entry=newer.pk, body="{}", made_at=now
    )  # the newer one was visible first

    tell_what_happened(at=now + YOUNG / 2)

    assert late.pk in Delivery.objects.values_list("entry", flat=True)
    assert Delivery.objects.filter(entry=newer.pk).count() == 1


def test_failure_waits_by_the_table_and_arrives_later_with_the_same_id(hook, receiver, now):
    receiver.answers = [500, "drop", "slow", 204]
    own_a_deal()
    at, waited = now, []
    for _attempt in range(4):
        tell_others(at=at)
        row = Delivery.objects.get()
        if row.next_at:
            waited.append((row.next_at - at).total_seconds())
            assert tell_others(at=row.next_at - timedelta(seconds=1)) == []
            at = row.next_at

    assert [
        0.8 * least <= wait <= 1.2 * least for wait, least in zip(waited, WAITS_S, strict=False)
    ] == [True] * 3
    assert (row.state, row.attempts) == ("arrived", 4)
    ids = {headers["webhook-id"] for headers, _body in receiver.got}
    assert (len(receiver.got), len(ids)) == (4, 1)
    assert Subscription.objects.get().failing_since is None


def test_receiver_that_asks_to_wait_is_left_alone_so_long(hook, receiver, now):
    receiver.answers = [(429, {"Retry-After": "7200"})]
    own_a_deal()

    tell_others(at=now)

    assert Delivery.objects.get().next_at == now + timedelta(hours=2)


def test_dead_address_is_stopped_and_a_person_is_told(hook, root, receiver, now):
    User.objects.update(email="root@example.org")
    receiver.answers = [500] * 20
    own_a_deal()
    at = now
    for _attempt in range(10):
        tell_others(at=at)
        at += LONG
    own_a_deal()
    tell_others(at=at)

    first, second = Delivery.objects.order_by("pk")
    assert (first.state, first.attempts, second.state, second.attempts) == (
        "given_up", 10, "waiting", 0,
    )  # fmt: skip
    assert len(receiver.got) == 10
    mail = Message.objects.get()
    assert (mail.to, mail.subject) == (["root@example.org"], "The webhook “n8n” is stopped")


def test_address_that_is_gone_is_stopped_at_once_and_goes_on_by_hand(hook, receiver, now):
    receiver.answers = [410]
    own_a_deal()
    tell_others(at=now)
    own_a_deal()
    assert (Subscription.objects.get().stopped_at, len(receiver.got)) == (now, 1)

    keeping.go_on_with_webhook(hook[0].pk, **ways(now))
    tell_others(at=now)
    keeping.send_again(Delivery.objects.earliest("pk").pk, **ways(now))
    tell_others(at=now)

    assert [row.state for row in Delivery.objects.all()] == ["arrived", "arrived"]
    ids = [headers["webhook-id"] for headers, _body in receiver.got]
    assert (len(ids), ids[0]) == (3, ids[2])


def test_redirect_is_not_followed(hook, receiver, now):
    receiver.answers = [(302, {"Location": receiver.url})]
    own_a_deal()

    tell_others(at=now)

    assert (len(receiver.got), Delivery.objects.get().status) == (1, 302)


def test_new_secret_and_the_one_before_are_both_good_for_a_day(hook, receiver, now):
    _one, fresh = keeping.rotate_secret(hook[0].pk, randomness=b"n" * 32, **ways(now))
    own_a_deal()
    tell_others(at=now)
    own_a_deal()
    tell_others(at=now + timedelta(hours=25))

    (during, body), (after, _body) = receiver.got
    for secret in (hook[1], fresh):
        Webhook(secret).verify(body, during)
    assert [len(one["webhook-signature"].split()) for one in (during, after)] == [2, 1]


def test_secret_is_kept_sealed(hook):
    row = str(Subscription.objects.values().get())

    assert (hook[1] in row, hook[1].removeprefix("whsec_") in row) == (False, False)


def test_key_that_changed_is_said_and_nothing_is_sent(hook, receiver, settings, now):
    settings.SECRET_KEY = "another"
    own_a_deal()

    tell_others(at=now)

    row = Delivery.objects.get()
    assert (receiver.got, row.state) == ([], "waiting")
    assert row.error.startswith("The secret was sealed with another THROUGHLINE_SECRET_KEY.")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://user:pass@example.org/",
        "ftp://example.org/",
        "https:///nowhere",
        "https://exämple.org/",
        "https://example.org:port/",
        "javascript:alert(1)",
        "",
    ],
)
def test_address_that_may_not_be_sent_to_is_not_subscribed(root, now, url):
    with pytest.raises(Refused):
        keeping.subscribe("x", url, [], randomness=b"r" * 32, **ways(now))

    assert Subscription.objects.count() == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]",
        "[::ffff:127.0.0.1]", "0.0.0.0", "[fd00::1]", "2130706433", "0x7f.1", "100.64.0.1",
        "224.0.0.1",
    ],
)  # fmt: skip
def test_nothing_is_sent_inside_the_house(host):
    with pytest.raises(NotSendable, match="not a public address"):
        client.post(f"https://{host}/", b"{}", {})


def test_only_an_admin_has_others_told(hook, receiver, now):
    make_person("bob", RoleName.BD)
    for act in (
        lambda by: keeping.subscribe("x", receiver.url, [], randomness=b"r" * 32, by=by, at=now),
        lambda by: keeping.rotate_secret(hook[0].pk, randomness=b"r" * 32, by=by, at=now),
        lambda by: keeping.end_webhook(hook[0].pk, by=by, at=now),
        lambda by: keeping.send_test(hook[0].pk, "m", by=by, at=now),
    ):
        with pytest.raises(NotEntitled):
            act("bob")


def test_ended_webhook_is_told_nothing_and_keeps_its_log(hook, receiver, now):
    own_a_deal()
    tell_what_happened(at=now)

    keeping.end_webhook(hook[0].pk, **ways(now))
    own_a_deal()
    tell_others(at=now)

    assert (receiver.got, [row.state for row in Delivery.objects.all()]) == ([], ["given_up"])
    assert keeping.webhooks().count() == 0


def test_test_is_told_at_once(hook, receiver, now):
    keeping.send_test(hook[0].pk, "msg_test_1", **ways(now))

    tell_others(at=now)

    assert json.loads(receiver.got[0][1])["type"] == "throughline.test"


def test_who_is_asked_to_stop_tells_nobody_more_and_the_rest_stays_due(hook, receiver, now):
    own_a_deal()
    own_a_deal()

    assert tell_others(at=now, stop=lambda: bool(receiver.got)) != []
    assert len(receiver.got) == 1
    tell_others(at=now)
    assert len(receiver.got) == 2
