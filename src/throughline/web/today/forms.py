"""Forms of the Sponsor's desk."""

from django import forms


class ReceiptForm(forms.Form):
    """What closes a work order."""

    receipt = forms.CharField(
        max_length=250,
        help_text="SAGE's number, where the signed document is, or the answer in words.",
    )
