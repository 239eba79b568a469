"""The months of an engagement as a picture: in the pack's PDF, in the mail, and as numbers beside it."""

import email
import email.policy
import shutil
import subprocess

import pytest

from tests.billing.bills import ACCOUNT, APRIL, MAY, book, count_mau
from tests.billing.line import make_served
from tests.renewals.world import day, make_term, nine
from throughline.documents.charts import as_png
from throughline.intake.jobs import run_instant
from throughline.mail.leaving import email_of, html_part, picture_as_data
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.renewals.pack import pack_of, pack_pdf
from throughline.renewals.pack_chart import described, specification
from throughline.sales.models import Deal

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n"
LARGEST_MAIL = 300_000


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


@pytest.fixture
def served(playbook):
    """Return an engagement that cost 100.00 in April and 50.00 in May, with 280 users in April."""
    engagement, _cluster = make_served()
    for month, cost in ((APRIL, "100.00"), (MAY, "50.00")):
        book({ACCOUNT: cost}, month=month)
    count_mau({"maple": 280}, month=APRIL)
    Deal.objects.filter(pk=engagement.number).update(end_on=day("2026-08-30"))
    return engagement


def pack(engagement):
    return pack_of(engagement.number, sees_money=True, playbook=shipped(), on=day("2026-07-01"))


def notice():
    run_instant(at=nine("2026-07-01"), playbook=shipped(), by="worker", holder="h")
    return Message.objects.get(subject="Agreement expiring in 60 days")


def parts_of(message):
    told = email.message_from_bytes(
        email_of(message).message().as_bytes(), policy=email.policy.default
    )
    return told, list(told.walk())


def values(spec):
    return [
        (row["month"], row["value"]) for panel in spec["vconcat"] for row in panel["data"]["values"]
    ]


def test_picture_has_the_numbers_of_the_months_and_no_bar_for_what_nobody_knows(served):
    months = pack(served).months

    assert values(specification(months)) == [
        ("2026-04", 100.0), ("2026-05", 50.0), ("2026-04", 280),
    ]  # fmt: skip
    assert described(months) == (
        "Cloud cost and active users by month. 2026-04: 100.00 USD, 280 active users;"
        " 2026-05: 50.00 USD, users not recorded."
    )


def test_mail_shows_the_same_picture_beside_the_same_numbers_and_stays_small(served):
    message = notice()

    told, parts = parts_of(message)

    (picture,) = [one for one in parts if one.get_content_type() == "image/png"]
    (html,) = [one for one in parts if one.get_content_type() == "text/html"]
    (text,) = [one for one in parts if one.get_content_type() == "text/plain"]
    assert picture.get_content() == as_png(specification(pack(served).months))
    assert picture.get_content().startswith(PNG)
    name = picture["Content-ID"].strip("<>")
    assert f'src="cid:{name}"' in html.get_content()
    assert 'alt="Cloud cost and active users by month. 2026-04: 100.00' in html.get_content()
    assert "- 2026-04: 100.00 USD, 280 active users\n" in text.get_content()
    assert [one.get_content_type() for one in parts if one.get_filename()] == [
        "application/pdf", "image/png",
    ]  # fmt: skip
    assert len(told.as_bytes()) < LARGEST_MAIL


def test_mail_about_an_engagement_without_months_has_no_picture_and_says_so():
    make_term("2026-06-30")
    run_instant(at=nine("2026-05-01"), playbook=shipped(), by="worker", holder="h")

    _told, parts = parts_of(Message.objects.get())

    assert "image/png" not in [one.get_content_type() for one in parts]
    assert "No month's cost and active users are recorded here yet." in parts[2].get_content()


def test_mail_that_is_looked_at_here_holds_its_picture(served):
    message = notice()

    assert 'src="data:image/png;base64,iVBOR' in html_part(message, address=picture_as_data)


@pytest.mark.skipif(shutil.which("pdfimages") is None, reason="pdfimages of poppler is not here")
def test_pdf_has_the_picture(served, tmp_path):
    (tmp_path / "pack.pdf").write_bytes(pack_pdf(pack(served), playbook=shipped()))

    listed = subprocess.run(
        ["pdfimages", "-list", str(tmp_path / "pack.pdf")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()[2:]

    assert [line.split()[2] for line in listed][:1] == ["image"]


def test_pdf_of_an_engagement_without_months_has_none_and_is_made():
    assert pack_pdf(pack(make_term("2026-08-30")), playbook=shipped()).startswith(b"%PDF-")
