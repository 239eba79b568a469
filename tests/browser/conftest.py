"""A real Chromium, signed in; where there is none, these tests say so and are skipped."""

import os
import shutil
from contextlib import contextmanager

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from throughline.people.actions import add_user
from throughline.people.words import RoleName

CHROMIUM = os.environ.get("THROUGHLINE_CHROMIUM") or shutil.which("chromium") or ""


@pytest.fixture(scope="session")
def chromium():
    """Return the distribution's browser."""
    if not CHROMIUM:
        pytest.skip("No Chromium: put one on PATH, or name it in THROUGHLINE_CHROMIUM.")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed.")
    # Playwright's loop lives in this thread; the database is used by the test alone, not by it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def signed_in(chromium, live_server, name, role):
    """Return a page in which somebody with a role is signed in."""
    person = add_user(name, roles=frozenset({role}), by="test", at=timezone.now())
    client = Client()
    client.force_login(person)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 1400, "height": 900}
    )
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    yield opened
    context.close()


@pytest.fixture
def page(chromium, live_server, settings, tmp_path):
    """Return a page in which somebody of BD is signed in."""
    settings.HOME = tmp_path
    with signed_in(chromium, live_server, "bo", RoleName.BD) as opened:
        yield opened


@pytest.fixture
def ps_page(chromium, live_server, settings, tmp_path):
    """Return a page in which somebody of PS is signed in."""
    settings.HOME = tmp_path
    with signed_in(chromium, live_server, "pia", RoleName.PS) as opened:
        yield opened
