"""The forms of the pipeline and of a deal that are no facts of a condition."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from throughline.kernel.errors import Refused
from throughline.sales.actions.conflicts import Conflict
from throughline.sales.pipeline import filter_choices


def seen_in(data: Mapping[str, Any]) -> int | None:
    """Return the newest entry of the journal that whoever sent a form knew of; None if untold."""
    said = str(data.get("seen", ""))
    return int(said) if said.isdecimal() and len(said) <= 18 else None  # noqa: PLR2004 -- what a 64-bit key holds


class StepForm(forms.Form):
    """A form whose step may be refused; the refusal is shown with the form."""

    refused: Refused | None = None

    @property
    def seen(self) -> int | None:
        """The newest entry of the journal that the person knew of, as the form they sent says.

        None where nothing was sent, and once a conflict was shown: they know of it now.
        """
        return None if isinstance(self.refused, Conflict) else seen_in(self.data)

    def carried_out(self, step: Callable[[dict[str, Any]], object]) -> bool:
        """Do what a filled form asks, and return whether it was done."""
        if not (self.is_bound and self.is_valid()):
            return False
        try:
            step(self.value())
        except Refused as refused:
            self.refused = refused
        return self.refused is None

    def value(self) -> dict[str, Any]:
        """Return what was filled in, as the step wants it."""
        return self.cleaned_data


class NewDealForm(StepForm):
    """A deal that begins here."""

    name = forms.CharField(
        max_length=255,
        help_text="Whom it is for and what for, such as “Tidewater: a hub for 2027”.",
    )
    owner = forms.CharField(max_length=120, required=False, help_text="Who of BD has it.")
    amount = forms.DecimalField(
        max_digits=14,
        decimal_places=2,
        required=False,
        min_value=0,
        help_text="Leave it empty while it is unknown.",
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
    )
    pipeline = forms.CharField(max_length=120, required=False)


class WaiverForm(StepForm):
    """A condition set aside."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences; everybody who sees the deal can read them.",
    )
    until = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day on which the waiver counts.",
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
    )


class EarlyStartForm(WaiverForm):
    """Leave to order before the agreement is executed."""

    money_limit = forms.DecimalField(
        max_digits=14,
        decimal_places=2,
        label="At most",
        help_text="What may be spent before the agreement is executed.",
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
    )
    field_order = ["reason", "money_limit", "until"]


class ExplainForm(StepForm):
    """Why a deal was moved past an open gate."""

    explanation = forms.CharField(
        label="Why was it moved?",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Everybody who sees the deal can read it.",
        error_messages={"required": "Say why the deal was moved."},
    )


class FilterForm(forms.Form):
    """What the pipeline shows."""

    q = forms.CharField(
        required=False,
        label="Text",
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Community, deal, buyer, id"}
        ),
    )
    owner = forms.ChoiceField(required=False)
    pipeline = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners, pipelines = filter_choices()
        self._offer("owner", "Every owner", owners)
        self._offer("pipeline", "Every pipeline", pipelines)

    def _offer(self, name: str, everything: str, choices: list[str]) -> None:
        offered = [("", everything), *((one, one) for one in choices)]
        self.fields[name].choices = offered  # type: ignore[attr-defined]  # a ChoiceField

    def chosen(self) -> dict[str, str]:
        """Return the filters that make sense; one that does not is left out."""
        self.is_valid()
        names = {"q": "text", "owner": "owner", "pipeline": "pipeline"}
        return {name: self.cleaned_data.get(field, "") for field, name in names.items()}

    def chosen_query(self) -> dict[str, str | list[str]]:
        """Return the filters in force, as the address names them."""
        self.is_valid()
        return {name: value for name in self.fields if (value := self.cleaned_data.get(name))}
