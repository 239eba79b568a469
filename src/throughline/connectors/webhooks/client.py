"""Sending a webhook once, to an address that may be sent to."""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx

from throughline.connectors.http import NotSendable, open_client, retry_after_s
from throughline.kernel.errors import Transient

SECURE_PORT: Final = 443
PLAIN_PORT: Final = 80
TIMEOUT_S = 10.0  # of connecting, and of each wait for an answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; its body is not read: whoever answers could send for ever."""

    status: int
    retry_after_s: float | None


def check_address(url: str, *, allows_private: bool) -> SplitResult:
    """Return the parts of an address that may be sent to, as far as its text tells.

    Raises:
        NotSendable: it is none, has a user in it, or is not https.
    """
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise NotSendable(f"{url!r} is no address: write https://host/path.") from error
    schemes = {"https", "http"} if allows_private else {"https"}
    if parts.scheme not in schemes or not parts.hostname:
        raise NotSendable(f"{url!r} is no https address: write https://host/path.")
    if parts.username or parts.password or not url.isascii() or not url.isprintable():
        raise NotSendable(f"{url!r} has signs in it that no address of a receiver has.")
    return parts


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allows_private: bool = False
) -> Answer:
    """Send one attempt, and return what was answered. No redirect is followed.

    The host's address is looked up once, checked, and then connected to: a name that answers
    something else the second time leads nowhere.

    Raises:
        NotSendable: the address may not be sent to: not https, or not a public one.
        Transient: no answer came.
    """
    parts = check_address(url, allows_private=allows_private)
    host = str(parts.hostname)
    port = parts.port or (SECURE_PORT if parts.scheme == "https" else PLAIN_PORT)
    address = _address_of(host, port, allows_private=allows_private)
    shown = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{shown}:{port}", fragment="").geturl()
    named = {**headers, "Host": parts.netloc, "Content-Type": "application/json"}
    with open_client("", timeout_s=TIMEOUT_S) as http:
        request = http.build_request(
            "POST", target, content=body, headers=named, extensions={"sni_hostname": host}
        )
        try:
            response = http.send(request, stream=True, follow_redirects=False)
        except httpx.HTTPError as error:
            raise Transient(f"{host}: {type(error).__name__}: {error}") from error
        try:
            return Answer(response.status_code, retry_after_s(response.headers))
        finally:
            response.close()


def _address_of(host: str, port: int, *, allows_private: bool) -> str:
    """Return one network address of a host, all of which may be sent to.

    Raises:
        NotSendable: one of them is not public.
        Transient: the name is not known at the moment.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Transient(f"{host}: no such host ({error}).") from error
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    inside = [one for one in addresses if not _is_public(one)]
    if inside and not allows_private:
        raise NotSendable(f"{host} is {inside[0]}, which is not a public address.")
    return addresses[0]


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast
