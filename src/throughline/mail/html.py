"""The HTML part of a mail, made of its text: plain, readable anywhere, nothing loaded from outside."""

import re
from collections.abc import Iterator, Sequence
from html import escape

ITEM = re.compile(r"^\s*[-*•] +")
LINKED = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]’”]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WRAPPED_FROM = (
    60  # characters: a longer line goes on in the next one, a shorter one was meant to end
)

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1a1a1a;background:#ffffff">
<div style="max-width:640px">
{body}
</div>
</body>
</html>
"""

PICTURE = '<p><img src="{address}" alt="{alt}" style="max-width:100%;height:auto"></p>'


def with_pictures(html: str, pictures: Sequence[str]) -> str:
    """Return a page with pictures after all that it says."""
    before, mark, after = html.rpartition("</div>")
    return "\n".join([before.rstrip(), *pictures, mark + after])


def html_of(subject: str, text: str, *, ours: str) -> str:
    """Return a text as a page: paragraphs, lists and links, and everything else escaped.

    Only addresses that begin with `ours`, and mail addresses, become links: outsiders write some
    of what a mail says, and an address of theirs must not look like one of ours.
    """
    return page_of(subject, body_of(text, ours=ours))


def body_of(text: str, *, ours: str) -> str:
    """Return a text as markup to stand in a page, with links as `html_of` makes them."""
    paragraphs = re.split(r"\n[ \t]*\n", text.strip("\n"))
    body = "\n".join(part for one in paragraphs for part in _paragraph(one.split("\n")))
    return LINKED.sub(lambda found: _link(found, ours), body)


def page_of(subject: str, body: str) -> str:
    """Return the page around what is markup already."""
    return PAGE.format(title=escape(subject), body=body)


def _paragraph(lines: list[str]) -> Iterator[str]:
    """Yield a paragraph as runs of list items and of other lines, in their order."""
    said: list[str] = []
    items: list[str] = []
    for line in lines:
        if ITEM.match(line):
            yield from _said(said)
            items.append(ITEM.sub("", line))
        elif items and line.startswith("  "):
            items[-1] += "\n" + line.strip()
        else:
            yield from _items(items)
            said.append(line.strip())
    yield from _items(items)
    yield from _said(said)


def _items(items: list[str]) -> Iterator[str]:
    if items:
        inner = "".join(f"<li>{_joined(item.split(chr(10)))}</li>" for item in items)
        yield f"<ul>{inner}</ul>"
        items.clear()


def _said(lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"<p>{_joined(lines)}</p>"
        lines.clear()


def _joined(lines: list[str]) -> str:
    """Return lines with the breaks that were meant; those that only wrap a long line become spaces."""
    found = ""
    for place, line in enumerate(lines):
        if place:
            found += " " if len(lines[place - 1]) >= WRAPPED_FROM else "<br>\n"
        found += escape(line)
    return found


def _link(found: re.Match[str], ours: str) -> str:
    """Return what stands for an address in markup, where everything is escaped already."""
    address = found.group()
    if "://" not in address:
        return f'<a href="mailto:{address}">{address}</a>'
    is_ours = address == escape(ours) or address.startswith(f"{escape(ours)}/")
    return f'<a href="{address}">{address}</a>' if is_ours else address
