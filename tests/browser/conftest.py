"""A real Chromium, signed in; where there is none, these tests say so and are skipped."""

import os
import shutil
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from tests.browser.seeing import WIDTHS, Seen
from throughline.people.actions import add_user
from throughline.people.words import RoleName

CHROMIUM = os.environ.get("THROUGHLINE_CHROMIUM") or shutil.which("chromium") or ""


class Way(NamedTuple):
    """How somebody comes through the pages: with scripts or without, on which width."""

    scripts: bool
    width: str

    @property
    def name(self):
        return "scripts" if self.scripts else "no-scripts"


WITH, WITHOUT = Way(scripts=True, width="desktop"), Way(scripts=False, width="phone")
both_ways = pytest.mark.parametrize(
    "way", [WITH, WITHOUT], indirect=True, ids=["scripts-desktop", "no-scripts-phone"]
)


@pytest.fixture(scope="session")
def chromium():
    """Return the distribution's browser."""
    if not CHROMIUM:
        pytest.skip("No Chromium: put one on PATH, or name it in THROUGHLINE_CHROMIUM.")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed.")
    pytest.importorskip("axe_playwright_python.base", reason="axe is not installed.")
    # Playwright's loop lives in this thread; the database is used by the test alone, not by it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def way(request):
    """Return the way of a walk: with scripts, on a desk, unless the test walks both."""
    return getattr(request, "param", WITH)


@pytest.fixture
def seen(way):
    """Return what keeps the problems of the pages that a walk comes through."""
    return Seen(way)


@contextmanager
def opened_by(chromium, live_server, way, *cookies):
    """Return a page of somebody who comes a way; nobody is signed in, but for what cookies say."""
    across, down = WIDTHS[way.width]
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": across, "height": down},
        java_script_enabled=way.scripts,
        reduced_motion="reduce",
    )
    context.add_cookies([{**cookie, "url": live_server.url} for cookie in cookies])
    opened = context.new_page()
    # The first page of a server that has just begun loads its libraries.
    opened.set_default_timeout(30_000)
    yield opened
    context.close()


@contextmanager
def signed_in(chromium, live_server, name, role, way=WITH):
    """Return a page in which somebody with a role is signed in."""
    person = add_user(name, roles=frozenset({role}), by="test", at=timezone.now())
    client = Client()
    client.force_login(person)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    with opened_by(
        chromium, live_server, way, {"name": cookie.key, "value": cookie.value}
    ) as opened:
        yield opened


@pytest.fixture
def page(chromium, live_server, settings, tmp_path, way):
    """Return a page in which somebody of BD is signed in."""
    settings.HOME = tmp_path
    with signed_in(chromium, live_server, "bo", RoleName.BD, way) as opened:
        yield opened


@pytest.fixture
def ps_page(chromium, live_server, settings, tmp_path, way):
    """Return a page in which somebody of PS is signed in."""
    settings.HOME = tmp_path
    with signed_in(chromium, live_server, "pia", RoleName.PS, way) as opened:
        yield opened


@pytest.fixture
def outside(chromium, live_server, way):
    """Return a page of somebody who has no account."""
    with opened_by(chromium, live_server, way) as opened:
        yield opened
