"""Forms of what is promised and who carries it: scope, promises, what waits for what, joint work.

What is chosen comes as a number or a code: the actions know what is there, and refuse the rest.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from django import forms

from throughline.delivery.actions.scope import Work
from throughline.kernel.errors import Refused

Choices = list[tuple[Any, str]]
Form = TypeVar("Form", bound=forms.Form)
AREA: Final = {"rows": 3}


def offering(form: Form, **choices: Choices) -> Form:
    """Return a form that offers these choices, by field."""
    for name, offered in choices.items():
        form.fields[name].widget.choices = offered
    return form


def _number(label: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, widget=forms.Select, min_value=1, **more)


def _code(label: str) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Select, max_length=300)


def _day(label: str, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


def _hours(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(0), max_digits=8, decimal_places=2
    )


def _why(*, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(label="Why", max_length=500, required=required, help_text=help_text)


def _points() -> forms.CharField:
    return forms.CharField(
        label="Done means", help_text="One point a line.", required=False, max_length=20000,
        widget=forms.Textarea(attrs=AREA),
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class RescopeForm(forms.Form):
    """What a deliverable means and takes from now on, and which amendment says so."""

    points = _points()
    low_h = _hours("Hours, low")
    high_h = _hours("Hours, high")
    amendment = _number("By which amendment")
    why = _why()

    def changes(self) -> dict[str, Any]:
        """Return what is otherwise now, as the action takes it."""
        said = self.cleaned_data
        return {
            "definition_of_done": _lines(said["points"]),
            "low_h": said["low_h"],
            "high_h": said["high_h"],
        }


class DropForm(forms.Form):
    """A deliverable is taken out, as an amendment says."""

    amendment = _number("By which amendment")
    why = _why()


class AddWorkForm(forms.Form):
    """A deliverable that is added: by an amendment, or as work that nobody promised."""

    project = _code("In which project")
    title = forms.CharField(label="What it is", max_length=250)
    points = _points()
    low_h = _hours("Hours, low")
    high_h = _hours("Hours, high")
    due_on = _day("Due", required=False)
    amendment = _number(
        "Promised by which amendment", required=False,
        help_text="Without one it is work that nobody promised, and shown as such.",
    )  # fmt: skip

    def work(self) -> Work:
        """Return the work as the action takes it."""
        said = self.cleaned_data
        points = tuple(_lines(said["points"]))
        return Work(said["title"], points, said["due_on"], said["low_h"], said["high_h"])


class ClauseForm(forms.Form):
    """A promise of the agreement's own text."""

    agreement = _number("In which document")
    name = forms.CharField(label="Clause", max_length=80, help_text="Such as § 4.2.")
    text = forms.CharField(
        label="What it promises", max_length=4000, widget=forms.Textarea(attrs=AREA)
    )


class ServeForm(forms.Form):
    """Which promise a deliverable serves."""

    promise = _code("Serves the promise")


class NeedForm(forms.Form):
    """Which deliverable has to be done first; or, taken back, no more."""

    needed = _number("Waits for")
    no_more = forms.BooleanField(required=False, widget=forms.HiddenInput)


class ReadyFieldForm(forms.Form):
    """What a phase asks for and no other page keeps."""

    project = forms.CharField(max_length=60)
    field = forms.CharField(max_length=60)
    value = forms.CharField(label="What it is", max_length=500)


class BeginForm(forms.Form):
    """A project that a person begins: an event, a season, the end."""

    template = _code("What begins")
    about_on = _day("On")
    why = _why(required=False, help_text="Needed for a decommissioning while others run there.")


class OpenJointForm(forms.Form):
    """Who carries how much of a project, and when it starts."""

    project = _number("Which project")
    title = forms.CharField(label="Called", max_length=250)
    shares = forms.CharField(
        label="Who carries how many parts", max_length=4000,
        help_text="A line for each deal: its number, then its parts. This one is among them.",
        widget=forms.Textarea(attrs=AREA),
    )  # fmt: skip
    threshold = forms.IntegerField(
        label="Starts once so many have signed", min_value=1, max_value=1000
    )

    def told(self) -> Mapping[str, Decimal]:
        """Return the parts by deal, as they were written.

        Raises:
            Refused: a line is none, or names a deal again.
        """
        found: dict[str, Decimal] = {}
        for number, line in enumerate(_lines(self.cleaned_data["shares"]), start=1):
            deal, parts = _share_in(line, number)
            if deal in found:
                raise Refused(f"Line {number} names deal {deal} again.", remedy="Name it once.")
            found[deal] = parts
        return found


def _share_in(line: str, number: int) -> tuple[str, Decimal]:
    try:
        deal, parts = re.split(r"[\s,;]+", line)
        return deal, Decimal(parts)
    except (ValueError, InvalidOperation) as error:
        raise Refused(
            f"Line {number}, {line[:60]!r}, is no deal with its parts.",
            remedy="Write a deal's number and how many parts it carries, such as: 12 2",
        ) from error


class JoinForm(forms.Form):
    """Another deal carries a share."""

    deal = forms.CharField(label="Number of the deal", max_length=40)
    parts = forms.DecimalField(label="Parts", max_digits=8, decimal_places=2)


class LeaveForm(forms.Form):
    """A deal drops out."""

    deal = _code("Which deal drops out")
    why = _why()


class PriceForm(forms.Form):
    """What a joint work costs in all."""

    price = forms.DecimalField(label="Costs in all", max_digits=14, decimal_places=2)
    currency = forms.CharField(label="Currency", max_length=3, min_length=3)
