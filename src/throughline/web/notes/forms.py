"""The forms of a note: writing, replying, withdrawing."""

from django import forms

from throughline.sales.actions.knowledge import LONGEST
from throughline.sales.words import NoteKind
from throughline.web.sales.forms import StepForm


class NoteForm(StepForm):
    """Something that PS must know."""

    kind = forms.ChoiceField(choices=NoteKind.choices, label="What is it?")
    text = forms.CharField(
        max_length=LONGEST,
        label="For PS to know",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Markdown. Whoever confirms it has read exactly these words.",
    )
    is_private = forms.BooleanField(
        required=False,
        initial=True,
        label="Private",
        help_text="It never leaves the house: no issue, mail or link shows it.",
    )


class ReplyForm(StepForm):
    """What is said to a note."""

    text = forms.CharField(
        max_length=LONGEST, label="Reply", widget=forms.Textarea(attrs={"rows": 2})
    )


class WithdrawForm(StepForm):
    """Why a note does not hold any more."""

    because = forms.CharField(max_length=250, label="Why does it not hold?")
