"""JupyterHub, as far as we ask it: does it answer, and as which version?"""

import re
from types import TracebackType
from typing import Annotated, Self

import httpx
from pydantic import BaseModel, ConfigDict, StringConstraints

from throughline.connectors.http import NotSendable, open_client, read, send

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE)


class HubVersion(BaseModel):
    """What a hub says about itself to everybody."""

    model_config = ConfigDict(frozen=True, strict=True)

    version: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[\w.+-]+$")]


class JupyterHub:
    """One hub. Holds no state but the session; close it, or use it in `with`."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the session."""
        self._http.close()

    def version(self) -> HubVersion:
        """Return the version that the hub answers with; no token is needed.

        Source: https://jupyterhub.readthedocs.io/en/stable/reference/rest-api.html (GET /)

        Raises:
            NotFound: something answers there, and it has no JupyterHub API.
            Transient: the hub was slow, down, or asked us to wait.
            Permanent: what answers there refused the call.
            UnknownShape: what answers there is no JupyterHub that we know.
        """
        return read(send(self._http, "GET", "/hub/api"), HubVersion)


def connect(domain: str) -> JupyterHub:
    """Return the hub at a domain, to be asked over https.

    Raises:
        NotSendable: the text is not a domain.
    """
    if not _DOMAIN.fullmatch(domain):
        raise NotSendable(f"{domain!r} is not a domain: write, say, hub.example.org.")
    return JupyterHub(open_client(f"https://{domain}"))
