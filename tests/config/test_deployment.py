"""An installation under https, as Django and a browser see it."""

import os
import subprocess
import sys

import pytest

from throughline.cli.commands.serving import _behind_proxies

HTTPS = {"THROUGHLINE_BASE_URL": "https://throughline.example.org"}


def run(code, tmp_path, **environment):
    named = {
        "PATH": os.environ["PATH"], "THROUGHLINE_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "throughline.config.settings", **environment,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, *code], env=named, capture_output=True, text=True, check=False
    )


def test_check_for_deployment_finds_nothing_under_https(tmp_path):
    check = ["-m", "django", "check", "--deploy", "--fail-level", "INFO"]

    found = run(check, tmp_path, **HTTPS)

    assert (found.returncode, found.stdout.strip()) == (
        0, "System check identified no issues (0 silenced).",
    ), found.stderr  # fmt: skip


def test_check_sees_what_it_looks_for(tmp_path):
    found = run(["-m", "django", "check", "--deploy", "--fail-level", "INFO"], tmp_path)

    assert found.returncode == 1


SAID = """
from django.conf import settings as s
print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS,
      s.PROXIES, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE)
"""


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (HTTPS, "True True True 31536000 1 True Lax"),
        ({}, "False False False 0 0 True Lax"),
        (HTTPS | {"THROUGHLINE_PROXIES": "2"}, "True True True 31536000 2 True Lax"),
    ],
)
def test_https_turns_on_what_needs_it(tmp_path, environment, said):
    assert run(["-c", SAID], tmp_path, **environment).stdout.strip() == said


@pytest.mark.parametrize(("proxies", "believed"), [(0, None), (1, 1), (2, 2)])
def test_server_believes_as_many_proxies_as_there_are(settings, proxies, believed):
    settings.PROXIES = proxies

    assert _behind_proxies().get("trusted_proxy_count") == believed
