"""Reading a mail that came back: a bounce, a reply, or what a machine answered while somebody is away."""

import email
import hashlib
import re
from email import policy
from email.message import EmailMessage, Message
from email.utils import parseaddr
from typing import Final

from throughline.kernel.errors import Refused
from throughline.mail.actions.echoes import Heard
from throughline.mail.models import Message as Sent
from throughline.mail.words import EchoKind

LARGEST = 25 * 1024 * 1024
ID: Final = re.compile(r"<[^<>\s]+@[^<>\s]+>")
STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
QUOTED: Final = re.compile(r"\n(?:>|On .{5,200} wrote:|-{2,} ?Original|From: )")
# RFC 3834 and what is older than it; the subject is the last thing to go by.
BY_A_MACHINE: Final = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
AWAY: Final = re.compile(
    r"^(?:out of (?:the )?office|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|abwesenheit)",
    re.IGNORECASE,
)


def heard_in(content: bytes, *, name: str) -> Heard:
    """Return what a mail that came back says.

    Raises:
        Refused: these are no bytes of a mail.
    """
    if len(content) > LARGEST:
        raise Refused(f"{name} is larger than 25 MiB.", remedy="Take out what is attached.")
    mail = email.message_from_bytes(content, policy=policy.default)
    if mail["From"] is None and mail["Message-ID"] is None:
        raise Refused(
            f"{name}, line 1: this is no mail: it has neither From nor Message-ID.",
            remedy="Save the message as .eml, with its headers.",
        )
    key = str(mail["Message-ID"] or "").strip() or hashlib.sha256(content).hexdigest()
    if report := _part(mail, "message/delivery-status"):
        return _bounce(mail, report, key)
    return _answer(mail, key)


def _bounce(mail: EmailMessage, report: Message, key: str) -> Heard:
    """Read a delivery status notification (RFC 3464)."""
    fields = {
        name.casefold(): str(value)
        for block in report.walk()
        for name, value in block.items()
    }  # fmt: skip
    action = fields.get("action", "failed").strip().casefold()
    status = STATUS.search(fields.get("status", ""))
    who = fields.get("original-recipient") or fields.get("final-recipient") or ""
    kinds = {
        "delayed": EchoKind.DELAY,
        "delivered": EchoKind.DELIVERED,
        "relayed": EchoKind.DELIVERED,
    }
    said = fields.get("diagnostic-code", "").partition(";")[2].strip()
    return Heard(
        key=key,
        kind=kinds.get(action, EchoKind.BOUNCE),
        answers=_original_ids(mail),
        address=who.rpartition(";")[2].strip().strip("<>"),
        code=status.group(1) if status else "",
        said=" ".join((said or _text(mail)).split()),
    )


def _original_ids(mail: EmailMessage) -> tuple[str, ...]:
    """Return the Message-IDs of the mail that comes back, which stands in its last part."""
    found = []
    for part in mail.walk():
        if part.get_content_type() == "message/rfc822":
            found += [str(inner["Message-ID"] or "").strip() for inner in part.iter_parts()]
        elif part.get_content_type() == "text/rfc822-headers":
            headers = email.message_from_string(str(part.get_content()), policy=policy.default)
            found.append(str(headers["Message-ID"] or "").strip())
    return tuple(one for one in [*found, *_ids(mail)] if one)


def _answer(mail: EmailMessage, key: str) -> Heard:
    _name, address = parseaddr(str(mail["From"] or ""))
    return Heard(
        key=key,
        kind=EchoKind.AUTOMATIC if _is_automatic(mail) else EchoKind.REPLY,
        answers=_ids(mail),
        address=address,
        said=_own_words(_text(mail)),
    )


def _ids(mail: EmailMessage) -> tuple[str, ...]:
    """Return the Message-IDs that a mail answers, the nearest first."""
    found = [str(mail["In-Reply-To"] or ""), str(mail["References"] or "")]
    return tuple(dict.fromkeys(one for text in found for one in reversed(ID.findall(text))))


def _is_automatic(mail: EmailMessage) -> bool:
    """Tell whether a machine wrote: an absence, a list that passes our own mail round."""
    declared = str(mail["Auto-Submitted"] or "no").partition(";")[0].strip().casefold()
    if declared != "no" or any(mail[name] is not None for name in BY_A_MACHINE):
        return True
    if str(mail["Precedence"] or "").strip().casefold() in {"auto_reply", "bulk", "junk"}:
        return True
    is_ours = Sent.objects.filter(message_id=str(mail["Message-ID"] or "").strip()).exists()
    return is_ours or bool(AWAY.match(str(mail["Subject"] or "").strip()))


def _part(mail: EmailMessage, kind: str) -> Message | None:
    return next((part for part in mail.walk() if part.get_content_type() == kind), None)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, UnicodeError):  # a charset that nobody knows
        text = str(body.get_payload())
    return re.sub(r"<[^>]+>", " ", text) if body.get_content_type() == "text/html" else text


def _own_words(text: str) -> str:
    """Return what somebody wrote, without what they quote below it."""
    plain = text.replace("\r\n", "\n").strip()
    quoted = QUOTED.search(f"\n{plain}")
    return plain[: max(quoted.start() - 1, 0)].strip() if quoted else plain
