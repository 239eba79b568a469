"""A half-configured GitHub is an error at start that says what is missing."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from throughline.config.github import env_github

PEM = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n"
PREFIX = "THROUGHLINE_GITHUB_"
WHOLE = {"REPOSITORY": "2i2c-org/infrastructure", "TOKEN": "ghp_x"}
APP = {"REPOSITORY": "2i2c-org/infrastructure", "APP_ID": "12", "APP_KEY": PEM, "INSTALLATION": "7"}


@pytest.fixture
def read(monkeypatch):
    def read(**given):
        for name, value in given.items():
            monkeypatch.setenv(PREFIX + name, value)
        return env_github()

    return read


def test_nothing_set_is_a_complete_installation(read):
    found = read()

    assert (found.repository, found.token, found.project) == ("", "", 0)
    assert (found.url, found.label, found.status) == (
        "https://api.github.com", "throughline", "Todo",
    )  # fmt: skip


def test_repository_and_token_are_enough(read):
    found = read(**WHOLE, PROJECT="7", URL="http://127.0.0.1:9/")

    assert (found.repository, found.token, found.project, found.url) == (
        "2i2c-org/infrastructure", "ghp_x", 7, "http://127.0.0.1:9",
    )  # fmt: skip


@pytest.mark.parametrize("as_text", [PEM, PEM.replace("\n", "\\n")])
def test_app_takes_its_key_as_text_or_from_its_file(read, tmp_path, as_text):
    assert read(**APP | {"APP_KEY": as_text}).app_key == PEM.strip() + "\n" * as_text.endswith(
        "\\n"
    )
    file = tmp_path / "app.pem"
    file.write_text(PEM)

    assert read(**APP | {"APP_KEY": str(file)}).app_key == PEM


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"TOKEN": "x"}, "THROUGHLINE_GITHUB_REPOSITORY is missing: write owner/name"),
        ({"REPOSITORY": "a/b"}, "GitHub needs a way in: set THROUGHLINE_GITHUB_TOKEN"),
        ({"PROJECT": "7"}, "GitHub needs a way in: set THROUGHLINE_GITHUB_TOKEN"),
        (WHOLE | {"APP_ID": "1"}, "THROUGHLINE_GITHUB_TOKEN and THROUGHLINE_GITHUB_APP_ID are two"),
        (
            {"REPOSITORY": "a/b", "APP_ID": "1"},
            "A GitHub App needs THROUGHLINE_GITHUB_APP_KEY and THROUGHLINE_GITHUB_INSTALLATION",
        ),
        (APP | {"INSTALLATION": "0"}, "A GitHub App needs THROUGHLINE_GITHUB_INSTALLATION as well"),
        (WHOLE | {"REPOSITORY": "2i2c"}, "THROUGHLINE_GITHUB_REPOSITORY='2i2c' is no repository"),
        (WHOLE | {"REPOSITORY": "https://github.com/a/b"}, "is no repository: write owner/name"),
        (WHOLE | {"PROJECT": "seven"}, "THROUGHLINE_GITHUB_PROJECT='seven' is not a whole number"),
        (WHOLE | {"URL": "api.github.com"}, "is no address: write https://api.github.com"),
        (WHOLE | {"LABEL": "a,b"}, "THROUGHLINE_GITHUB_LABEL='a,b' cannot begin a label"),
        (APP | {"APP_KEY": "/no/such.pem"}, "cannot be read: name the App's .pem file"),
        (APP | {"APP_KEY": __file__}, "holds no private key: name the App's .pem file"),
    ],
)
def test_half_of_it_is_an_error_that_says_what_to_write(read, given, told):
    with pytest.raises(ImproperlyConfigured) as raised:
        read(**given)

    assert told in str(raised.value)


def test_key_is_never_in_a_message(read):
    with pytest.raises(ImproperlyConfigured) as raised:
        read(**{**APP, "INSTALLATION": "0"})

    assert "BEGIN" not in str(raised.value)
