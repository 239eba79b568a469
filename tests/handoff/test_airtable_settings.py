"""Half a connection is an error at start that says what to write."""

import os
import subprocess
import sys

import pytest

BASE = "app" + 14 * "x"


def told(**settings):
    """Return what starting says on stderr with these settings; "" if it starts."""
    kept = {name: it for name, it in os.environ.items() if not name.startswith("THROUGHLINE_A")}
    named = {f"THROUGHLINE_AIRTABLE_{name}": value for name, value in settings.items()}
    ran = subprocess.run(
        [sys.executable, "-c", "import throughline.config.settings"],
        env=kept | named, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.stderr.strip().rpartition("ImproperlyConfigured: ")[2]


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"TOKEN": "pat1", "BASE": BASE}, ""),
        (
            {"TOKEN": "pat1"},
            (
                "THROUGHLINE_AIRTABLE_TOKEN and THROUGHLINE_AIRTABLE_BASE go together: set both,"
                " or neither."
            ),
        ),
        (
            {"TOKEN": "pat1", "BASE": "Engagements"},
            (
                "THROUGHLINE_AIRTABLE_BASE='Engagements' is no base: write its id, which begins"
                " with app, as in the address of its pages."
            ),
        ),
        (
            {"TOKEN": "pat1", "BASE": BASE, "URL": "api.airtable.com"},
            (
                "THROUGHLINE_AIRTABLE_URL='api.airtable.com' is no address: write"
                " https://api.airtable.com."
            ),
        ),
    ],
)
def test_settings_that_do_not_fit_together_say_what_to_write(named, message):
    assert told(**named) == message
