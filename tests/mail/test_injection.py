"""What outsiders write stays text in a mail: no markup is run, no line and no header is added."""

import re
from email import message_from_bytes, policy

import pytest

from tests.renewals.world import PARTNERSHIPS, make_term, nine
from throughline.communities.actions import describe_community, name_community
from throughline.delivery.models import Engagement
from throughline.mail.jobs import send_due
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.renewals.jobs import run_ladders
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db

HOSTILE = (
    "<script>alert(1)</script>$support[pay here](https://evil.example)\r\n"
    "Bcc: thief@evil.example\n\nDear all, the new account is 4711.\u2028=HYPERLINK(1)"
)


@pytest.fixture
def sent(settings, tmp_path):
    """The one mail of a ladder whose deal and community carry hostile names, as bytes."""
    settings.HOME = tmp_path
    settings.EMAIL_BACKEND = "throughline.mail.capture.CapturedBackend"
    deal = make_term("2026-06-30").deal
    community = name_community("Leap", by="ada", at=nine("2026-01-02"))
    describe_community(community.pk, facts={"long_name": HOSTILE}, by="ada", at=nine("2026-01-02"))
    Deal.objects.filter(pk=deal.pk).update(name=HOSTILE, community=community)
    run_ladders(playbook=shipped(), by="worker", at=nine("2026-05-01"))
    send_due(at=nine("2026-05-01"))
    (file,) = (tmp_path / "mail").iterdir()
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def test_hostile_name_adds_no_header_and_no_recipient(sent):
    assert (sent["To"], sent["Bcc"]) == (", ".join(PARTNERSHIPS), None)
    assert "\n" not in sent["Subject"]


def parts_of(sent):
    return {part.get_content_type(): part.get_content() for part in sent.walk()
            if not part.is_multipart()}  # fmt: skip


def test_markup_in_a_name_is_text_in_both_parts_and_its_address_no_link(sent):
    parts = parts_of(sent)

    assert list(parts) == ["text/plain", "text/html"]
    assert "<script>alert(1)</script>" in parts["text/plain"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in parts["text/html"]
    assert "<script" not in parts["text/html"]
    assert re.findall(r'href="([^"]*)"', parts["text/html"]) == [
        "mailto:thief@evil.example",
        "mailto:thief@evil.example",
        f"http://127.0.0.1:8000/renewals/{Engagement.objects.get().pk}/",
        f"http://127.0.0.1:8000/engagements/{Engagement.objects.get().pk}/",
    ]


def test_hostile_name_stays_on_its_line_and_fills_no_place_of_the_template(sent):
    lines = parts_of(sent)["text/plain"].splitlines()

    assert [one for one in lines if one.startswith(("Bcc:", "Dear all", "=HYPERLINK"))] == []
    assert any("$support[pay here](https://evil.example) Bcc:" in one for one in lines)
    assert Message.objects.get().text.splitlines() == lines
