"""Texts for public issues: foreign words made harmless, and a block of our own that others leave be."""

import re
import unicodedata
from collections.abc import Sequence

LONGEST_TITLE = 250  # GitHub takes 256 characters
LONGEST_LINE = 600
LONGEST_TEXT = 50_000  # GitHub takes 65,536 characters; the rest is left to people
NO_PING = "\u200b"  # between a sign and its name: it is shown the same and means nothing any more
CUT = " …"
END = "<!-- /throughline -->"
BEGIN = re.compile(r"^<!-- throughline:(\S+) -->[ \t]*\r?$", re.MULTILINE)
FINISH = re.compile(rf"^{re.escape(END)}[ \t]*(?=\r?$)", re.MULTILINE)
TICK = re.compile(r"^- \[[ xX]\] (.*)$", re.MULTILINE)
TICKED = re.compile(r"^- \[[xX]\] (.*)$", re.MULTILINE)
SPECIAL = re.compile(r"([\\`*_\[\]<>|~&!$])")
LINK = re.compile(
    r"(https?://(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#][^\s<>]*)?)", re.IGNORECASE
)
TRACED = re.compile(r"github\.com(?=/[^/\s]+/[^/\s]+/(?:issues|pull|discussions)/)", re.IGNORECASE)
NOT_IN_LINKS = "@`*[]|~\\"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = r"\d+(?:[ .,']\d{3})*(?:[.,]\d+)?(?:\s?[kKmM]\b)?"
AMOUNT = re.compile(
    rf"(?:US\s?)?[$€£]\s?{_NUMBER}"
    rf"|\b(?:USD|EUR|GBP|CHF)\s?{_NUMBER}"
    rf"|\b{_NUMBER}\s?(?:USD|EUR|GBP|CHF|dollars|euros?)\b",
    re.IGNORECASE,
)


def neutral(text: str, *, longest: int = LONGEST_LINE) -> str:
    """Return foreign words for one line of an issue: plain, pinging nobody, telling nothing private.

    Markdown and HTML show as they were typed, and links stay links. Names after @ and numbers after
    # lead nowhere, so that no person is called and no other issue is touched. Addresses and amounts
    are left out.
    """
    parts = LINK.split(plain(text, longest=longest))
    bare = "".join(_link(part) if place % 2 else _words(part) for place, part in enumerate(parts))
    bare = re.sub(r"^([-+=])(?=\s|$|[-=])", r"\\\1", bare)
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", bare)


def _words(text: str) -> str:
    bare = SPECIAL.sub(r"\\\1", text)
    bare = re.sub(r"@(?=\w)", f"@{NO_PING}", bare)
    bare = re.sub(r"#(?=\w)", f"#{NO_PING}", bare)
    return re.sub(r"\b(GH)-(?=\d)", rf"\1-{NO_PING}", bare, flags=re.IGNORECASE)


def _link(address: str) -> str:
    """Return an address that leads to the same page, and leaves no trace on another issue."""
    there = TRACED.sub("redirect.github.com", address)
    return "".join(f"%{ord(one):02X}" if one in NOT_IN_LINKS else one for one in there)


def plain(text: str, *, longest: int) -> str:
    """Return foreign words on one line, without what is invisible, private, or too long."""
    seen = "".join(" " if _is_hidden(one) else one for one in text)
    seen = AMOUNT.sub("(an amount)", ADDRESS.sub("(an address)", " ".join(seen.split())))
    return seen if len(seen) <= longest else seen[: longest - len(CUT)] + CUT


def title(text: str) -> str:
    """Return the title of an issue; a title is no Markdown, but it can call people too."""
    called = re.sub(r"([@#])(?=\w)", rf"\1{NO_PING}", plain(text, longest=LONGEST_TITLE))
    return called[:LONGEST_TITLE]


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


def task_list(items: Sequence[str]) -> str:
    """Return things to be done as boxes that people can tick."""
    return "\n".join(f"- [ ] {neutral(one)}" for one in items)


def table(header: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    """Return a table of two columns; its cells are harmless already."""
    lines = [header, ("---", "---"), *rows]
    return "\n".join(f"| {left} | {right} |" for left, right in lines)


def mark_of(body: str | None) -> str | None:
    """Return the key of the outcome that an issue stands for; None for an issue of somebody else."""
    found = BEGIN.search(body or "")
    return found[1] if found else None


def text_in(body: str | None, key: str) -> str:
    """Return our own text in an issue, boxes unticked: ticking is what they are for; "" if none."""
    span = _span(body or "", key)
    if span is None:
        return ""
    inner = (body or "")[span[1] : span[2]].replace("\r\n", "\n").strip("\n")
    return TICK.sub(r"- [ ] \1", "\n".join(line.rstrip() for line in inner.split("\n")))


def body_with(key: str, text: str, body: str | None = None) -> str:
    """Return an issue's whole text with ours in it; what others wrote, and their ticks, stay."""
    old = body or ""
    span = _span(old, key)
    before, kept, after = "", "", ""
    if span is not None:
        before, kept, after = old[: span[0]], old[span[1] : span[2]], old[span[3] :]
    elif begun := _begin(old, key):  # its end was taken away: what stands below may be theirs
        before, after = old[: begun.start()], old[begun.end() :]
    elif old:
        after = "\n\n" + old
    ticked = {one.rstrip() for one in TICKED.findall(kept.replace("\r\n", "\n"))}
    block = TICK.sub(lambda one: f"- [{'x' if one[1] in ticked else ' '}] {one[1]}", text)
    return f"{before}<!-- throughline:{key} -->\n{block}\n{END}{after}"


def _begin(body: str, key: str) -> re.Match[str] | None:
    return next((one for one in BEGIN.finditer(body) if one[1] == key), None)


def _span(body: str, key: str) -> tuple[int, int, int, int] | None:
    """Return where our block begins, its text begins, its text ends, and it ends itself."""
    begun = _begin(body, key)
    ended = FINISH.search(body, begun.end()) if begun else None
    if begun is None or ended is None:
        return None
    return begun.start(), begun.end(), ended.start(), ended.end()
