"""Forms for facts, made from the facts' own fields: nobody has to write JSON."""

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from django import forms
from django.forms.boundfield import BoundField
from pydantic.fields import FieldInfo

from throughline.playbook.model import Playbook
from throughline.playbook.ownership import deal_address
from throughline.sales.actions.record import FACTS
from throughline.sales.ownership import locked_inputs
from throughline.sales.queries import DealFacts
from throughline.web.fact_words import CHOICE_WORDS, FACTS_ASKED, FIELD_WORDS, Asked, Words
from throughline.web.sales.forms import StepForm


@dataclass(frozen=True, slots=True)
class Row:
    """Fields that belong together, such as one person's."""

    legend: str
    fields: tuple[BoundField, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """For which deal a form is drawn, by whose rules, and for whom."""

    facts: DealFacts
    playbook: Playbook
    by: str


class FactForm(StepForm):
    """A form for the fact of one code."""

    code = ""
    left_out: frozenset[str] = frozenset()  # fields that rows stand for

    def __init__(self, code: str, setting: Setting, data: Mapping[str, Any] | None = None) -> None:
        """Make the fields; what is known already stands in them."""
        super().__init__(data, auto_id=f"{code.replace('.', '-').replace('_', '-')}-%s")
        self.code, self.setting = code, setting
        self.asked: Asked = FACTS_ASKED.get(code, Asked(code, "Save"))
        self.plain: list[str] = []
        offered = self.choices()
        for name, info in FACTS[code].form.model_fields.items():
            if name in self.left_out | self.unneeded():
                continue
            if can_be_asked(info):
                self.fields[name] = field_of(info, words_of(code, name), offered.get(name, ()))
                self.plain.append(name)
        self.add_rows()
        self.initial.update(self.known())
        for name, field in self.locked.items():
            self.initial[name] = getattr(setting.facts.deal, field)
            self.fields[name].disabled = True
            self.fields[name].help_text = "HubSpot has the last word: change it there."

    @property
    def locked(self) -> dict[str, str]:
        """The fields that are changed in HubSpot alone, each with the deal's own name of it."""
        found = locked_inputs(self.setting.facts.deal, self.code, self.setting.playbook)
        return {name: field for name, field in found.items() if name in self.fields}

    @property
    def is_locked(self) -> bool:
        """Whether nothing is left to fill in here."""
        return all(field.disabled for field in self.fields.values()) and bool(self.fields)

    @property
    def hubspot_url(self) -> str:
        """Where the locked fields are changed; "" where none is, or nobody told the portal."""
        return deal_address(self.setting.facts.deal.hubspot_id) if self.locked else ""

    def clean(self) -> dict[str, Any]:
        """Return what was filled in; a form with nothing to fill in is refused, not kept."""
        if self.is_locked:
            self.add_error(None, "HubSpot has the last word: change it there.")
        return super().clean() or {}

    def unneeded(self) -> frozenset[str]:
        """Return the fields that nobody can fill as things stand."""
        return frozenset()

    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """Return what text fields offer, by name; any other field takes what is written."""
        return {}

    def add_rows(self) -> None:
        """Add the fields that repeat."""

    def known(self) -> dict[str, Any]:
        """Return what the fields show at first."""
        return {}

    @property
    def plain_fields(self) -> list[BoundField]:
        """The fields that stand for themselves."""
        return [self[name] for name in self.plain]

    @property
    def rows(self) -> list[Row]:
        """The fields that repeat, in groups."""
        return []

    @property
    def introduction(self) -> str:
        """What to know before filling it in; "" where there is nothing."""
        return ""

    def value(self) -> dict[str, Any]:
        """Return the fact as `record_fact` wants it; what was left empty is left out."""
        return {
            name: value
            for name in self.plain
            if (value := self.cleaned_data[name]) not in (None, "", [])
        }


def words_of(code: str, name: str) -> Words:
    """Return the words for a field."""
    found = FIELD_WORDS.get(code, {}).get(name)
    return found or Words(name.replace("_", " ").capitalize())


def field_of(info: FieldInfo, words: Words, choices: Iterable[tuple[str, str]] = ()) -> forms.Field:
    """Return the form field for a fact's field.

    Raises:
        TypeError: it holds several values that need rows of their own.
    """
    common: dict[str, Any] = {
        "required": info.is_required(),
        "label": words.label,
        "help_text": words.help,
    }
    kind = _bare(info.annotation)
    if offered := list(choices) or _options(kind):
        blank = [] if info.is_required() or info.default in dict(offered) else [("", "–")]
        default = info.default if isinstance(info.default, str) else None
        return forms.ChoiceField(choices=[*blank, *offered], initial=default, **common)
    if make := PLAIN.get(kind):
        return make(info, words, common)
    raise TypeError(f"A field of {kind} needs rows of its own.")


def can_be_asked(info: FieldInfo) -> bool:
    """Return whether one input can hold a fact's field; one with parts of its own needs rows.

    A field that has neither stays with the command line until somebody draws rows for it.
    """
    kind = _bare(info.annotation)
    return bool(_options(kind)) or kind in PLAIN


def _bare(annotation: Any) -> Any:
    """Return a type without "or nothing"."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return next(one for one in get_args(annotation) if one is not types.NoneType)
    return annotation


def _options(kind: Any) -> list[tuple[str, str]]:
    values: list[str] = []
    if get_origin(kind) is Literal:
        values = [str(one) for one in get_args(kind)]
    elif isinstance(kind, type) and issubclass(kind, Enum):
        values = [str(one.value) for one in kind]
    return [(one, CHOICE_WORDS.get(one, one)) for one in values]


def text_field(info: FieldInfo, words: Words, common: dict[str, Any]) -> forms.Field:
    """Return a field for a line or a few of text."""
    longest = next(filter(None, (getattr(one, "max_length", None) for one in info.metadata)), None)
    widget = forms.Textarea(attrs={"rows": words.lines}) if words.lines > 1 else forms.TextInput
    return forms.CharField(max_length=longest, widget=widget, **common)


def day_field(_info: FieldInfo, _words: Words, common: dict[str, Any]) -> forms.Field:
    """Return a field for a day."""
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
        **common,
    )


def amount_field(_info: FieldInfo, _words: Words, common: dict[str, Any]) -> forms.Field:
    """Return a field for an amount of money above zero."""
    widget = forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"})
    return forms.DecimalField(
        max_digits=14, decimal_places=2, min_value=Decimal("0.01"), widget=widget, **common
    )


class LinesField(forms.CharField):
    """Several texts, one a line."""

    def to_python(self, value: Any) -> Any:
        """Return the lines that are not empty."""
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        """Return the lines as one text."""
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the lines differ from those shown at first."""
        return bool(self.to_python(data) != (initial or []))


def lines_field(_info: FieldInfo, words: Words, common: dict[str, Any]) -> forms.Field:
    """Return a field for several texts."""
    return LinesField(widget=forms.Textarea(attrs={"rows": max(words.lines, 2)}), **common)


def number_field(_info: FieldInfo, _words: Words, common: dict[str, Any]) -> forms.Field:
    """Return a field for a whole number."""
    return forms.IntegerField(**common)


def yes_no_field(_info: FieldInfo, _words: Words, common: dict[str, Any]) -> forms.Field:
    """Return a box to tick."""
    return forms.BooleanField(**(common | {"required": False}))


PLAIN: dict[Any, Callable[[FieldInfo, Words, dict[str, Any]], forms.Field]] = {
    str: text_field,
    date: day_field,
    Decimal: amount_field,
    int: number_field,
    bool: yes_no_field,
    list[str]: lines_field,
}
