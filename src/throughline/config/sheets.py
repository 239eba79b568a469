"""What the environment says of Google Sheets: all that is needed, or nothing of it."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

from throughline.config.env import env_text

SPREADSHEET = re.compile(r"[A-Za-z0-9_-]{20,}")
NEEDED = ("client_email", "private_key", "token_uri")


class SheetsSettings(NamedTuple):
    """Which spreadsheet is ours, and who we are there."""

    url: str
    spreadsheet: str  # "" where Google Sheets is not connected
    key: dict[str, str]  # of a service account
    tab: str


def env_sheets() -> SheetsSettings:
    """Return the settings of Google Sheets.

    Raises:
        ImproperlyConfigured: one is wrong, or the other one is missing.
    """
    url = env_text("THROUGHLINE_SHEETS_URL", "https://sheets.googleapis.com").rstrip("/")
    spreadsheet = env_text("THROUGHLINE_SHEETS_SPREADSHEET", "")
    key = env_text("THROUGHLINE_SHEETS_KEY", "")
    if bool(spreadsheet) != bool(key):
        raise ImproperlyConfigured(
            "THROUGHLINE_SHEETS_SPREADSHEET and THROUGHLINE_SHEETS_KEY go together: set both, or"
            " neither."
        )
    if spreadsheet and not SPREADSHEET.fullmatch(spreadsheet):
        raise ImproperlyConfigured(
            f"THROUGHLINE_SHEETS_SPREADSHEET={spreadsheet!r} is no spreadsheet: write the long id"
            " that stands behind /d/ in the address of its page."
        )
    if not url.startswith(("https://", "http://")):
        raise ImproperlyConfigured(
            f"THROUGHLINE_SHEETS_URL={url!r} is no address: write https://sheets.googleapis.com."
        )
    tab = env_text("THROUGHLINE_SHEETS_TAB", "Cloud costs")
    return SheetsSettings(url, spreadsheet, _key(key) if key else {}, tab)


def _key(named: str) -> dict[str, str]:
    """Return a service account's key: the JSON itself, or the file that is named.

    Raises:
        ImproperlyConfigured: there is no key there; messages never quote it.
    """
    is_text = named.lstrip().startswith("{")
    try:
        found = json.loads(named if is_text else Path(named).expanduser().read_text())
    except (OSError, ValueError) as error:
        what = "holds no JSON" if is_text else f"={named!r} cannot be read as JSON"
        raise ImproperlyConfigured(
            f"THROUGHLINE_SHEETS_KEY{'' if not is_text else ' '}{what}: name the key file of a"
            " service account."
        ) from error
    if not isinstance(found, dict) or any(not found.get(name) for name in NEEDED):
        raise ImproperlyConfigured(
            "THROUGHLINE_SHEETS_KEY is no key of a service account: name the JSON file that Google's"
            " console gives out for it."
        )
    return {str(name): str(value) for name, value in found.items()}
