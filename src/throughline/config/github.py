"""What the environment says of GitHub: all that is needed, or nothing of it."""

import re
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

from throughline.config.env import env_int, env_text

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
LABEL = re.compile(r"[^,:\s\"][^,:\"]{0,28}[^,:\s\"]")  # GitHub takes 50 letters, ours come after
APP = ("THROUGHLINE_GITHUB_APP_ID", "THROUGHLINE_GITHUB_APP_KEY", "THROUGHLINE_GITHUB_INSTALLATION")
PEM = "-----BEGIN"


class GitHubSettings(NamedTuple):
    """Where GitHub is, who we are there, and which place in it is ours."""

    url: str
    repository: str  # "" where GitHub is not connected
    token: str  # or the three of the App
    app_id: str
    app_key: str  # PEM
    installation: int
    project: int  # 0 without a board
    label: str
    status: str


def env_github() -> GitHubSettings:
    """Return the settings of GitHub.

    Raises:
        ImproperlyConfigured: one is wrong, or another one that it needs is missing.
    """
    found = GitHubSettings(
        url=env_text("THROUGHLINE_GITHUB_URL", "https://api.github.com").rstrip("/"),
        repository=env_text("THROUGHLINE_GITHUB_REPOSITORY", ""),
        token=env_text("THROUGHLINE_GITHUB_TOKEN", ""),
        app_id=env_text("THROUGHLINE_GITHUB_APP_ID", ""),
        app_key=_key(env_text("THROUGHLINE_GITHUB_APP_KEY", "")),
        installation=env_int("THROUGHLINE_GITHUB_INSTALLATION", 0),
        project=env_int("THROUGHLINE_GITHUB_PROJECT", 0),
        label=env_text("THROUGHLINE_GITHUB_LABEL", "throughline"),
        status=env_text("THROUGHLINE_GITHUB_STATUS", "Todo"),
    )
    _check_words(found)
    _check_together(found)
    return found


def _check_words(found: GitHubSettings) -> None:
    """Pass if each setting is a word of its kind.

    Raises:
        ImproperlyConfigured: one is not.
    """
    if not found.url.startswith(("https://", "http://")):
        raise ImproperlyConfigured(
            f"THROUGHLINE_GITHUB_URL={found.url!r} is no address: write https://api.github.com."
        )
    if found.repository and not REPOSITORY.fullmatch(found.repository):
        raise ImproperlyConfigured(
            f"THROUGHLINE_GITHUB_REPOSITORY={found.repository!r} is no repository: write owner/name."
        )
    if not LABEL.fullmatch(found.label):
        raise ImproperlyConfigured(
            f"THROUGHLINE_GITHUB_LABEL={found.label!r} cannot begin a label: write a word of 2 to 30"
            " letters, without commas, colons and quotation marks."
        )


def _check_together(found: GitHubSettings) -> None:
    """Pass if GitHub is named with a way in, or not at all.

    Raises:
        ImproperlyConfigured: a part is missing, or there are two ways in.
    """
    app = dict(zip(APP, (found.app_id, found.app_key, found.installation), strict=True))
    given = [name for name, value in app.items() if value]
    missing = [name for name in APP if name not in given]
    if found.token and given:
        raise ImproperlyConfigured(
            f"THROUGHLINE_GITHUB_TOKEN and {given[0]} are two ways in: set one of them."
        )
    if given and missing:
        raise ImproperlyConfigured(
            f"A GitHub App needs {' and '.join(missing)} as well: set it, or use"
            " THROUGHLINE_GITHUB_TOKEN."
        )
    has_way_in = bool(found.token or given)
    if has_way_in and not found.repository:
        raise ImproperlyConfigured(
            "THROUGHLINE_GITHUB_REPOSITORY is missing: write owner/name, where issues are made."
        )
    if not has_way_in and (found.repository or found.project):
        raise ImproperlyConfigured(
            "GitHub needs a way in: set THROUGHLINE_GITHUB_TOKEN, or an App's id, key and"
            " installation."
        )


def _key(named: str) -> str:
    """Return an App's private key: as it is, or from the file that is named.

    Raises:
        ImproperlyConfigured: there is no key there.
    """
    if not named or named.startswith(PEM):
        return named.replace("\\n", "\n")
    try:
        key = Path(named).expanduser().read_text()
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(
            f"THROUGHLINE_GITHUB_APP_KEY={named!r} cannot be read: name the App's .pem file."
        ) from error
    if not key.startswith(PEM):
        raise ImproperlyConfigured(
            f"THROUGHLINE_GITHUB_APP_KEY={named!r} holds no private key: name the App's .pem file."
        )
    return key
