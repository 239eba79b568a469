"""A draft as somebody typed it, checked field by field: everything that is wrong, all at once.

A draft has the shape of the stored content; its hours may be text. A problem's path names the field,
such as `deliverables.0.items.2.high_h`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from throughline.kernel.errors import Refused
from throughline.playbook.parts import TeamRole
from throughline.sales.statements.content import (
    DELIVERABLE_PROSE,
    PROSE,
    clean_line,
    number,
    roles_of_items,
)
from throughline.sales.statements.prose import tidy

LONGEST_TITLE, LONGEST_LINE, LONGEST_PROSE = 250, 1_000, 20_000
MOST_DELIVERABLES, MOST_LINES = 50, 200
MOST_HOURS = Decimal(9_999)
RoleNamed = Callable[[str], TeamRole | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, and what to do."""

    path: str
    message: str


class DraftRefused(Refused):
    """A draft that cannot be kept as it is; `problems` has everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Say all of it, each with its field."""
        told = " ".join(f"{place_of(one.path)}: {one.message}" for one in problems)
        super().__init__(told, remedy="Nothing was kept. Correct it and try again.")
        self.problems = tuple(problems)


PLACES = {
    "title": "title", "deliverables": "deliverable", "items": "item", "overhead": "overhead",
    "low_h": "low hours", "high_h": "high hours", "text": "text", "role": "role",
    "people": "people", "overview": "overview", "demo": "demo", "risks": "risk",
    "definition_of_done": "definition of done", "out_of_scope": "out of scope",
    "sections": "section", "heading": "heading", "background": "background",
    "technical_details": "technical details", "overhead_text": "overhead",
}  # fmt: skip


def place_of(path: str) -> str:
    """Return where a path leads, in words: "Deliverable 1, item 3, high hours"."""
    words: list[str] = []
    for part in path.split("."):
        if part.isdecimal() and words:
            words[-1] += f" {int(part) + 1}"
        else:
            words.append(PLACES.get(part, part.replace("_", " ")))
    return ", ".join(words).capitalize()


@dataclass(slots=True)
class _Checker:
    """What was found so far, and which roles there are."""

    role_named: RoleNamed
    known_roles: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def line(self, path: str, value: Any, *, longest: int = LONGEST_LINE) -> str:
        text = clean_line(str(value or ""))
        if len(text) > longest:
            self.refuse(path, f"{len(text)} characters are too many; at most {longest}.")
        return text

    def lines(self, path: str, values: Iterable[Any]) -> list[str]:
        found = [self.line(f"{path}.{at}", value) for at, value in enumerate(values)]
        if len(found) > MOST_LINES:
            self.refuse(path, f"{len(found)} lines are too many; at most {MOST_LINES}.")
        return [text for text in found if text]

    def prose(self, path: str, value: Any) -> str:
        text = str(value or "")
        if len(text) > LONGEST_PROSE:
            self.refuse(path, f"{len(text)} characters are too many; at most {LONGEST_PROSE}.")
            return ""
        return tidy(text)

    def role(self, path: str, value: Any) -> str:
        text = clean_line(str(value or ""))
        found = self.role_named(text) if text else None
        if text and found is None:
            self.refuse(path, f"Nobody of the team is {text!r}. Name one of {self.known_roles}.")
        return found.name if found else text

    def hours(self, path: str, value: Any) -> Decimal | None:
        text = str("" if value is None else value).strip().lower().removesuffix("h").strip()
        try:
            found = Decimal(text)
        except InvalidOperation:
            found = Decimal("NaN")
        if not text:
            self.refuse(path, "Hours are missing. Write a number, such as 1.5.")
        elif not found.is_finite():
            self.refuse(path, f"{text!r} is no number of hours. Write one such as 1.5.")
        elif found < 0:
            self.refuse(path, "Hours cannot be negative.")
        elif found > MOST_HOURS:
            self.refuse(path, f"{text} hours are more than {MOST_HOURS}.")
        elif found != round(found, 4):
            self.refuse(path, f"{text} has more than four decimals.")
        else:
            return found
        return None


def checked(
    draft: Mapping[str, Any], *, roles: Sequence[TeamRole], named: RoleNamed
) -> dict[str, Any]:
    """Return a draft as content, but for its sums.

    Raises:
        DraftRefused: something is wrong; all of it is named.
    """
    check = _Checker(named, ", ".join(role.name for role in roles))
    title = check.line("title", draft.get("title"), longest=LONGEST_TITLE)
    if not title:
        check.refuse("title", "The document has no title. Say in a line what it is about.")
    content: dict[str, Any] = {
        "title": title,
        "deliverables": list(_deliverables(draft.get("deliverables") or [], check)),
        "overhead": {"items": _items("overhead", draft.get("overhead") or {}, check)},
        "people": [{"text": one} for one in _people(draft.get("people") or [], check)],
        "out_of_scope": check.lines("out_of_scope", draft.get("out_of_scope") or []),
        "sections": list(_sections(draft.get("sections") or [], check)),
        "overhead_text": check.prose("overhead_text", draft.get("overhead_text")),
    } | {name: check.prose(name, draft.get(name)) for name in PROSE}
    if check.problems:
        raise DraftRefused(check.problems)
    return content


def _deliverables(drafts: Sequence[Mapping[str, Any]], check: _Checker) -> Iterator[dict[str, Any]]:
    if not drafts:
        check.refuse("deliverables", "There is no deliverable. Say what will be there at the end.")
    if len(drafts) > MOST_DELIVERABLES:
        check.refuse("deliverables", f"{len(drafts)} are too many; at most {MOST_DELIVERABLES}.")
        return
    seen: dict[str, int] = {}
    for at, draft in enumerate(drafts):
        path = f"deliverables.{at}"
        title = check.line(f"{path}.title", draft.get("title"), longest=LONGEST_TITLE)
        if not title:
            check.refuse(f"{path}.title", "It has no title. Name what will be there at the end.")
        elif title.casefold() in seen:
            check.refuse(
                f"{path}.title",
                f"Deliverable {seen[title.casefold()] + 1} is called {title!r} too. Due dates go by"
                " title: give each its own.",
            )
        seen.setdefault(title.casefold(), at)
        yield _deliverable(path, title, draft, check)


def _deliverable(
    path: str, title: str, draft: Mapping[str, Any], check: _Checker
) -> dict[str, Any]:
    items = _items(path, draft, check)
    named = [
        check.role(f"{path}.people.{at}", one) for at, one in enumerate(draft.get("people") or [])
    ]
    people = dict.fromkeys([*roles_of_items({"items": items}), *filter(None, named)])
    texts = {
        name: check.lines(f"{path}.{name}", draft.get(name) or [])
        for name in ("definition_of_done", "risks")
    }
    prose = {name: check.prose(f"{path}.{name}", draft.get(name)) for name in DELIVERABLE_PROSE}
    return {"title": title, "items": items, "people": list(people), **texts, **prose}


def _items(path: str, part: Mapping[str, Any], check: _Checker) -> list[dict[str, Any]]:
    drafts: Sequence[Mapping[str, Any]] = part.get("items") or []
    if len(drafts) > MOST_LINES:
        check.refuse(f"{path}.items", f"{len(drafts)} are too many; at most {MOST_LINES}.")
        return []
    made = (_item(f"{path}.items.{at}", draft, check) for at, draft in enumerate(drafts))
    return [item for item in made if item]


def _item(path: str, draft: Mapping[str, Any], check: _Checker) -> dict[str, Any]:
    """Return one item; nothing for a row that was left empty."""
    told = (draft.get(name) for name in ("text", "low_h", "high_h"))
    if all(value is None or not str(value).strip() for value in told):
        return {}
    text = check.line(f"{path}.text", draft.get("text"))
    if not text:
        check.refuse(f"{path}.text", "Say what is done in these hours.")
    low = check.hours(f"{path}.low_h", draft.get("low_h"))
    high = check.hours(f"{path}.high_h", draft.get("high_h"))
    if low is not None and high is not None and high < low:
        check.refuse(
            f"{path}.high_h", f"{high} is below the low hours, {low}. Swap or correct them."
        )
    role = check.role(f"{path}.role", draft.get("role"))
    hours = {"low_h": number(low or Decimal(0)), "high_h": number(high or Decimal(0))}
    return {"text": text, **hours} | ({"role": role} if role else {})


def _people(drafts: Sequence[Any], check: _Checker) -> list[str]:
    """Return the document's people as they were written, each line with a role of the team."""
    texts = [one["text"] if isinstance(one, Mapping) else one for one in drafts]
    return check.lines("people", texts)


def _sections(drafts: Sequence[Mapping[str, Any]], check: _Checker) -> Iterator[dict[str, str]]:
    for at, draft in enumerate(drafts):
        path = f"sections.{at}"
        heading = check.line(f"{path}.heading", draft.get("heading"), longest=LONGEST_TITLE)
        text = check.prose(f"{path}.text", draft.get("text"))
        if text and not heading:
            check.refuse(f"{path}.heading", "The section has no heading.")
        if text:
            place = "before" if draft.get("place") == "before" else "after"
            yield {"heading": heading, "text": text, "place": place}
