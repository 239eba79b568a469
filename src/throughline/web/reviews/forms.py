"""The forms of a review: asking, answering, declining, handing on, commenting."""

from typing import Any

from django import forms

from throughline.sales.actions.reviews import KINDS, LONGEST_LINK, Request, Spoken
from throughline.sales.words import ReviewKind
from throughline.web.sales.forms import StepForm

NAME = 160
LONG_TEXT = 10_000
KIND_CHOICES = [(code, ReviewKind(code).label) for code in KINDS]


def _text(rows: int = 3, **how: Any) -> forms.CharField:
    return forms.CharField(max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **how)


def _link() -> forms.CharField:
    return forms.CharField(
        max_length=LONGEST_LINK, required=False, help_text="To Slack, GitHub, notes.",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )  # fmt: skip


def _day(**how: Any) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "That is not a day. Write it as 2026-06-30."},
        **how,
    )


class AskForm(StepForm):
    """A question to PS."""

    kind = forms.ChoiceField(choices=KIND_CHOICES, label="Ask for")
    question = _text(4, help_text="What PS needs to know to answer, in one go.")
    needed_by = _day(
        required=False, label="Needed by", help_text="Left out, PS has its usual days."
    )

    def request(self) -> Request:
        """Return what is asked for."""
        return Request(**self.cleaned_data)


class SpokenForm(StepForm):
    """What was asked and answered orally."""

    kind = forms.ChoiceField(choices=KIND_CHOICES, label="Asked for")
    question = _text(help_text="What BD asked.")
    answer = _text(help_text="What PS said.")
    asked_by = forms.CharField(max_length=NAME, label="Asked by", help_text="Of BD.")
    answered_by = forms.CharField(
        max_length=NAME, label="Answered by", help_text="Of PS; they confirm it, unless they write."
    )
    on = _day(label="On")
    attended = forms.CharField(max_length=250, label="Who was there")
    link = _link()

    def spoken(self) -> Spoken:
        """Return what was said."""
        said = dict(self.cleaned_data)
        return Spoken(request=Request(said.pop("question"), said.pop("kind")), **said)


class AnswerForm(StepForm):
    """PS's answer; empty confirms what was said orally."""

    answer = _text(4, required=False)
    link = _link()


class DeclineForm(StepForm):
    """Why PS declines."""

    because = _text(2, label="Why", help_text="And what would help.")


class HandOnForm(StepForm):
    """To whom a review goes."""

    to = forms.CharField(max_length=NAME, label="To", help_text="Somebody of PS, by user name.")


class CommentForm(StepForm):
    """A comment, a link, or both."""

    text = _text(2, required=False, label="Comment")
    link = _link()


FORMS: dict[str, type[StepForm]] = {
    "answer": AnswerForm,
    "decline": DeclineForm,
    "hand_on": HandOnForm,
    "comment": CommentForm,
}


def forms_with(tried: StepForm | None = None) -> dict[str, StepForm]:
    """Return the forms of a review's page, the one that was just tried as it was sent."""
    found = {}
    for name, kind in FORMS.items():
        is_tried = type(tried) is kind
        found[name] = tried if tried and is_tried else kind(auto_id=f"id_{name}_%s")
    return found
