"""The forms of capacity: what the map shows, who has time, an answer, somebody of the team."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from throughline.capacity.models import Colleague
from throughline.capacity.words import AnswerWord
from throughline.playbook.model import Playbook
from throughline.web.sales.fact_forms import LinesField
from throughline.web.sales.forms import StepForm

WEEKS = (8, 12, 26, 52)
USUAL_WEEKS = 12
LONG_TEXT = 2000
LARGEST_FILE = 1024 * 1024  # bytes; a line is a person
HALF = 0.5


def day_field(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
    )  # fmt: skip


class MapForm(forms.Form):
    """What the map shows; it stands in the address."""

    since = day_field("From")
    weeks = forms.TypedChoiceField(
        label="Weeks", choices=[(count, str(count)) for count in WEEKS], coerce=int,
        required=False,
    )  # fmt: skip
    people = forms.MultipleChoiceField(
        label="Show the people of", required=False, widget=forms.CheckboxSelectMultiple
    )
    deals = forms.MultipleChoiceField(
        label="Count these deals as if they closed", required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    deal = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1)
    chosen = forms.BooleanField(required=False, widget=forms.HiddenInput, initial=True)

    def __init__(
        self, data: Mapping[str, Any], *, playbook: Playbook, deals: Sequence[tuple[str, str]]
    ) -> None:
        """Offer roles, and `deals` as (subject, name)."""
        super().__init__(data, auto_id="map-%s")
        choices: dict[str, list[tuple[str, str]]] = {
            "people": [(role.code, role.name) for role in playbook.team_roles],
            "deals": list(deals),
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]  # choice fields

    def asked(self) -> dict[str, Any]:
        """Return what was asked for; what makes no sense is as if nobody had asked."""
        self.is_valid()
        found = dict.fromkeys(self.fields) | self.cleaned_data
        return found | {"weeks": found["weeks"] or USUAL_WEEKS}


class WhoForm(forms.Form):
    """Who has so much time, of a role, from a day to a day?"""

    fte = forms.FloatField(
        label="FTE", min_value=0.05, max_value=20, initial=HALF,
        widget=forms.NumberInput(attrs={"step": "0.05", "inputmode": "decimal"}),
    )  # fmt: skip
    role = forms.ChoiceField(label="Role")
    from_on = day_field("From", required=True)
    to_on = day_field("To", required=True)

    def __init__(self, data: Mapping[str, Any] | None, *, playbook: Playbook, on: date) -> None:
        """Offer the roles of the team; nobody has time before today."""
        super().__init__(data, auto_id="who-%s")
        roles = [(role.code, role.name) for role in playbook.team_roles]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]  # a choice field
        self.on = on

    def clean(self) -> dict[str, Any]:
        """Return what was asked, if its days are in order and not over.

        Raises:
            ValidationError: the last day is before the first, or before today.
        """
        found = super().clean() or {}
        first, last = found.get("from_on"), found.get("to_on")
        if first and last and last < first:
            raise forms.ValidationError({"to_on": "That is before the first day."})
        if last and last < self.on:
            raise forms.ValidationError({"to_on": "That is over."})
        return found


class ConfirmForm(StepForm):
    """PS says yes to what was computed, as it was shown."""

    answer = forms.CharField(widget=forms.HiddenInput, max_length=20)
    start_on = forms.DateField(widget=forms.HiddenInput, required=False)
    expires_on = day_field("Good until", help_text="Left empty, as long as the playbook says.")
    note = forms.CharField(
        label="Note", required=False, max_length=LONG_TEXT, help_text="What else BD should know.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class CounterForm(StepForm):
    """PS answers otherwise than the computation: another day, or conditions."""

    answer = forms.ChoiceField(
        label="Our answer",
        choices=[(one.value, one.label) for one in AnswerWord if one != AnswerWord.NO],
    )
    start_on = day_field("From", help_text="For “yes, from”.")
    only_if = LinesField(
        label="Only if …", required=False, max_length=LONG_TEXT, help_text="One condition a line.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    assumptions = LinesField(
        label="Assumptions", required=False, max_length=LONG_TEXT, help_text="One a line.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    expires_on = day_field("Good until", help_text="Left empty, as long as the playbook says.")
    note = forms.CharField(
        label="Why otherwise than computed", max_length=LONG_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class RefuseForm(StepForm):
    """PS says no."""

    note = forms.CharField(
        label="Why not", max_length=LONG_TEXT, help_text="And what would have to change.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def value(self) -> dict[str, Any]:
        """Return the answer as the fact has it."""
        return {"answer": AnswerWord.NO.value, **self.cleaned_data}


class ColleagueForm(StepForm):
    """Somebody of the team; the cells are judged as those of a file are."""

    name = forms.CharField(label="Name", max_length=160)
    roles = forms.MultipleChoiceField(
        label="Roles", required=False, widget=forms.CheckboxSelectMultiple
    )
    weekly_hours = forms.CharField(
        label="Hours a week", max_length=10, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    billable_share = forms.CharField(
        label="Share that is sold", max_length=10, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    from_on = day_field("First day", help_text="Left empty: has always been there.")
    to_on = day_field("Last day", help_text="Left empty: stays.")
    country = forms.CharField(
        label="Country", max_length=10, required=False,
        help_text="For public holidays: DE, or US-CA for a part of one.",
    )  # fmt: skip

    def __init__(self, playbook: Playbook, data: Mapping[str, Any] | None = None) -> None:
        """Offer the roles of the team."""
        super().__init__(data, auto_id="colleague-%s")
        roles = [(role.code, role.name) for role in playbook.team_roles]
        self.fields["roles"].choices = roles  # type: ignore[attr-defined]  # a choice field
        share = f"{playbook.capacity.billable_share():.4f}".rstrip("0")
        self.fields["billable_share"].help_text = (
            f"From 0 to 1. Left empty, the playbook's {share}:"
            f" {playbook.capacity.billable_hours_per_year} of"
            f" {playbook.capacity.working_hours_per_year} hours a year."
        )

    def show(self, one: Colleague) -> None:
        """Show what is known of somebody."""
        self.initial = {
            "name": one.name,
            "roles": one.roles,
            "weekly_hours": f"{one.weekly_hours.normalize():f}",
            "billable_share": f"{one.billable_share.normalize():f}",
            "from_on": one.from_on,
            "to_on": one.to_on,
            "country": one.country,
        }

    def value(self) -> dict[str, Any]:
        """Return the cells as a file has them, by column."""
        told = self.cleaned_data
        return {
            "name": told["name"],
            "roles": ";".join(told["roles"]),
            "weekly_hours": told["weekly_hours"],
            "billable_share": told["billable_share"],
            "from": told["from_on"].isoformat() if told["from_on"] else "",
            "to": told["to_on"].isoformat() if told["to_on"] else "",
            "country": told["country"],
        }


class AwayForm(StepForm):
    """Days on which somebody does not work."""

    from_on = day_field("First day off", required=True)
    to_on = day_field("Last day off", required=True)
    reason = forms.CharField(label="Why", max_length=120, required=False)


class PeopleFileForm(StepForm):
    """The team as a CSV file."""

    file = forms.FileField(
        label="CSV file",
        help_text="name, roles, weekly_hours, billable_share, from, to, country; roles separated by ;",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> Any:
        """Return the file, if it is not too large to be a team.

        Raises:
            ValidationError: it is.
        """
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 1 MiB.")
        return file
