"""Mail through a provider's API, and what its webhooks tell; settings that are wrong say so."""

import base64
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests.factories import NOON
from tests.intake.alerts.texts import SNS
from throughline.budgets.models import Alert, Received
from throughline.config.mail import env_mail
from throughline.intake.alerts.reading import read_alerts
from throughline.mail.actions.queueing import message_id, queue_message
from throughline.mail.actions.sending import AFTER_LOST, send_message
from throughline.mail.letters import Draft
from throughline.mail.models import Echo
from throughline.mail.queries import echoes_to_see
from throughline.playbook.loader import shipped

pytestmark = pytest.mark.django_db
SECRET = "throughline:not-so-secret"
ID = message_id("welcome:1")


class Provider(BaseHTTPRequestHandler):
    """Answers as Postmark's API does; or otherwise, or not at all."""

    def do_POST(self):
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept.append(json.loads(content))
        status = self.server.words.pop(0) if self.server.words else 200
        if status == "hang up":
            self.close_connection = True
            self.connection.close()
            return
        answer = {"To": "rae@example.org", "SubmittedAt": "2026-03-02T12:00:00Z",
                  "MessageID": "0a129aee", "ErrorCode": 0, "Message": "OK"}  # fmt: skip
        if status != 200:
            answer = {"ErrorCode": 300, "Message": "No"}
        said = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_args):
        pass


@contextmanager
def provider():
    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.kept, server.words = [], []
    server.handle_error = lambda *_args: None  # hanging up is what we asked for
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def postmark(settings):
    with provider() as server:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "key",
            "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/",
            "WEBHOOK_SECRET": SECRET,
        }
        settings.MAIL_PROVIDER, settings.MAIL_HOOK_SECRET = "postmark", SECRET
        yield server


def queue(to="rae@example.org"):
    draft = Draft("welcome:1", (to,), "Hello", "Dear Rae\n", "deal:1")
    return queue_message(draft, by="worker", at=NOON)[0]


def test_provider_takes_a_mail_with_its_id_and_names_it(postmark):
    sent = send_message(queue().pk, at=NOON)

    (asked,) = postmark.kept
    assert (sent.state, sent.provider_id) == ("sent", "0a129aee")
    assert asked["Headers"] == [{"Name": "Message-ID", "Value": ID}]
    assert (asked["Metadata"], asked["TextBody"]) == ({"message": ID}, "Dear Rae\n")
    assert "<p>Dear Rae</p>" in asked["HtmlBody"]


@pytest.mark.parametrize(
    ("word", "state"),
    [(422, "failed"), (401, "queued"), (429, "queued"), (503, "queued"), (500, "unsure"),
     ("hang up", "unsure")],
)  # fmt: skip
def test_answer_of_the_provider_decides_what_becomes_of_a_mail(postmark, word, state):
    postmark.words.append(word)

    found = send_message(queue().pk, at=NOON)

    assert (found.state, found.lost) == (state, state == "unsure")


def test_provider_that_cannot_be_reached_took_nothing(postmark, settings):
    settings.ANYMAIL = settings.ANYMAIL | {"POSTMARK_API_URL": "http://127.0.0.1:9/"}

    found = send_message(queue().pk, at=NOON)

    assert (found.state, found.lost) == ("queued", 0)


def call(event, *, secret=SECRET, path="/hooks/mail"):
    signed = base64.b64encode(secret.encode()).decode()
    return Client(enforce_csrf_checks=True).post(
        path, json.dumps(event), "application/json", headers={"authorization": f"Basic {signed}"}
    )


BOUNCED = {
    "RecordType": "Bounce", "Type": "HardBounce", "ID": 42, "MessageID": "0a129aee",
    "Metadata": {"message": ID}, "Email": "rae@example.org", "Details": "550 no such user",
    "BouncedAt": "2026-03-02T12:01:00Z",
}  # fmt: skip
DELIVERED = {
    "RecordType": "Delivery", "MessageID": "0a129aee", "Metadata": {"message": ID},
    "Recipient": "rae@example.org", "DeliveredAt": "2026-03-02T12:01:00Z", "Details": "250 OK",
}  # fmt: skip


def test_bounce_that_the_provider_tells_of_is_kept_once(postmark):
    sent = send_message(queue().pk, at=NOON)

    assert [call(BOUNCED).status_code, call(BOUNCED).status_code] == [200, 200]

    (echo,) = echoes_to_see()
    assert (echo.message, echo.kind, echo.address, echo.said) == (
        sent, "bounce", "rae@example.org", "550 no such user",
    )  # fmt: skip


def test_mail_whose_answer_was_lost_is_settled_by_the_word_that_it_was_delivered(postmark):
    postmark.words.append("hang up")
    found = send_message(queue().pk, at=NOON)

    assert call(DELIVERED).status_code == 200

    found.refresh_from_db()
    assert (found.state, found.next_at, list(echoes_to_see())) == ("sent", None, [])
    assert send_message(found.pk, at=NOON + AFTER_LOST) is None


def test_reply_that_the_provider_takes_in_is_kept_at_its_mail(postmark):
    sent = send_message(queue().pk, at=NOON)
    reply = {
        "FromFull": {"Email": "rae@example.org", "Name": "Rae"}, "From": "rae@example.org",
        "ToFull": [], "CcFull": [], "BccFull": [], "Subject": "Re: Hello", "TextBody": "Renew!",
        "HtmlBody": "", "Attachments": [], "MessageID": "in-1",
        "Headers": [{"Name": "In-Reply-To", "Value": ID}, {"Name": "Message-ID", "Value": "<a@b.c>"}],
    }  # fmt: skip

    assert call(reply, path="/hooks/mail/in").status_code == 200

    (echo,) = echoes_to_see()
    assert (echo.message, echo.kind, echo.address, echo.said) == (
        sent, "reply", "rae@example.org", "Renew!",
    )  # fmt: skip


def test_alert_about_costs_that_the_provider_takes_in_is_no_reply(postmark):
    alert = {
        "FromFull": {"Email": "budgets@costalerts.amazonaws.com", "Name": ""}, "ToFull": [],
        "From": "budgets@costalerts.amazonaws.com", "CcFull": [], "BccFull": [], "HtmlBody": "",
        "Subject": "AWS Budgets: test has exceeded your alert threshold", "TextBody": SNS,
        "Attachments": [], "MessageID": "in-2",
        "Headers": [{"Name": "Message-ID", "Value": "<b@aws>"}],
    }  # fmt: skip

    assert [call(alert, path="/hooks/mail/in").status_code for _ in range(2)] == [200, 200]

    assert (list(echoes_to_see()), Received.objects.get().times) == ([], 2)
    read_alerts(playbook=shipped(), at=NOON)
    assert Alert.objects.get().about == "test"


def test_hook_without_the_secret_is_refused_and_keeps_nothing(postmark, settings):
    assert call(BOUNCED, secret="throughline:guess").status_code == 401
    assert Client().post("/hooks/mail", "{}", "application/json").status_code == 401
    settings.MAIL_HOOK_SECRET = ""
    assert call(BOUNCED).status_code == 422
    assert Echo.objects.count() == 0


@pytest.mark.parametrize("event", [[], {"RecordType": "Bounce", "FromFull": 1, "BouncedAt": 7}])
def test_hook_that_sends_what_cannot_be_read_is_told_so(postmark, event):
    assert call(event).status_code == 422


TWO_WAYS = "THROUGHLINE_SMTP_HOST and THROUGHLINE_MAIL_PROVIDER are two ways out: set one of them."
NOBODY = """\
THROUGHLINE_MAIL_PROVIDER='pigeon' is nobody we know: write one of brevo, mailgun, mailjet, postmark, \
sparkpost, or use THROUGHLINE_SMTP_HOST."""
LONELY = """\
THROUGHLINE_MAIL_KEY, _DOMAIN, _URL and _HOOK_SECRET are a provider's: set \
THROUGHLINE_MAIL_PROVIDER as well."""
NO_SECRET = """\
THROUGHLINE_MAIL_HOOK_SECRET is no secret: write user:password, and the provider's address as \
https://user:password@…/hooks/mail."""
NO_SENDER = "THROUGHLINE_MAIL_FROM='Throughline' is no sender: write Name <name@example.org>."


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"MAIL_PROVIDER": "pigeon"}, NOBODY),
        (
            {"MAIL_PROVIDER": "postmark"},
            "THROUGHLINE_MAIL_KEY is missing: postmark needs its key.",
        ),
        (
            {"MAIL_PROVIDER": "mailjet", "MAIL_KEY": "one"},
            "THROUGHLINE_MAIL_KEY is missing: mailjet needs its two keys as key:secret.",
        ),
        ({"MAIL_PROVIDER": "postmark", "SMTP_HOST": "smtp.example.org"}, TWO_WAYS),
        ({"MAIL_KEY": "key"}, LONELY),
        ({"MAIL_PROVIDER": "postmark", "MAIL_KEY": "k", "MAIL_HOOK_SECRET": "word"}, NO_SECRET),
        ({"MAIL_FROM": "Throughline"}, NO_SENDER),
    ],
)
def test_wrong_settings_of_mail_say_what_to_write(monkeypatch, environment, message):
    for name, value in environment.items():
        monkeypatch.setenv(f"THROUGHLINE_{name}", value)

    with pytest.raises(ImproperlyConfigured) as wrong:
        env_mail()

    assert str(wrong.value) == message


def test_settings_of_a_provider_are_what_anymail_wants(monkeypatch):
    for name, value in {"PROVIDER": "Mailjet", "KEY": "a:b", "HOOK_SECRET": SECRET}.items():
        monkeypatch.setenv(f"THROUGHLINE_MAIL_{name}", value)

    found = env_mail()

    assert (found.backend, found.leaves_through) == (
        "anymail.backends.mailjet.EmailBackend", "mailjet",
    )  # fmt: skip
    assert found.anymail == {
        "MAILJET_API_KEY": "a", "MAILJET_SECRET_KEY": "b", "REQUESTS_TIMEOUT": 20,
        "WEBHOOK_SECRET": SECRET,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["brevo", "mailgun", "mailjet", "postmark", "sparkpost"])
def test_every_provider_that_we_name_can_be_made_ready(monkeypatch, settings, name):
    from django.core.mail import get_connection
    from django.test import RequestFactory

    from throughline.intake.mail_hooks import NotProved, take_mail_events

    monkeypatch.setenv("THROUGHLINE_MAIL_PROVIDER", name)
    monkeypatch.setenv("THROUGHLINE_MAIL_KEY", "key:secret")
    monkeypatch.setenv("THROUGHLINE_MAIL_HOOK_SECRET", SECRET)
    found = env_mail()
    settings.ANYMAIL, settings.MAIL_PROVIDER = found.anymail, name
    settings.MAIL_HOOK_SECRET = SECRET

    assert get_connection(found.backend).esp_name.lower() == name
    for inbound in (False, True):
        request = RequestFactory().post("/hooks/mail", "{}", "application/json")
        with pytest.raises(NotProved):
            take_mail_events(request, inbound=inbound, playbook=shipped(), at=NOON)
