"""A statement of work as MyST Markdown: its public part, which reads back as the same content."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from throughline.sales.statements.content import Content, hours
from throughline.sales.statements.prose import escaped

OUT_OF_SCOPE = (
    "For this statement of work, we are leaving the following as intentionally out of scope:"
)
PEOPLE = "This project would require capacity from:"


def markdown(content: Content, *, version: int | None = None) -> str:
    """Return the document; every text in it is neutralised, and hours read back as they are."""
    return "\n\n".join(part for part in _parts(content, version) if part) + "\n"


def _parts(content: Content, version: int | None) -> Iterator[str]:
    yield _front_matter(content, version)
    yield from _prose("## Background", content.get("background"))
    yield from _prose("## Technical details", content.get("technical_details"))
    yield from _sections(content, "before")
    yield "## Deliverables"
    for deliverable in content["deliverables"]:
        yield from _deliverable(deliverable)
    yield from _overhead(content)
    yield from _listed("## Intentionally out of scope", content.get("out_of_scope"), OUT_OF_SCOPE)
    people = [person["text"] for person in content.get("people", ())]
    yield from _listed("## People working on this", people, PEOPLE)
    yield from _sections(content, "after")


def _front_matter(content: Content, version: int | None) -> str:
    # A JSON string is a YAML string; nothing in it can end the front matter.
    title = json.dumps(content.get("title", ""), ensure_ascii=False)
    lines = ["---", f"title: {title}", "subtitle: A description and plan."]
    lines += [f"version: {version}"] if version else []
    return "\n".join([*lines, "exports:", "  - format: typst", "    id: report", "---"])


def _prose(heading: str, text: str | None) -> Iterator[str]:
    if text:
        yield heading
        yield text


def _sections(content: Content, place: str) -> Iterator[str]:
    for section in content.get("sections", ()):
        if section["place"] == place:
            yield from _prose(f"## {escaped(section['heading'])}", section["text"])


def _deliverable(one: Content) -> Iterator[str]:
    yield f"### {escaped(one['title'])}"
    yield from _prose("#### Overview", one.get("overview"))
    yield from _listed("#### Definition of done", one.get("definition_of_done"))
    yield from _listed("#### Risks", one.get("risks"))
    yield from _prose("#### Demo at the end of this deliverable", one.get("demo"))
    stated = _stated(one)
    if one.get("items") or stated:
        yield "#### Estimates"
        yield _table(one.get("items", ()))
        yield stated
    yield from _listed("#### People", one.get("people"))


def _listed(heading: str, texts: Sequence[str] | None, intro: str = "") -> Iterator[str]:
    if texts:
        yield heading
        yield intro
        yield "\n".join(f"- {escaped(text)}" for text in texts)


def _stated(one: Content) -> str:
    if one.get("stated_low_h") is None:
        return ""
    return f"Total: {_hours(one['stated_low_h'])} to {_hours(one['stated_high_h'])}"


def _overhead(content: Content) -> Iterator[str]:
    text, items = content.get("overhead_text", ""), content.get("overhead", {}).get("items", ())
    if text or items:
        yield "## Additional overheads"
        yield text
        yield _table(items)


def _table(items: Sequence[Content]) -> str:
    if not items:
        return ""
    rows = "\n".join(line for item in items for line in _row(item))
    return f":::{{estimate-table}}\n{rows}\n:::"


def _row(item: Content) -> Iterator[str]:
    yield f"- - {escaped(item['text'])}"
    yield f"  - {_hours(item['low_h'])}"
    # From nothing to something is how "capped at 20h" is read; it is written as such again.
    is_capped = not item["low_h"] and item["high_h"]
    yield f"  - {'up to ' if is_capped else ''}{_hours(item['high_h'])}"
    if item.get("role"):
        yield f"  - {escaped(item['role'])}"


def _hours(value: Any) -> str:
    """Return hours so that they read back alike: thirds of an hour only do so as minutes."""
    exact = hours(value)
    minutes = round(exact * 60)
    if exact != round(exact, 2) and round(Decimal(minutes) / 60, 4) == exact:
        return f"{minutes}m"
    return f"{exact.normalize():f}h"
