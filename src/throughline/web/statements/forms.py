"""The form of a statement of work: one field for each place of the sheet."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from throughline.kernel.errors import Refused
from throughline.playbook.parts import TeamRole
from throughline.sales.statements.drafts import Problem
from throughline.web.statements.sheets import (
    DELIVERABLE_LINES,
    DELIVERABLE_PROSE,
    LINES,
    PROSE,
    Sheet,
    sums_of,
)

MARKDOWN = (
    "Markdown: paragraphs, lists, links, emphasis, code. Headings and HTML lose their meaning."
)
A_LINE_EACH = "One a line."
HELP = {
    "title": "What the document is about, in a line.",
    "background": f"What is so today, for whom it is a problem, what they hope for. {MARKDOWN}",
    "technical_details": "What an engineer should know: systems, interfaces, what was tried before.",
    "out_of_scope": f"What somebody could expect and will not get. {A_LINE_EACH}",
    "people": "Only where it says more than the roles above, such as “App Engineer (1 implementation, 1 review)”. One a line.",
    "overhead_text": "Whose overhead it is, and why. Plain paragraphs.",
    "price_note": "For us alone: it is in no export. Only those who may see money can read it.",
}  # fmt: skip
DELIVERABLE = {
    "title": ("Title", "What will be there at the end. Due dates and issues go by it."),
    "overview": ("Overview", "What it is, and why."),
    "definition_of_done": ("Definition of done", f"What anybody can check on the day. {A_LINE_EACH}"),
    "risks": ("Risks", f"What could make it longer or impossible. {A_LINE_EACH}"),
    "demo": ("Demo at the end", "What the community will see."),
    "people": ("Who else works on it", f"Roles that no item names. {A_LINE_EACH}"),
}  # fmt: skip
LABELS = {
    "background": "Background",
    "technical_details": "Technical details",
    "out_of_scope": "Out of scope",
    "people": "People working on this",
    "overhead_text": "About the overhead",
    "price_note": "Private note on the price",
}
ITEM_LABELS = {"text": "Item", "low_h": "Low hours", "high_h": "High hours", "role": "Role"}


class Words(forms.CharField):
    """A text as it was typed: what is wrong with it is found by the rules for drafts."""

    def validate(self, _value: Any) -> None:
        """Pass; `required` is there to be shown."""

    def run_validators(self, _value: Any) -> None:
        """Pass."""


class StatementForm(forms.Form):
    """What a sheet holds, with what is wrong with it where it stands."""

    use_required_attribute = False
    refused: Refused | None = None

    def __init__(
        self, sheet: Sheet, *, base: int, roles: Sequence[TeamRole], focus: str = "",
        with_money: bool = False,
    ) -> None:  # fmt: skip
        """Make a field for each place; `focus` is the path of the field to go to."""
        super().__init__({**dict(_flat(sheet, "")), "base": str(base)}, auto_id="sow-%s")
        self.sheet, self.focus = sheet, focus
        self.roles = [("", "–"), *((role.name, role.name) for role in roles)]
        self.fields["base"] = _hidden()
        self._words("title", "Title", HELP["title"], needed=True)
        for name in (*PROSE, *LINES, *(["price_note"] if with_money else [])):
            self._words(name, LABELS[name], HELP[name], rows=6 if name == "background" else 3)
        for at in range(len(sheet["deliverables"])):
            self._add_deliverable(f"deliverables.{at}")
        self._add_items("overhead", sheet["overhead"]["items"], "overhead")
        for at in range(len(sheet["sections"])):
            self._words(f"sections.{at}.heading", "Heading", "", needed=True)
            self._words(f"sections.{at}.text", "Text", "", rows=5)
            self.fields[f"sections.{at}.place"] = _hidden()

    def _words(
        self, path: str, label: str, help_text: str, *, rows: int = 0, needed: bool = False
    ) -> None:
        attrs: dict[str, Any] = {"rows": rows} if rows else {}
        attrs |= {"autofocus": True} if path == self.focus else {}
        widget = forms.Textarea(attrs) if rows else forms.TextInput(attrs)
        self.fields[path] = Words(
            label=label, help_text=help_text, required=needed, widget=widget, strip=False
        )

    def _add_deliverable(self, path: str) -> None:
        for name, (label, help_text) in DELIVERABLE.items():
            is_title = name == "title"
            rows = 0 if is_title else 4 if name in {"overview", "definition_of_done"} else 2
            self._words(f"{path}.{name}", label, help_text, rows=rows, needed=is_title)
        self.fields[f"{path}.was"] = _hidden()
        number = int(path.split(".")[1])
        items = self.sheet["deliverables"][number]["items"]
        self._add_items(path, items, f"deliverable {number + 1}")

    def _add_items(self, path: str, items: Sequence[Sheet], of: str) -> None:
        for at, item in enumerate(items):
            row = f"{path}.items.{at}"
            for name, label in ITEM_LABELS.items():
                self._words(f"{row}.{name}", f"{label} {at + 1} of {of}", "")
                self.fields[f"{row}.{name}"].widget.attrs["aria-label"] = (
                    f"{label} {at + 1} of {of}"
                )
            for name in ("low_h", "high_h"):
                self.fields[f"{row}.{name}"].widget.attrs |= {"inputmode": "decimal", "size": 6}
            offered = [*self.roles]
            if item["role"] not in dict(offered):
                offered.append((item["role"], item["role"]))
            chosen = forms.Select(self.fields[f"{row}.role"].widget.attrs, choices=offered)
            self.fields[f"{row}.role"].widget = chosen

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong, each beside its field; a line's problem beside the lines."""
        for one in problems:
            path, line = one.path, ""
            if path not in self.fields and path.rpartition(".")[2].isdecimal():
                path, _, number = path.rpartition(".")
                line = f"Line {int(number) + 1}: "
            self.add_error(path if path in self.fields else None, f"{line}{one.message}")

    @property
    def head(self) -> list[BoundField]:
        """The fields above the deliverables."""
        return [self[name] for name in ("title", "background", "technical_details")]

    @property
    def overhead_text(self) -> BoundField:
        """The field about the overhead."""
        return self["overhead_text"]

    @property
    def tail(self) -> list[BoundField]:
        """The fields below the deliverables."""
        names = ("out_of_scope", "people", "price_note")
        return [self[name] for name in names if name in self.fields]

    @property
    def deliverables(self) -> list[dict[str, Any]]:
        """The deliverables, each with its fields and items."""
        sums = sums_of(self.sheet)["deliverables"]
        return [
            {
                "path": path,
                "number": at + 1,
                "label": str(at + 1),
                "hours": sums[at],
                "was": self[f"{path}.was"],
                "fields": [self[f"{path}.{name}"] for name in DELIVERABLE],
                "items": list(self._rows(path, one["items"])),
            }
            for at, one in enumerate(self.sheet["deliverables"])
            for path in [f"deliverables.{at}"]
        ]

    @property
    def overhead_items(self) -> list[dict[str, Any]]:
        """The items of the overhead."""
        return list(self._rows("overhead", self.sheet["overhead"]["items"]))

    def _rows(self, path: str, items: Sequence[Sheet]) -> Iterator[dict[str, Any]]:
        for at in range(len(items)):
            row = f"{path}.items.{at}"
            fields: list[BoundField] = [self[f"{row}.{name}"] for name in ITEM_LABELS]
            errors = [error for one in fields for error in one.errors]
            yield {"path": row, "number": at + 1, "fields": fields, "errors": errors}

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The further sections."""
        return [
            {
                "path": f"sections.{at}",
                "number": at + 1,
                "place": self[f"sections.{at}.place"],
                "fields": [self[f"sections.{at}.heading"], self[f"sections.{at}.text"]],
            }
            for at in range(len(self.sheet["sections"]))
        ]

    @property
    def sums(self) -> dict[str, Any]:
        """What the hours add up to so far."""
        return sums_of(self.sheet)


def _hidden() -> forms.CharField:
    return forms.CharField(required=False, widget=forms.HiddenInput)


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield each place of a sheet by its path; lines as one text."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _flat(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and (not value or isinstance(value[0], str)):
        yield path, "\n".join(value)
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _flat(part, f"{path}.{at}")
    else:
        yield path, value


assert set(DELIVERABLE) == {"title", *DELIVERABLE_PROSE, *DELIVERABLE_LINES}  # noqa: S101 -- one list of fields, in two orders
