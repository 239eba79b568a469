"""Access tokens of a Google service account: one request for an hour, and no retries."""

import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx
from google.auth import exceptions, transport
from google.oauth2 import service_account

from throughline.connectors.http import open_client
from throughline.kernel.errors import Permanent, Transient

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
COME_LATER = frozenset({408, 429})


class KeyRefused(Permanent):
    """Google does not accept the service account's key; a person has to make a new one."""


class Tokens:
    """The token of one service account, asked for anew when it has run out."""

    def __init__(self, key: Mapping[str, str]) -> None:
        """Use a key file's content.

        Raises:
            KeyRefused: it is no key of a service account.
        """
        self._lock = threading.Lock()
        try:
            make = service_account.Credentials.from_service_account_info
            self._credentials = make(dict(key), scopes=SCOPES)  # type: ignore[no-untyped-call]  # google-auth has no types here
        except (ValueError, KeyError, exceptions.GoogleAuthError) as error:
            raise KeyRefused(
                f"It is no key of a service account ({type(error).__name__})."
            ) from None

    @property
    def account(self) -> str:
        """Whom a person shares the spreadsheet with."""
        return str(self._credentials.service_account_email)

    def get(self) -> str:
        """Return a token that is good for now.

        Raises:
            KeyRefused: Google does not accept the key.
            Transient: the token could not be had for now.
        """
        with self._lock:
            if not self._credentials.valid:
                self._refresh()
            return str(self._credentials.token)

    def forget(self) -> None:
        """Ask for a new one the next time: this one was not accepted."""
        with self._lock:
            self._credentials.token = None

    def _refresh(self) -> None:
        try:
            self._credentials.refresh(_once)
        except exceptions.TransportError as error:
            raise Transient(f"Google gave no token for now: {error}") from error
        except exceptions.GoogleAuthError as error:
            said = error.args[0] if error.args else ""
            raise KeyRefused(f"Google does not accept the service account's key: {said}") from error


@lru_cache(maxsize=4)
def tokens_for(key: tuple[tuple[str, str], ...]) -> Tokens:
    """Return the tokens of a key; the same ones for every pass, so that an hour needs one."""
    return Tokens(dict(key))


class _Response(transport.Response):
    """An answer as google-auth reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return dict(self._answer.headers)

    @property
    def data(self) -> bytes:
        return self._answer.content


def _once(
    url: str, method: str = "GET", body: Any = None, headers: Any = None, **_rest: Any
) -> _Response:
    """Send one request for google-auth, which retries what comes back as unwell: so it does not.

    Raises:
        TransportError: no answer came, or one that time will mend.
    """
    try:
        with open_client("") as http:
            answer = http.request(method, url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = f"{type(error).__name__}: {error}"
        raise exceptions.TransportError(said) from error  # type: ignore[no-untyped-call]  # google-auth has no types here
    if answer.is_server_error or answer.status_code in COME_LATER:
        said = f"{answer.status_code} {answer.reason_phrase}"
        raise exceptions.TransportError(said)  # type: ignore[no-untyped-call]  # google-auth has no types here
    return _Response(answer)
