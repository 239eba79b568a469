"""A draft as a form holds it: rows that can be added, moved and removed before anything is kept.

A field's name is its path in the draft, such as `deliverables.0.items.2.high_h`: the same as in the
problems that the rules find.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from throughline.sales.statements.changes import hours_words
from throughline.sales.statements.content import draft_of, hours_by_role

Sheet = dict[str, Any]

PROSE: Final = ("background", "technical_details", "overhead_text")
LINES: Final = ("out_of_scope", "people")
DELIVERABLE_PROSE: Final = ("overview", "demo")
DELIVERABLE_LINES: Final = ("definition_of_done", "risks", "people")
ITEM: Final = ("text", "low_h", "high_h", "role")
SECTION: Final = ("heading", "text", "place")
MOST_ROWS = 300  # of one kind: what a form may ask a server to draw


def sheet_of(content: Mapping[str, Any], *, price_note: str) -> Sheet:
    """Return the sheet that a kept document fills."""
    return _sheet_of_draft(draft_of(content)) | {"price_note": price_note}


def blank_sheet(draft: Mapping[str, Any]) -> Sheet:
    """Return the sheet of a draft that nobody has kept: its deliverables had no title before."""
    sheet = _sheet_of_draft(draft) | {"price_note": ""}
    for one in sheet["deliverables"]:
        one["was"] = ""
    return sheet


def _sheet_of_draft(draft: Mapping[str, Any]) -> Sheet:
    return {
        "title": draft.get("title", ""),
        **{name: draft.get(name, "") for name in PROSE},
        **{name: list(draft.get(name, ())) for name in LINES},
        "deliverables": [_deliverable(one) for one in draft["deliverables"]],
        "overhead": {"items": [_item(one) for one in draft.get("overhead", {}).get("items", ())]},
        "sections": [{name: one[name] for name in SECTION} for one in draft.get("sections", ())],
    }


def _deliverable(one: Mapping[str, Any]) -> Sheet:
    return {
        "title": one["title"],
        "was": one["title"],
        **{name: one.get(name, "") for name in DELIVERABLE_PROSE},
        **{name: list(one.get(name, ())) for name in DELIVERABLE_LINES},
        "items": [_item(item) for item in one.get("items", ())] or [_item({})],
    }


def _item(one: Mapping[str, Any]) -> Sheet:
    return {name: str(one.get(name, "")) for name in ITEM}


def _blank_deliverable() -> Sheet:
    return _deliverable({"title": ""})


def _blank_section() -> Sheet:
    return {"heading": "", "text": "", "place": "after"}


def sheet_from(sent: Mapping[str, str]) -> Sheet:
    """Return the sheet that a form sent; rows keep their order, whatever their numbers."""
    return {
        **{name: sent.get(name, "") for name in ("title", *PROSE, "price_note")},
        **{name: _lines(sent.get(name, "")) for name in LINES},
        "deliverables": [_sent_deliverable(sent, path) for path in _rows(sent, "deliverables")],
        "overhead": {"items": _sent_items(sent, "overhead")},
        "sections": [
            {name: sent.get(f"{path}.{name}", "") for name in SECTION}
            for path in _rows(sent, "sections")
        ],
    }


def _sent_deliverable(sent: Mapping[str, str], path: str) -> Sheet:
    return {
        **{name: sent.get(f"{path}.{name}", "") for name in ("title", "was", *DELIVERABLE_PROSE)},
        **{name: _lines(sent.get(f"{path}.{name}", "")) for name in DELIVERABLE_LINES},
        "items": _sent_items(sent, path),
    }


def _sent_items(sent: Mapping[str, str], path: str) -> list[Sheet]:
    return [
        {name: sent.get(f"{row}.{name}", "") for name in ITEM}
        for row in _rows(sent, f"{path}.items")
    ]


def _rows(sent: Mapping[str, str], path: str) -> Iterator[str]:
    pattern = re.compile(rf"{re.escape(path)}\.(\d{{1,6}})\.")
    numbers = {int(found[1]) for name in sent if (found := pattern.match(name))}
    for number in sorted(numbers)[:MOST_ROWS]:
        yield f"{path}.{number}"


def _lines(text: str) -> list[str]:
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


STEP: Final = re.compile(
    r"(add|remove|up)\.([a-z]+(?:\.\d{1,6}(?:\.items)?|\.items)?(?:\.\d{1,6})?)"
)


def take_step(sheet: Sheet, step: str) -> str:
    """Add, remove or move a row as a button asks; return the path of the field to go to, or "".

    What no button of ours asks for changes nothing: the sheet is only counted again.
    """
    found = STEP.fullmatch(step)
    if found is None:
        return ""
    verb, path = found[1], found[2].split(".")
    try:
        return STEPS[verb](sheet, path)
    except (KeyError, IndexError, TypeError, ValueError):
        return ""


def _at(sheet: Sheet, path: list[str]) -> Any:
    place: Any = sheet
    for part in path:
        place = place[int(part)] if part.isdecimal() else place[part]
    return place


BLANKS: Final[dict[str, tuple[Callable[[], Sheet], str]]] = {
    "deliverables": (_blank_deliverable, "title"),
    "items": (lambda: _item({}), "text"),
    "sections": (_blank_section, "heading"),
}


def _add(sheet: Sheet, path: list[str]) -> str:
    rows, (blank, first) = _at(sheet, path), BLANKS[path[-1]]
    rows.append(blank())
    return ".".join([*path, str(len(rows) - 1), first])


def _remove(sheet: Sheet, path: list[str]) -> str:
    _at(sheet, path[:-1]).pop(int(path[-1]))
    return ""


def _up(sheet: Sheet, path: list[str]) -> str:
    rows, at = _at(sheet, path[:-1]), int(path[-1])
    if at > 0:
        rows.insert(at - 1, rows.pop(at))
        return ".".join([*path[:-1], str(at - 1), BLANKS[path[-2]][1]])
    return ""


STEPS: Final = {"add": _add, "remove": _remove, "up": _up}


def renamed_in(sheet: Sheet) -> dict[str, str]:
    """Return the deliverables whose title was changed: title before, title now."""
    pairs = {one["was"]: " ".join(one["title"].split()) for one in sheet["deliverables"]}
    return {was: now for was, now in pairs.items() if was and now and was != now}


def sums_of(sheet: Sheet) -> dict[str, Any]:
    """Return what the hours add up to so far: what is no number yet counts as nothing."""
    parts = [_countable(one) for one in sheet["deliverables"]]
    people = [{"role": " ".join(text.split())} for text in sheet["people"]]
    overhead = _countable(sheet["overhead"])
    roles = hours_by_role({"deliverables": parts, "overhead": overhead, "people": people})
    low = sum((one.low_h for one in roles), Decimal(0))
    high = sum((one.high_h for one in roles), Decimal(0))
    return {
        "total": hours_words(low, high),
        "roles": [(one.role, hours_words(one.low_h, one.high_h)) for one in roles],
        "deliverables": [_words(part) for part in parts],
        "overhead": _words(overhead),
    }


def _countable(part: Mapping[str, Any]) -> Sheet:
    items = [
        {"low_h": _number(item["low_h"]), "high_h": _number(item["high_h"]), "role": item["role"]}
        for item in part["items"]
    ]
    return {"items": items, "people": part.get("people", [])}


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text.strip().lower().removesuffix("h").strip())
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() and found >= 0 else Decimal(0)


def _words(part: Mapping[str, Any]) -> str:
    items = part["items"]
    return hours_words(
        sum((one["low_h"] for one in items), Decimal(0)),
        sum((one["high_h"] for one in items), Decimal(0)),
    )
