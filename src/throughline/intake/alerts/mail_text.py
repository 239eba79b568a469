"""A mail, as a file or pasted: its words, when it was sent, and to whom."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import Parser
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser

ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
HEADER = re.compile(r"(?i)(from|to|date|subject|delivered-to|return-path|received|mime-version):")
TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
ENDS = frozenset({"td", "th", "tr", "p", "div", "br", "li", "h1", "h2", "h3"})
UNSAID = frozenset({"style", "script", "head"})


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says."""

    text: str
    sent_at: datetime | None
    addresses: tuple[str, ...]
    message_id: str = ""  # by which the same mail is known again, however it came


def read_mail(text: str) -> Mail:
    """Return a mail; what was pasted without its head is all text."""
    message = Parser(policy=policy.default).parsestr(text.lstrip())
    has_head = HEADER.match(text.lstrip()) or message["From"] is not None
    if not has_head:
        return Mail(text, None, tuple(dict.fromkeys(ADDRESS.findall(text))))
    named = str(message["Message-ID"] or "").strip()
    return Mail(_words(message), _sent_at(message), addressed_to(message), named)


def addressed_to(message: EmailMessage) -> tuple[str, ...]:
    """Return whom a mail's head names as those whom it is for."""
    named = getaddresses([str(one) for name in TO for one in message.get_all(name, [])])
    return tuple(dict.fromkeys(address for _name, address in named if address))


def _words(message: EmailMessage) -> str:
    """Return the text of a mail: every part that can be read, the plain one first."""
    parts = []
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        if part is None:
            continue
        try:
            content = str(part.get_content())
        except (LookupError, ValueError):
            continue
        parts.append(_without_marks(content) if kind == "html" else content)
    return "\n".join(parts)


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date", "")))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class _Words(HTMLParser):
    """The words of a page, each cell and paragraph on a line of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._unsaid = 0

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self._unsaid += tag in UNSAID
        if tag in ENDS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unsaid -= tag in UNSAID and self._unsaid > 0
        if tag in ENDS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unsaid:
            self.found.append(" ".join(data.split()) + " " if data.strip() else "")


def _without_marks(page: str) -> str:
    words = _Words()
    words.feed(page)
    words.close()
    return "".join(words.found)
