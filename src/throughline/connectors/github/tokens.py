"""Who we are to GitHub: the holder of a token, or an App's installation with tokens for an hour."""

import threading
import time
from collections.abc import Callable

import jwt

from throughline.connectors.github.answers import Installed
from throughline.connectors.github.failures import meaning
from throughline.connectors.http import NotSendable, open_client, read, send

API_VERSION = "2022-11-28"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION}
PROOF_S = 540  # GitHub takes ten minutes at most, counted by its own clock
CLOCKS_DIFFER_S = 60
NEW_BEFORE_S = 300  # a pass must not outlive the token that it began with


class FixedToken:
    """A personal access token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self) -> str:
        return self._token


class InstallationToken:
    """The token of a GitHub App's installation: fetched when it is needed, kept until it ends.

    `clock` is the machine's, not the instant of a pass: GitHub checks what we sign by its own.

    Source: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
    """

    def __init__(
        self,
        url: str,
        *,
        app_id: str,
        key: str,
        installation: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url, self._app_id, self._key, self._installation = url, app_id, key, installation
        self._clock, self._lock = clock, threading.Lock()
        self._kept: Installed | None = None

    def __call__(self) -> str:
        """Return a token that holds for some minutes more.

        Raises:
            Unauthorised: GitHub does not know the App by this key.
            NotFound: the App is not installed there.
            NotSendable: the key is no private key.
            Transient: GitHub was slow, down, or asked us to wait.
            UnknownShape: the answer holds no token.
        """
        with self._lock:
            kept = self._kept
            if kept is None or kept.expires_at.timestamp() - NEW_BEFORE_S <= self._clock():
                self._kept = kept = self._fetch()
            return kept.token

    def _fetch(self) -> Installed:
        path = f"/app/installations/{self._installation}/access_tokens"
        headers = {**HEADERS, "Authorization": f"Bearer {self._proof()}"}
        with open_client(self._url, headers=headers) as http:
            return read(send(http, "POST", path, reading=meaning), Installed)

    def _proof(self) -> str:
        """Return our signature for the next minutes.

        Raises:
            NotSendable: the key is none.
        """
        now = int(self._clock())
        said = {"iss": self._app_id, "iat": now - CLOCKS_DIFFER_S, "exp": now + PROOF_S}
        try:
            return jwt.encode(said, self._key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise NotSendable("The GitHub App's key is no private key in PEM form.") from error


Token = FixedToken | InstallationToken
