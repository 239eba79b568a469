"""The workbook on the page of billing: downloaded, brought back, refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.billing.workbook_world import group
from throughline.billing.workbook import put_group, workbook_path
from throughline.journal.models import Entry

pytestmark = pytest.mark.django_db


def text_of(response):
    return " ".join(response.content.decode().split())


def bring(client, content, name="mine.xlsx"):
    return client.post("/billing/workbook/", {"file": SimpleUploadedFile(name, content)})


def test_workbook_is_downloaded_as_a_file_and_comes_back_in_its_place(browser):
    put_group(group())
    client = browser("BD")
    assert "Download the workbook" in text_of(client.get("/billing/"))

    given = client.get("/billing/workbook.xlsx")
    assert given.headers["Content-Disposition"].startswith('attachment; filename="cloud-costs-')
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in given.headers["Cache-Control"]
    assert bring(client, given.content).status_code == 302

    assert workbook_path().read_bytes() == given.content
    assert "mine.xlsx is the workbook now." in text_of(client.get("/billing/"))
    assert Entry.objects.filter(act="billing.workbook.replaced").count() == 1


def test_workbook_that_was_written_meanwhile_is_not_replaced(browser):
    put_group(group())
    client = browser("BD")
    given = client.get("/billing/workbook.xlsx").content
    put_group(group(13, "earth", "13 Earth"))
    before = workbook_path().read_bytes()

    answer = bring(client, given)

    assert (answer.status_code, workbook_path().read_bytes()) == (422, before)
    assert "cloud cost of 13 Earth on earth: there here, nothing in yours" in text_of(answer)


def test_what_is_no_workbook_or_was_never_made_is_said_with_what_to_do(browser):
    client = browser("BD")

    assert "There is no workbook yet" in text_of(client.get("/billing/"))
    missing = client.get("/billing/workbook.xlsx")
    assert (missing.status_code, "Apply the handoff" in text_of(missing)) == (422, True)
    strange = bring(client, b"month,cost", "a.csv")
    assert strange.status_code == 422
    assert "a.csv is no XLSX workbook." in text_of(strange)


def test_page_says_where_the_columns_are_if_google_sheets_is_their_home(browser, settings):
    settings.SHEETS_SPREADSHEET = "1AbC"

    page = text_of(browser("BD").get("/billing/"))

    assert 'href="https://docs.google.com/spreadsheets/d/1AbC/edit"' in page
    assert "Bring it back" not in page
