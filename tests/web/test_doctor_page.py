"""The doctor as a page: what it asks without being told to, and what it says to do."""

import pytest

from tests.factories import make_person
from throughline.intake import doctor
from throughline.people.words import RoleName

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(make_person("adm", RoleName.ADMIN))
    return client


def test_page_names_each_check_and_puts_what_is_to_mend_first(admin, settings):
    settings.BASE_URL = "http://throughline.example.org"
    page = admin.get("/doctor/")

    checks = page.context["checks"]
    assert (checks[0].name, checks[0].is_well) == ("address", False)
    assert {"home", "database", "journal", "mail", "worker"} <= {one.name for one in checks}
    text = page.content.decode()
    assert "1 thing to mend" in text
    assert "Serve it over https and set THROUGHLINE_BASE_URL to that." in text


def test_page_asks_nobody_outside_until_it_is_told_to(admin, monkeypatch):
    def ask(*_):
        pytest.fail("A system outside was asked.")

    monkeypatch.setattr(doctor, "OUTSIDE", (ask,))
    monkeypatch.setattr(doctor, "hubspot", ask)
    page = admin.get("/doctor/")

    assert not {"github", "hubspot", "sheets", "aws"} & {one.name for one in page.context["checks"]}
    assert "have not been asked yet" in page.content.decode()


def test_outside_is_asked_when_it_is_told_to(admin):
    page = admin.post("/doctor/outside/")

    assert {"github", "hubspot", "sheets", "aws"} <= {one.name for one in page.context["checks"]}
    assert "GitHub is not connected." in page.content.decode()
