"""What must hold of the mails of a playbook, and of how people are told."""

import re
from html.parser import HTMLParser
from string import Template as Placeholders
from typing import Final

from throughline.playbook.lines import Path
from throughline.playbook.registry import did_you_mean
from throughline.playbook.source import Source
from throughline.playbook.words import MAIL_PLACEHOLDERS, WORDED_ANYWAY
from throughline.playbook.written import Written

# What a mail may be made of: nothing that runs, asks, or is loaded from elsewhere.
TAGS: Final = frozenset({
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p",
    "pre", "small", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
VOID: Final = frozenset({"br", "hr"})
ATTRIBUTES: Final = frozenset({"href", "style", "lang", "title", "scope", "colspan", "align"})
TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def check_mails(written: Written, source: Source) -> None:
    """Refuse a mail that nobody sends, that asks for what nobody fills, or whose HTML is unsafe."""
    for index, mail in enumerate(written.mails):
        at: Path = ("mails", index)
        if mail.code not in MAIL_PLACEHOLDERS:
            source.refuse(
                (*at, "code"),
                f"nobody sends a mail {mail.code!r}.",
                remedy=did_you_mean(mail.code, MAIL_PLACEHOLDERS),
            )
        for key, text in (("subject", mail.subject), ("text", mail.text), ("html", mail.html)):
            _check_placeholders(mail.code, Placeholders(text), (*at, key), source)
        _check_html(mail.code, mail.html, (*at, "html"), source)
    must = set(MAIL_PLACEHOLDERS) - WORDED_ANYWAY
    for needed in sorted(must - {mail.code for mail in written.mails}):
        source.refuse(
            ("mails",), f"there is no mail {needed!r}.", remedy="Add it: it is sent to people."
        )


def _check_placeholders(code: str, text: Placeholders, at: Path, source: Source) -> None:
    if not text.is_valid():
        source.refuse(
            at,
            f"mail {code!r} has a $ that begins no placeholder.",
            remedy="Write $$ for a dollar sign.",
        )
    for name in text.get_identifiers():
        if name not in MAIL_PLACEHOLDERS[code]:
            source.refuse(
                at,
                f"mail {code!r} has the placeholder '${name}', which nobody fills.",
                remedy=did_you_mean(name, MAIL_PLACEHOLDERS[code]),
            )


def _check_html(code: str, html: str, at: Path, source: Source) -> None:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    mistakes = [*reader.mistakes, *(f"<{tag}> is not closed" for tag in reader.open)]
    if mistakes:
        line, _colon, what = mistakes[0].rpartition("|")
        where = f", its line {line}" if line else ""
        source.refuse(
            at,
            f"the HTML of mail {code!r} cannot be sent{where}: {what}.",
            remedy="Close what you open, and use only text, headings, lists, tables and links.",
        )


class _Reader(HTMLParser):
    """Finds what a mail's HTML may not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.mistakes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self._say(f"<{tag}> is not for mails")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self._say(f"{name}=… is not for mails")
            if name == "href" and not _is_address(value or ""):
                self._say(f"{value!r} is no address of the web")
            if name == "style" and "url(" in (value or "").casefold():
                self._say("a style may load nothing")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self._say(f"</{tag}> closes nothing")

    def _say(self, mistake: str) -> None:
        self.mistakes.append(f"{self.getpos()[0]}|{mistake}")


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://", "mailto:", "$"))


def check_notifications(written: Written, source: Source) -> None:
    """Refuse times of day that are none, and a digest that would fall into the quiet hours."""
    rules = written.notifications
    for key in ("quiet_from", "quiet_until", "digest_at"):
        if not TIME.fullmatch(getattr(rules, key)):
            source.refuse(
                ("notifications", key),
                f"{getattr(rules, key)!r} is no time of day.",
                remedy="Write hours and minutes, such as 08:00.",
            )
    if is_within(rules.digest_at, rules.quiet_from, rules.quiet_until):
        source.refuse(
            ("notifications", "digest_at"),
            "the digest would go out in the quiet hours.",
            remedy=f"Choose a time from {rules.quiet_until} on.",
        )


def is_within(time: str, first: str, until: str) -> bool:
    """Return whether a time of day lies between two others, over midnight where they turn."""
    if first <= until:
        return first <= time < until
    return time >= first or time < until
