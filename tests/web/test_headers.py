"""What every answer carries, what a browser is told under https, and that a check sees what is gone."""

import json
import logging
import re

import pytest
from django.core.checks import Tags, run_checks
from django.test import Client

from tests.factories import NOON
from tests.web.test_access import EXPECTED, address_of, world  # noqa: F401 -- a fixture

UNDER_HTTPS = {
    "SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True, "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True, "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "SECRET_KEY": "".join(chr(33 + place) for place in range(60)), "DEBUG": False,
}  # fmt: skip
# What is taken away, and how the check names it.
GONE = {
    "SECURE_HSTS_SECONDS": (0, "security.W004"),
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": (False, "security.W005"),
    "SECURE_CONTENT_TYPE_NOSNIFF": (False, "security.W006"),
    "SECURE_SSL_REDIRECT": (False, "security.W008"),
    "SECRET_KEY": ("short", "security.W009"),
    "SESSION_COOKIE_SECURE": (False, "security.W012"),
    "CSRF_COOKIE_SECURE": (False, "security.W016"),
    "DEBUG": (True, "security.W018"),
    "X_FRAME_OPTIONS": ("SAMEORIGIN", "security.W019"),
    "SECURE_HSTS_PRELOAD": (False, "security.W021"),
    "SECURE_REFERRER_POLICY": (None, "security.W022"),
}
DRAWN = {"image/svg+xml", "text/calendar", "text/plain", "application/json"}  # shown, not saved


@pytest.fixture
def https(settings):
    for name, value in UNDER_HTTPS.items():
        setattr(settings, name, value)
    return settings


def found_by_check():
    return {one.id for one in run_checks(tags=[Tags.security], include_deployment_checks=True)}


def test_check_for_deployment_is_content_under_https(https):
    assert found_by_check() == set()


@pytest.mark.parametrize("name", GONE)
def test_check_for_deployment_sees_what_is_taken_away(name, https):
    value, code = GONE[name]
    setattr(https, name, value)

    assert code in found_by_check()


def test_cookies_and_strict_transport_under_https(https, person):
    person("BD")
    client = Client(HTTP_X_FORWARDED_PROTO="https")
    client.get("/sign-in/")
    answer = client.post("/sign-in/", {"username": "bd", "password": "correct horse battery"})
    plain = Client().get("/sign-in/")

    cookies = {
        name: (bool(one["secure"]), bool(one["httponly"]), one["samesite"])
        for name, one in client.cookies.items()
    }
    assert answer.headers["Strict-Transport-Security"] == (
        "max-age=31536000; includeSubDomains; preload"
    )
    assert cookies == {"sessionid": (True, True, "Lax"), "csrftoken": (True, True, "Lax")}
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://testserver/sign-in/")


def test_every_answer_says_how_it_may_be_shown(world, browser):  # noqa: F811 -- the fixture
    client, wrong = browser("Admin"), {}
    for name, (method, _hats) in EXPECTED.items():
        if method != "get":
            continue
        answer = client.get(address_of(name, world))
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        held = {
            "nosniff": answer.headers.get("X-Content-Type-Options") == "nosniff",
            "policy": "default-src 'self'" in (policy := answer.headers["Content-Security-Policy"])
            or "default-src 'none'" in policy,
            "no inline code": re.search(r"script-src[^;]*unsafe|unsafe-eval", policy) is None,
            "frame": answer.headers.get("X-Frame-Options") in {"DENY", "SAMEORIGIN"},
            "referrer": answer.headers.get("Referrer-Policy") == "same-origin",
            "saved": kind in DRAWN | {"text/html"}
            or answer.headers.get("Content-Disposition", "").startswith("attachment"),
        }
        if missing := [what for what, holds in held.items() if not holds]:
            wrong[name] = (kind, missing)

    assert wrong == {}


REPORT = {
    "csp-report": {
        "document-uri": "https://t.example/s/secret-token/", "blocked-uri": "https://evil.example/x",
        "effective-directive": "script-src-elem\nforged line",
    }
}  # fmt: skip


def report(body=REPORT):
    text = body if isinstance(body, str) else json.dumps(body)
    return Client().post("/hooks/csp", text, content_type="application/csp-report")


def test_what_a_policy_kept_out_is_in_the_log_without_the_address_of_the_page(db, caplog):
    with caplog.at_level(logging.WARNING, "throughline"):
        answer = report()

    [line] = [one.getMessage() for one in caplog.records if one.name.startswith("throughline")]
    assert answer.status_code == 204
    assert line == (
        "The content security policy kept something out: effective-directive script-src-elem"
        " forged line, blocked-uri https://evil.example/x"
    )


@pytest.mark.parametrize("body", ["", "[]", "{", '{"csp-report": 3}', '{"csp-report": "x"}'])
def test_report_that_is_none_says_nothing(body, db, caplog):
    assert report(body).status_code == 204
    assert [one for one in caplog.records if one.name.startswith("throughline")] == []


def test_reports_do_not_fill_the_log(db, caplog, monkeypatch):
    monkeypatch.setattr("throughline.web.hooks.policy.MOST", 2)
    monkeypatch.setattr("throughline.web.hooks.policy.timezone.now", lambda: NOON)

    answers = [report().status_code for _time in range(3)]

    assert answers == [204, 204, 429]
    assert len([one for one in caplog.records if one.name.startswith("throughline")]) == 2
