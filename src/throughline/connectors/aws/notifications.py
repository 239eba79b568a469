"""What Amazon SNS sends: proved by its signature, and a subscription confirmed.

Nothing that a message says is ever called: its certificate is fetched from SNS's own hosts only, and
a subscription is confirmed at an address that we put together ourselves from the topic.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Final, Literal
from urllib.parse import urlencode, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from throughline.connectors.http import open_client, send
from throughline.kernel.errors import Permanent

HOST: Final = re.compile(r"sns\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?")
CERTIFICATE: Final = re.compile(r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")
TOPIC: Final = re.compile(r"arn:aws(-cn)?[a-z-]*:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]+")
SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
SIGNED["UnsubscribeConfirmation"] = SIGNED["SubscriptionConfirmation"]
LARGEST_CERTIFICATE: Final = 20_000
MOST_KEPT: Final = 20

Fetch = Callable[[str], bytes]


class NotFromSns(Permanent):
    """Nothing proves that SNS sent this; the message says what is missing."""


class SnsMessage(BaseModel):
    """One message as SNS posts it."""

    model_config = ConfigDict(extra="ignore")

    Type: Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]
    MessageId: str = Field(min_length=1, max_length=100)
    TopicArn: str = Field(max_length=400)
    Message: str
    Timestamp: str = Field(max_length=60)
    SignatureVersion: Literal["1", "2"]
    Signature: str = Field(max_length=2000)
    SigningCertURL: str = Field(max_length=500)
    Subject: str | None = None
    Token: str | None = Field(None, max_length=2000)
    SubscribeURL: str | None = Field(None, max_length=4000)

    def as_signed(self) -> bytes:
        """Return the text that the signature is for."""
        parts = ((name, getattr(self, name)) for name in SIGNED[self.Type])
        return "".join(f"{name}\n{value}\n" for name, value in parts if value is not None).encode()


def read_message(body: bytes) -> SnsMessage:
    """Return a message as it was posted; nothing is proved yet.

    Raises:
        NotFromSns: it has another shape.
    """
    try:
        return SnsMessage.model_validate_json(body)
    except ValidationError as error:
        where = ", ".join(str(one["loc"][0]) if one["loc"] else "body" for one in error.errors())
        raise NotFromSns(f"This is no message of SNS: {where}.") from error


def check_signed(message: SnsMessage, *, at: datetime, fetch: Fetch) -> None:
    """Pass if a certificate of SNS's own hosts signed a message.

    Raises:
        NotFromSns: it did not, or the certificate lies elsewhere or is not valid at that instant.
        Transient: the certificate cannot be had for now.
    """
    certificate = _certificate(_checked_address(message.SigningCertURL), fetch)
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise NotFromSns("The certificate that signed it is not valid now.")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise NotFromSns("The certificate holds no key of the kind that SNS signs with.")
    digest = SHA1() if message.SignatureVersion == "1" else SHA256()  # noqa: S303 -- SNS's older way
    try:
        signature = base64.b64decode(message.Signature, validate=True)
        key.verify(signature, message.as_signed(), PKCS1v15(), digest)
    except (InvalidSignature, binascii.Error) as error:
        raise NotFromSns("Its signature is not SNS's.") from error


def _checked_address(url: str) -> str:
    """Return the address of a certificate, where it is one of SNS's.

    Raises:
        NotFromSns: it lies elsewhere.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotFromSns("The address of its certificate is none.") from error
    is_ours = (
        parts.scheme == "https"
        and HOST.fullmatch(parts.netloc) is not None
        and port is None
        and CERTIFICATE.fullmatch(parts.path) is not None
        and not parts.query
        and not parts.fragment
    )
    if not is_ours:
        raise NotFromSns("Its certificate does not lie with SNS.")
    return url


# By who fetches and the address: whoever signs, signs often, and two sources may hold different
# certificates at one address.
_KEPT: dict[tuple[Fetch, str], x509.Certificate] = {}


def _certificate(url: str, fetch: Fetch) -> x509.Certificate:
    if (fetch, url) not in _KEPT:
        try:
            found = x509.load_pem_x509_certificate(fetch(url)[:LARGEST_CERTIFICATE])
        except ValueError as error:
            raise NotFromSns("What lies at the address of its certificate is none.") from error
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[fetch, url] = found
    return _KEPT[fetch, url]


@cache
def fetch_from(base_url: str = "") -> Fetch:
    """Return what fetches certificates; from another address than SNS's own where one is given.

    One address has one, so that its certificates are kept between messages.

    Raises:
        Transient: what it returns does, where nobody answers.
    """

    def fetch(url: str) -> bytes:
        parts = urlsplit(_checked_address(url))
        with open_client(base_url or f"https://{parts.netloc}") as http:
            return send(http, "GET", parts.path).content

    return fetch


def confirm_subscription(message: SnsMessage, *, base_url: str = "") -> None:
    """Confirm the subscription that a proved message offers.

    Raises:
        NotFromSns: it offers none.
        Transient: SNS does not answer.
        Permanent: SNS refuses.
    """
    topic = TOPIC.fullmatch(message.TopicArn)
    if message.Type != "SubscriptionConfirmation" or not message.Token or topic is None:
        raise NotFromSns("It offers no subscription.")
    china = ".cn" if topic[1] else ""
    query = {"Action": "ConfirmSubscription", "TopicArn": message.TopicArn, "Token": message.Token}
    with open_client(base_url or f"https://sns.{topic[2]}.amazonaws.com{china}") as http:
        send(http, "GET", f"/?{urlencode(query)}")
