"""Documents that go along with a mail, and mails with HTML of their own."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from tests.factories import NOON
from throughline.documents.actions import keep_document, path_of
from throughline.kernel.errors import Refused
from throughline.mail.actions import queueing
from throughline.mail.actions.queueing import queue_message
from throughline.mail.actions.sending import send_message
from throughline.mail.letters import Attached, Draft, draft_of
from throughline.mail.models import Attachment, Message
from throughline.playbook.parts import Lines, MailNotFilled, MailTemplate

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "throughline.mail.capture.CapturedBackend"


def queue(**wanted):
    draft = Draft("pack:1", ("rae@example.org",), "Hello", "Dear Rae\n", "deal:1", **wanted)
    return queue_message(draft, by="worker", at=NOON)[0]


def sent(home):
    (file,) = (home / "mail").iterdir()
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def test_document_goes_along_under_the_name_that_the_mail_gives_it(tmp_path):
    pack = keep_document(b"%PDF-1.7 pack", name="4711.pdf", by="ada", at=NOON)
    message = queue(attachments=(Attached(pack.sha256, "Renewal pack.pdf"),))

    send_message(message.pk, at=NOON)

    found = [(one.get_filename(), one.get_content_type(), one.get_content())
             for one in sent(tmp_path).iter_attachments()]  # fmt: skip
    assert found == [("Renewal pack.pdf", "application/pdf", b"%PDF-1.7 pack")]


def test_mail_queued_again_keeps_what_was_attached_first():
    pack = keep_document(b"%PDF-1.7 pack", name="4711.pdf", by="ada", at=NOON)
    queue(attachments=(Attached(pack.sha256, "pack.pdf"),))
    queue(attachments=(Attached(pack.sha256, "other.pdf"),))

    assert [one.name for one in Attachment.objects.all()] == ["pack.pdf"]


def test_document_that_is_not_kept_is_refused_and_no_mail_is_queued():
    with pytest.raises(Refused) as refused:
        queue(attachments=(Attached("0" * 64, "pack.pdf"),))

    assert str(refused.value) == "pack.pdf is not kept here. Keep the document first."
    assert Message.objects.count() == 0


def test_attachments_that_are_too_large_together_are_refused(monkeypatch):
    monkeypatch.setattr(queueing, "LARGEST", 7)
    one = keep_document(b"1234", name="1.pdf", by="ada", at=NOON)
    other = keep_document(b"5678", name="2.pdf", by="ada", at=NOON)

    with pytest.raises(Refused) as refused:
        queue(attachments=(Attached(one.sha256, "1.pdf"), Attached(other.sha256, "2.pdf")))

    assert refused.value.remedy == "Link to it instead."


def test_document_that_is_missing_holds_the_mail_back_and_says_so():
    pack = keep_document(b"%PDF-1.7 pack", name="4711.pdf", by="ada", at=NOON)
    message = queue(attachments=(Attached(pack.sha256, "pack.pdf"),))
    path_of(pack.sha256).unlink()

    found = send_message(message.pk, at=NOON)

    assert (found.state, found.next_at) == ("queued", NOON + timedelta(seconds=60))
    assert found.error.startswith("FileNotFoundError")


def test_html_of_its_own_is_sent_with_every_fact_escaped(tmp_path):
    template = MailTemplate(
        "x", "About $deal", "About $deal: $lines", "<h1>About $deal</h1>\n<p>$lines</p>"
    )
    facts = {"deal": "<b>Earth</b>", "lines": Lines("one & only\ntwo")}
    draft = draft_of(template, facts, key="k", to=["rae@example.org"], about="deal:1")
    message, _new = queue_message(draft, by="worker", at=NOON)

    send_message(message.pk, at=NOON)

    found = sent(tmp_path)
    assert found["Subject"] == "About <b>Earth</b>"
    assert found.get_body(("plain",)).get_content() == "About <b>Earth</b>: one & only\ntwo\n"
    html = found.get_body(("html",)).get_content()
    assert "<h1>About &lt;b&gt;Earth&lt;/b&gt;</h1>\n<p>one &amp; only<br>\ntwo</p>" in html


def test_html_of_its_own_that_asks_for_a_fact_nobody_gives_is_an_error():
    template = MailTemplate("x", "Hello", "Hello", "<p>$nothing</p>")

    with pytest.raises(MailNotFilled):
        draft_of(template, {}, key="k", to=["rae@example.org"], about="deal:1")
