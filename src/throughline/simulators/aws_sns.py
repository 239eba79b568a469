"""An Amazon SNS that signs what it sends, shows its certificate, and lets itself be confirmed."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509.oid import NameOID

from throughline.simulators.server import Call, Reply, Simulator

HOST = "sns.us-east-1.amazonaws.com"
PATH = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
TOPIC = "arn:aws:sns:us-east-1:123456789012:budgets"
FIRST_OFFER = "first"  # what a subscription is confirmed with
USUAL = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
# Written out, and not taken from the connector: what proves must not rest on what is proved.
IN_NOTIFICATIONS = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
IN_CONFIRMATIONS = (
    "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
)  # fmt: skip


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _pem() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(1)
        .not_valid_before(FIRST)
        .not_valid_after(LAST)
        .sign(_key(), SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


class SnsSimulator(Simulator):
    """One topic. `confirmed` holds the tokens that were confirmed.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
    """

    def __init__(self, topic: str = TOPIC, now: Callable[[], datetime] = lambda: USUAL) -> None:
        super().__init__()
        self.topic = topic
        self.now = now
        self.confirmed: list[str] = []
        self._sent = 0

    def answer(self, call: Call) -> Reply:
        """Return the certificate, confirm a subscription, or sign what is to be sent.

        SNS has no address such as /sign; it is for people, who carry on what it answers.
        """
        if call.path == "/sign" and call.method == "POST":
            return Reply(200, self.notification(call.body.decode()).decode())
        if call.path == "/offer":
            return Reply(200, self.confirmation().decode())
        if call.path == PATH:
            return Reply(200, _pem().decode())
        if call.query.get("Action") == "ConfirmSubscription" and call.query.get("Token"):
            if call.query.get("TopicArn") != self.topic:
                return Reply(
                    404, "<ErrorResponse><Error><Code>NotFound</Code></Error></ErrorResponse>"
                )
            self.confirmed.append(call.query["Token"])
            return Reply(200, "<ConfirmSubscriptionResponse/>")
        return Reply(404, "Not found")

    def notification(self, message: str, *, subject: str = "", **changed: Any) -> bytes:
        """Return a signed notification as it is posted; `changed` is changed before signing."""
        told = self._envelope("Notification", message) | ({"Subject": subject} if subject else {})
        return self._signed(told | changed, IN_NOTIFICATIONS)

    def confirmation(self, token: str = FIRST_OFFER, **changed: Any) -> bytes:
        """Return the signed offer of a subscription."""
        url = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={self.topic}&Token={token}"
        told = self._envelope("SubscriptionConfirmation", "You have chosen to subscribe.")
        told |= {"Token": token, "SubscribeURL": url}
        return self._signed(told | changed, IN_CONFIRMATIONS)

    def _envelope(self, kind: str, message: str) -> dict[str, Any]:
        self._sent += 1
        return {
            "Type": kind,
            "MessageId": f"00000000-0000-0000-0000-{self._sent:012}",
            "TopicArn": self.topic,
            "Message": message,
            "Timestamp": f"{self.now().astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": f"https://{HOST}{PATH}",
        }

    @staticmethod
    def _signed(told: dict[str, Any], names: tuple[str, ...]) -> bytes:
        text = "".join(f"{name}\n{told[name]}\n" for name in names if name in told)
        digest = SHA1() if told["SignatureVersion"] == "1" else SHA256()  # noqa: S303 -- as SNS does
        signature = _key().sign(text.encode(), PKCS1v15(), digest)
        return json.dumps(told | {"Signature": base64.b64encode(signature).decode()}).encode()
