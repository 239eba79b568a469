"""Forms of engagements and deliverables."""

from typing import Any

from django import forms

from throughline.communities.models import Contact
from throughline.delivery.actions.proofs import ProofFile
from throughline.delivery.words import ChampionAnswer, Health
from throughline.documents.actions import LARGEST
from throughline.kernel.errors import Refused


def uploaded(file: Any) -> ProofFile | None:
    """Return an uploaded file as an action takes it; None where there is none.

    Raises:
        ValidationError: it is larger than what is stored.
    """
    if not file:
        return None
    if file.size > LARGEST:
        raise forms.ValidationError("The file is larger than 25 MiB.")
    return ProofFile(file.read(), file.name)


class HealthForm(forms.Form):
    """How it goes, and why."""

    health = forms.ChoiceField(label="How does it go?", choices=Health.choices)
    why = forms.CharField(
        max_length=250,
        required=False,
        help_text="One sentence; needed where it is not on track.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DoneForm(forms.Form):
    """What shows that a deliverable is done."""

    evidence = forms.CharField(
        label="What shows it?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    link = forms.URLField(label="Link", required=False, max_length=500, assume_scheme="https")
    file = forms.FileField(
        label="File",
        help_text="A picture, a recording, a PDF or a text; at most 25 MiB.",
        required=False,
    )

    def clean_file(self) -> ProofFile | None:
        """Return the file as an action takes it."""
        return uploaded(self.cleaned_data["file"])


class VerifyForm(forms.Form):
    """Why it is verified although the community says "not yet"."""

    why = forms.CharField(
        label="Verified all the same, because …",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AskForm(forms.Form):
    """Who of the community is asked, and what."""

    of = forms.ChoiceField(label="Whom")
    text = forms.CharField(
        label="What do you want to know?",
        help_text="The letter says what was promised, and asks whether it is what they needed.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, people: list[Contact], **kwargs: Any) -> None:
        """Offer those who can be asked, the champions first."""
        super().__init__(*args, **kwargs)
        choices = [(one.email or "", f"{one.full_name} <{one.email}>") for one in people]
        self.fields["of"] = forms.ChoiceField(label="Whom", choices=choices)


class ChampionForm(forms.Form):
    """What somebody of the community says of a deliverable."""

    answer = forms.ChoiceField(
        label="Is it what you needed?",
        choices=[
            (ChampionAnswer.YES.value, "Yes, this is what we needed"),
            (ChampionAnswer.NOT_YET.value, "Not yet"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two answers."},
    )
    text = forms.CharField(
        label="What is missing, or what you want us to know",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    file = forms.FileField(
        label="Something that shows it",
        help_text="A picture, a recording, a PDF or a text; at most 25 MiB.",
        required=False,
    )

    def clean_file(self) -> ProofFile | None:
        """Return the file as an action takes it."""
        return uploaded(self.cleaned_data["file"])


class ProofForm(DoneForm):
    """What shows something about a deliverable, whoever says that it is done."""


class ReturnForm(forms.Form):
    """Why it is not done yet."""

    why = forms.CharField(
        label="Not yet, because …", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class OwnerForm(forms.Form):
    """Who of PS sees to a deliverable."""

    owner = forms.CharField(label="Owner", required=False, max_length=160)


class ActivityForm(forms.Form):
    """A file that tells who used hubs on which days."""

    file = forms.FileField(
        label="File",
        help_text="CSV with the columns hub, user, date. Names become fingerprints.",
    )
    from_on = forms.DateField(
        label="First day it tells of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    to_on = forms.DateField(
        label="Last day it tells of",
        required=False,
        help_text="Where left out: all days from the file's first one to its last one.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class PointForm(forms.Form):
    """A point of a definition of done, by its place."""

    point = forms.IntegerField(min_value=1, max_value=1000)
    is_done = forms.BooleanField(required=False)


class HoursForm(forms.Form):
    """Hours that were worked on a deliverable."""

    hours = forms.DecimalField(label="Hours", max_digits=6, decimal_places=2)
    on = forms.DateField(label="On", widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label="What for", required=False, max_length=250)


class ReplanForm(forms.Form):
    """Another due date, and why."""

    due_on = forms.DateField(label="Due", widget=forms.DateInput(attrs={"type": "date"}))
    why = forms.CharField(label="Why is it moved?", max_length=250)


class DecisionForm(forms.Form):
    """What a review decides, of an engagement or of all."""

    number = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label="Decided", max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = forms.CharField(label="Who does it", required=False, max_length=160)
    due_on = forms.DateField(
        label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class ServiceMonthForm(forms.Form):
    """Whether a service was given in a month."""

    month = forms.ChoiceField(label="Month")
    is_given = forms.ChoiceField(
        label="Was it given?", choices=[("yes", "Yes"), ("no", "No, because …")]
    )
    note = forms.CharField(
        label="Why not, or what is worth knowing", required=False, max_length=250
    )

    def __init__(self, *args: Any, months: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the months of a service that have begun."""
        super().__init__(*args, **kwargs)
        self.fields["month"] = forms.ChoiceField(label="Month", choices=months)


def problems_of(form: forms.Form) -> str:
    """Return what is wrong with a form, in one line."""
    return " ".join(
        f"{form.fields[name].label or name}: {' '.join(map(str, found))}"
        for name, found in form.errors.items()
    )


def check_form(form: forms.Form) -> None:
    """Pass if a form was filled in rightly.

    Raises:
        Refused: something in it is wrong.
    """
    if not form.is_valid():
        raise Refused(problems_of(form), remedy="Correct it and send it again.")
