"""What a statement of work says, as it is stored: the shape of design §12, and who does how much.

A key that has nothing to say is left out, so that a document read and a document written agree.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from throughline.sales.statements.prose import UNPRINTABLE

Content = Mapping[str, Any]

TASK_MARK = re.compile(r"^(?:\[[ xX]\]\s+)+")
FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")
PROSE = ("background", "technical_details")  # of the document
DELIVERABLE_PROSE = ("overview", "demo")
NOBODY = "No role named"


def clean_line(text: str) -> str:
    """Return a text as the reader of documents would have it: one line, no tick box, no footnote."""
    before, found = "", UNPRINTABLE.sub("", text)
    while found != before:
        before = found
        found = TASK_MARK.sub("", " ".join(FOOTNOTE.sub("", found).split()))
    return found


def hours(value: Any) -> Decimal:
    """Return hours as they are stored in JSON, exactly."""
    return Decimal(str(value))


def number(value: Decimal) -> int | float:
    """Return hours as JSON has them: whole where they are whole."""
    return int(value) if value == int(value) else float(value)


@dataclass(frozen=True, slots=True)
class RoleHours:
    """What a role is needed for, from low to high."""

    role: str
    low_h: Decimal
    high_h: Decimal


def hours_by_role(content: Content) -> list[RoleHours]:
    """Return the hours of each role, in the order in which the document names them.

    An item that names no role belongs to whoever works on its deliverable, else on the document;
    where that may be several, they are named together.
    """
    document = [person["role"] for person in content.get("people", ())]
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for item, roles in _items_with_roles(content):
        role = item.get("role") or " or ".join(roles or document) or NOBODY
        low, high = found.get(role, (Decimal(0), Decimal(0)))
        found[role] = (low + hours(item["low_h"]), high + hours(item["high_h"]))
    return [RoleHours(role, low, high) for role, (low, high) in found.items()]


def _items_with_roles(content: Content) -> Iterator[tuple[Content, list[str]]]:
    for deliverable in content["deliverables"]:
        for item in deliverable.get("items", ()):
            yield item, list(deliverable.get("people", ()))
    for item in content.get("overhead", {}).get("items", ()):
        yield item, []


def roles_of_items(deliverable: Content) -> list[str]:
    """Return the roles that the items of a deliverable name, each once."""
    return list(dict.fromkeys(item["role"] for item in _items(deliverable) if item.get("role")))


def _items(part: Content) -> Iterable[Content]:
    items: Iterable[Content] = part.get("items", ())
    return items


def people_say_more(content: Content) -> bool:
    """Return whether the document's people are more than the roles its deliverables name."""
    roles = [role for one in content["deliverables"] for role in one.get("people", ())]
    return [person["text"] for person in content.get("people", ())] != list(dict.fromkeys(roles))


def draft_of(content: Content) -> dict[str, Any]:
    """Return what a person may change of a document: what is only summed or derived is left out."""
    people = content.get("people", ()) if people_say_more(content) else ()
    draft = {name: value for name, value in content.items() if name not in {"total", "warnings"}}
    return draft | {
        "people": [person["text"] for person in people],
        "deliverables": [_deliverable_draft(one) for one in content["deliverables"]],
    }


def _deliverable_draft(one: Content) -> dict[str, Any]:
    kept = ("title", "overview", "definition_of_done", "risks", "demo", "items")
    told = set(roles_of_items(one))
    people = [role for role in one.get("people", ()) if role not in told]
    return {name: one[name] for name in kept if name in one} | {"people": people}


def parts_of(content: Content) -> dict[str, Any]:
    """Return a document by its parts, as people call them, to see which of two differ."""
    parts: dict[str, Any] = {
        "the title": content.get("title"),
        "the background": content.get("background"),
        "the technical details": content.get("technical_details"),
        "the overhead": (content.get("overhead"), content.get("overhead_text")),
        "what is out of scope": content.get("out_of_scope"),
        "the people": [one["text"] for one in content.get("people", ())],
        "the further sections": content.get("sections"),
    }
    return parts | {f"“{one['title']}”": dict(one) for one in content["deliverables"]}


def changed_parts(before: Content, after: Content) -> list[str]:
    """Return the names of the parts in which two documents differ."""
    old, new = parts_of(before), parts_of(after)
    names = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    titles = [[one["title"] for one in content["deliverables"]] for content in (before, after)]
    is_moved = titles[0] != titles[1] and set(titles[0]) == set(titles[1])
    return [*names, *(["the order of the deliverables"] if is_moved else [])]


def work_fingerprint(content: Content) -> str:
    """Return what is to be done, by whom and until when it counts as done, as a short hash.

    Wording around it does not count: two documents with one fingerprint ask for the same work.
    """
    work = [
        [
            one["title"], list(one.get("definition_of_done", ())), list(one.get("people", ())),
            [_work(item) for item in one.get("items", ())],
        ]
        for one in content["deliverables"]
    ]  # fmt: skip
    overhead = [_work(item) for item in content.get("overhead", {}).get("items", ())]
    text = json.dumps([work, overhead], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _work(item: Content) -> list[Any]:
    return [item["text"], str(item["low_h"]), str(item["high_h"]), item.get("role", "")]
