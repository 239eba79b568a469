"""A statement of work as data for its PDF: Markdown as trees of plain values, nothing to be run."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from throughline.documents.pdf import make_pdf
from throughline.sales.statements.changes import hours_words
from throughline.sales.statements.content import Content, hours_by_role
from throughline.sales.statements.prose import Node, parsed

TEMPLATE = Path(__file__).with_name("statement.typ")
Tree = dict[str, Any]


def statement_pdf(
    content: Content,
    *,
    about: dict[str, str],
    due: dict[str, str],
    signed: Iterable[tuple[str, str]],
    at: datetime,
) -> bytes:
    """Return a statement of work as PDF: its public part, as it was at an instant.

    `about` is shown below the title (label: text); `due` has ISO days by deliverable; `signed` has
    each role that signs off with who has and when, "" where nobody has.
    """
    data = {
        "title": content["title"] or "Statement of Work",
        "about": [[label, text] for label, text in about.items() if text],
        "background": blocks(content.get("background", "")),
        "technical": blocks(content.get("technical_details", "")),
        "before": _sections(content, "before"),
        "deliverables": [_deliverable(one, due) for one in content["deliverables"]],
        "overhead": _overhead(content),
        "roles": [
            [one.role, f"{one.low_h:f}", f"{one.high_h:f}"] for one in hours_by_role(content)
        ],
        "total": _span(content["total"]),
        "out_of_scope": content.get("out_of_scope", []),
        "people": [person["text"] for person in content.get("people", ())],
        "after": _sections(content, "after"),
        "signed": [list(pair) for pair in signed],
    }
    return make_pdf(TEMPLATE, data, at=at)


def _span(part: Content) -> Tree:
    low, high = part.get("low_h", 0), part.get("high_h", 0)
    return {"low": f"{float(low):g}", "high": f"{float(high):g}", "words": hours_words(low, high)}


def _sections(content: Content, place: str) -> list[Tree]:
    return [
        {"heading": one["heading"], "text": blocks(one["text"])}
        for one in content.get("sections", ())
        if one["place"] == place
    ]


def _deliverable(one: Content, due: dict[str, str]) -> Tree:
    return _span(one) | {
        "title": one["title"],
        "due": day_words(due.get(one["title"])),
        "overview": blocks(one.get("overview", "")),
        "done": one.get("definition_of_done", []),
        "risks": one.get("risks", []),
        "demo": blocks(one.get("demo", "")),
        "items": [_item(item) for item in one.get("items", ())],
        "people": one.get("people", []),
    }


def day_words(iso: str | None) -> str:
    """Return a day for people: 30 June 2026; "" where there is none."""
    if iso is None:
        return ""
    on = date.fromisoformat(iso)
    return f"{on.day} {on:%B %Y}"


def _item(item: Content) -> Tree:
    return _span(item) | {"text": item["text"], "role": item.get("role", "")}


def _overhead(content: Content) -> Tree:
    part = content.get("overhead", {})
    text = blocks(content.get("overhead_text", ""))
    return _span(part) | {"text": text, "items": [_item(item) for item in part.get("items", ())]}


def blocks(markdown: str) -> list[Tree]:
    """Return kept Markdown as a list of blocks."""
    return [_block(node) for node in parsed(markdown)]


def _block(node: Node) -> Tree:
    match node.type:
        case "paragraph":
            return {"type": "paragraph", "parts": _parts(node)}
        case "bullet_list" | "ordered_list":
            start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
            items = [[_block(child) for child in item.children] for item in node.children]
            return {"type": "list", "start": start, "items": items}
        case "blockquote":
            return {"type": "quote", "blocks": [_block(child) for child in node.children]}
        case "table":
            rows = [row for part in node.children for row in part.children]
            cells = [[_parts(cell) for cell in row.children] for row in rows]
            return {"type": "table", "rows": cells}
        case _:
            return {"type": "code", "text": node.content.rstrip("\n")}


def _parts(node: Node) -> list[Tree]:
    return [part for child in node.children for part in _part(child)]


def _part(node: Node) -> list[Tree]:
    if node.type == "inline":
        return _parts(node)
    match node.type:
        case "em" | "strong":
            part: Tree = {"type": node.type, "parts": _parts(node)}
        case "link":
            part = {"type": "link", "url": str(node.attrs["href"]), "parts": _parts(node)}
        case "code_inline":
            part = {"type": "code", "text": node.content}
        case _:  # text, or the end of a line
            part = {"type": "text", "text": node.content or " "}
    return [part]
