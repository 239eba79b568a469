"""Signing what goes out, so that a receiver knows that it is ours, whole and not old.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

PREFIX: Final = "whsec_"


def new_secret(randomness: bytes) -> str:
    """Return a secret as receivers' libraries take it; 24 to 64 bytes of randomness.

    Raises:
        ValueError: there are fewer or more.
    """
    if not 24 <= len(randomness) <= 64:  # noqa: PLR2004 -- the specification's bounds
        raise ValueError("A webhook's secret has 24 to 64 bytes.")
    return PREFIX + base64.b64encode(randomness).decode()


def signed_headers(
    message_id: str, timestamp_s: int, body: bytes, secrets: Iterable[str]
) -> dict[str, str]:
    """Return the headers of one attempt: with each secret that is good now, one signature."""
    signatures = [_signature(message_id, timestamp_s, body, secret) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }


def _signature(message_id: str, timestamp_s: int, body: bytes, secret: str) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("A webhook's secret is base64 after its prefix.") from error
    told = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
