"""The forms of a handoff: returning, answering, deciding, rejecting, ignoring."""

from collections.abc import Sequence
from typing import Any

from django import forms

from throughline.handoff.words import FieldVerdict
from throughline.web.sales.forms import StepForm

LONG_TEXT = 10_000
Groups = Sequence[tuple[str, Sequence[tuple[str, str]]]]


def _said(label: str, **how: Any) -> forms.CharField:
    return forms.CharField(
        max_length=LONG_TEXT, label=label, widget=forms.Textarea(attrs={"rows": 2}), **how
    )


class ReturnForm(StepForm):
    """Which line is wrong, and what is wrong with it."""

    line = forms.ChoiceField(label="Which line?")
    why = _said("What is wrong with it?", help_text="BD reads it, answers, and hands over again.")

    def offer(self, groups: Groups) -> "ReturnForm":
        """Offer the lines of a handoff, and return the form."""
        offered = [("", "Choose a line"), *groups]
        self.fields["line"].choices = offered  # type: ignore[attr-defined]  # a ChoiceField
        return self


class SentReturnForm(StepForm):
    """The same as it was sent: whether there is such a line is the handoff's to say."""

    line = forms.CharField(max_length=240)
    why = _said("What is wrong with it?")


class AnswerForm(StepForm):
    """What BD did about a returned line."""

    answer = _said("What did you do about it?")


class FieldForm(StepForm):
    """What becomes of a field that nobody had a place for."""

    field = forms.CharField(max_length=200, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        choices=[
            (FieldVerdict.NOT_NEEDED, "Not needed in delivery"),
            (FieldVerdict.LINKED, "Read on the engagement's page"),
        ],
        label="For this deal",
    )
    why = forms.CharField(max_length=250, label="Because")


class RejectForm(StepForm):
    """Why a plan is not what it should be."""

    because = _said("What is wrong with the plan?")


class IgnoreForm(StepForm):
    """Why something may differ, and until when."""

    why = forms.CharField(max_length=250, label="Why may it stay so?")
    until_on = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day; then it is drift again.",
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
    )
