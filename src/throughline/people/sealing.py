"""Keeping a secret that is needed again: sealed with the installation's key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from throughline.kernel.errors import Refused


def sealed(secret: str) -> str:
    """Return a secret as the table may hold it."""
    return _box().encrypt(secret.encode()).decode()


def opened(text: str) -> str:
    """Return a secret that was sealed here.

    Raises:
        Refused: it was sealed with another key.
    """
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise Refused(
            "The secret was sealed with another THROUGHLINE_SECRET_KEY.",
            remedy="Set the old key, or make a new secret.",
        ) from error


def _box() -> Fernet:
    key = hashlib.sha256(b"throughline.sealed:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
