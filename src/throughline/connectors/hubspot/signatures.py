"""Whether a webhook comes from HubSpot: signatures over the body as it came, and nothing else.

Source: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_TIMESTAMP = 15  # digits; the year 33658
# The escapes that HubSpot takes back before it signs an address; a question mark stays as it is.
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)


def is_signed_v3(
    signature: str, *, secret: str, method: str, uri: str, body: bytes, timestamp: str, at: datetime
) -> bool:
    """Return whether a request carries HubSpot's signature, and came in time.

    Units: `uri` is the whole public address, from https:// to the query, as configuration knows it
    (behind a proxy the request does not); `timestamp` is the header's text, in milliseconds.
    """
    if not is_fresh(timestamp, at=at):
        return False
    return _equal(signature, sign_v3(secret, method, uri, body, timestamp))


def is_signed_v1(signature: str, *, secret: str, body: bytes) -> bool:
    """Return whether a request carries the older signature, which some private apps send.

    It says nothing of the time: whoever recorded one may send it again. Treat the event as a hint.
    """
    return _equal(signature, sign_v1(secret, body))


def is_fresh(timestamp: str, *, at: datetime) -> bool:
    """Return whether a timestamp lies within five minutes of an instant, before or after."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return False
    try:
        sent_at = _EPOCH + timedelta(milliseconds=int(timestamp))
    except OverflowError:
        return False
    return abs(at - sent_at) <= WINDOW


def sign_v3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """Return the signature of a request: base64 of HMAC-SHA256 over all its parts."""
    signed = method.encode() + decoded(uri).encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def sign_v1(secret: str, body: bytes) -> str:
    """Return the older signature: hexadecimal SHA-256 over secret and body."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def decoded(uri: str) -> str:
    """Return an address as HubSpot signs it: twelve escapes are taken back, the others stay."""
    return _ESCAPE.sub(lambda found: _DECODED[found.group().upper()], uri)


def _equal(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
