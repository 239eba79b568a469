"""Forms of the Sponsor's desk."""

from django import forms


class ReceiptForm(forms.Form):
    """What closes a work order."""

    receipt = forms.CharField(
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "A work order is closed with a receipt."},
    )


class ReminderForm(forms.Form):
    """Who was reminded, and in which words."""

    to = forms.CharField(max_length=160, required=False, label="Who was reminded")
    text = forms.CharField(max_length=500, required=False, label="In which words")


class LinkForm(forms.Form):
    """Whom a link is for."""

    issued_to = forms.CharField(
        max_length=160,
        label="For whom",
        help_text="What they do is written down under this name.",
    )
