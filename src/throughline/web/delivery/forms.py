"""Forms of engagements and deliverables."""

from django import forms

from throughline.delivery.words import Health


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


class ReturnForm(forms.Form):
    """Why it is not done yet."""

    why = forms.CharField(
        label="Not yet, because …", max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


def problems_of(form: forms.Form) -> str:
    """Return what is wrong with a form, in one line."""
    return " ".join(
        f"{form.fields[name].label or name}: {' '.join(map(str, found))}"
        for name, found in form.errors.items()
    )
