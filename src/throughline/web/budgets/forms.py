"""The forms of alerts."""

from django import forms

from throughline.budgets.words import Decision
from throughline.web.sales.forms import StepForm

LINES = forms.Textarea(attrs={"rows": 3})


class AddForm(StepForm):
    """An alert that somebody was mailed."""

    text = forms.CharField(
        max_length=300_000,
        label="The alert, as you got it",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The whole mail, with its head if you have it. It is kept as it is, and read.",
    )


class CauseForm(StepForm):
    """What made the costs."""

    cause = forms.CharField(max_length=2000, label="What made the costs?", widget=LINES)


class DecideForm(StepForm):
    """What is done about it."""

    decision = forms.ChoiceField(choices=Decision.choices, label="What is done?")
    why = forms.CharField(
        max_length=2000, label="Why?", widget=LINES, help_text="The next one can judge by it."
    )


class MatchForm(StepForm):
    """Whose alert it is."""

    engagement = forms.CharField(
        max_length=40, label="Engagement", help_text="Its number, or its deal's id."
    )


class TellForm(StepForm):
    """What the champion is told happens next."""

    text = forms.CharField(
        max_length=2000, required=False, label="What happens next?", widget=LINES,
        help_text="Where it is empty, the decision says it.",
    )  # fmt: skip


class CreditForm(StepForm):
    """A credit that the Sponsor is asked for."""

    amount = forms.CharField(
        max_length=40, label="Amount", widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    why = forms.CharField(max_length=500, label="Why need the community not pay it?", widget=LINES)


class SettleForm(StepForm):
    """What was done about something that cannot be read."""

    why = forms.CharField(max_length=500, label="What was done about it?")
