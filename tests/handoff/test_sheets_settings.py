"""Half a connection is an error at start that says what to write, and never quotes the key."""

import json
import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from throughline.config.sheets import env_sheets

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
KEY = {"client_email": "a@b.example", "private_key": "secret words", "token_uri": "https://x"}


@pytest.fixture
def named(monkeypatch):
    def name(**settings):
        for key in [key for key in os.environ if key.startswith("THROUGHLINE_SHEETS_")]:
            monkeypatch.delenv(key)
        for key, value in settings.items():
            monkeypatch.setenv(f"THROUGHLINE_SHEETS_{key}", value)

    return name


def test_nothing_named_is_not_connected(named):
    named()
    assert env_sheets() == ("https://sheets.googleapis.com", "", {}, "Cloud costs")


def test_key_is_read_from_its_text_or_its_file(named, tmp_path):
    named(SPREADSHEET=ID, KEY=json.dumps(KEY))
    assert env_sheets().key == KEY
    path = tmp_path / "key.json"
    path.write_text(json.dumps(KEY))
    named(SPREADSHEET=ID, KEY=str(path), TAB="Billing")
    assert (env_sheets().key, env_sheets().tab) == (KEY, "Billing")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"SPREADSHEET": ID}, "go together: set both, or neither"),
        ({"KEY": json.dumps(KEY)}, "go together: set both, or neither"),
        ({"SPREADSHEET": "billing", "KEY": json.dumps(KEY)}, "'billing' is no spreadsheet: write"),
        ({"SPREADSHEET": ID, "KEY": "{secret words"}, "KEY holds no JSON: name the key file"),
        ({"SPREADSHEET": ID, "KEY": "/nowhere.json"}, "'/nowhere.json' cannot be read as JSON"),
        ({"SPREADSHEET": ID, "KEY": '{"private_key": "secret words"}'}, "is no key of a service"),
        ({"SPREADSHEET": ID, "KEY": "[]"}, "cannot be read as JSON"),
        ({"URL": "sheets.googleapis.com"}, "is no address: write https://sheets.googleapis.com"),
    ],
)
def test_settings_that_do_not_fit_together_say_what_to_write(named, given, message):
    named(**given)

    with pytest.raises(ImproperlyConfigured) as refused:
        env_sheets()

    assert message in str(refused.value)
    assert "secret" not in str(refused.value)
