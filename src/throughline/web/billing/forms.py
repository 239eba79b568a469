"""Forms of billing."""

from typing import Any

from django import forms

from throughline.billing.words import EntryKind, SplitMethod
from throughline.documents.actions import LARGEST
from throughline.intake.bills import READERS
from throughline.web.sales.forms import StepForm

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_USERS = 99_999_999  # more than there are people anywhere
CSV = forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"})


class _FileForm(StepForm):
    file = forms.FileField(label="CSV file", widget=CSV)

    def clean_file(self) -> Any:
        """Return the file, if it is not too large to be kept.

        Raises:
            ValidationError: it is.
        """
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 25 MiB.")
        return file


class ImportForm(_FileForm):
    """A provider's bill, or a count of users."""

    what = forms.ChoiceField(
        label="What it tells",
        choices=[
            *((one, f"Costs of {one.upper()}") for one in READERS), ("mau", "Active users"),
        ],
    )  # fmt: skip
    rate = forms.DecimalField(
        required=False, min_value=0, max_digits=20, decimal_places=10,
        help_text="Only of a file in another currency: what one unit of it is worth.",
    )  # fmt: skip
    rate_on = forms.DateField(
        label="Day of the rate", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class TemplateForm(_FileForm):
    """The Sponsor's own blank template."""

    month = forms.CharField(widget=forms.HiddenInput)


class WorkbookForm(_FileForm):
    """The workbook as somebody rearranged it."""

    file = forms.FileField(
        label="XLSX file", widget=forms.ClearableFileInput(attrs={"accept": f".xlsx,{XLSX}"})
    )


class CountForm(StepForm):
    """How many people used a cluster in a month, as somebody found out by hand."""

    month = forms.RegexField(
        r"^\d{4}-\d{2}$", label="Of which month", help_text="YYYY-MM",
        error_messages={"invalid": "Write it as YYYY-MM."},
    )  # fmt: skip
    cluster = forms.CharField(max_length=120)
    users = forms.IntegerField(
        label="Active users", required=False, min_value=0, max_value=MOST_USERS,
        help_text="Zero is a number; left out, nobody knows.",
    )  # fmt: skip
    why = forms.CharField(max_length=500, label="Where the number comes from")


class CorrectForm(StepForm):
    """A correction or a credit of an engagement, or of an account and split as its bill is."""

    month = forms.CharField(widget=forms.HiddenInput)
    place = forms.ChoiceField(label="Of which engagement", required=False)
    account = forms.CharField(
        max_length=250, required=False, label="… or of which account",
        help_text="Its number or name; it is shared as the account's bill is.",
    )  # fmt: skip
    amount = forms.DecimalField(
        max_digits=14, decimal_places=2, help_text="The difference; a credit is below zero."
    )
    of_month = forms.RegexField(
        r"^\d{4}-\d{2}$", required=False, label="Of which month",
        help_text="YYYY-MM; this one where left out.",
        error_messages={"invalid": "Write it as YYYY-MM."},
    )  # fmt: skip
    kind = forms.ChoiceField(
        choices=[
            (one.value, one.label)
            for one in (EntryKind.CORRECTION, EntryKind.CREDIT, EntryKind.USAGE)
        ]
    )
    why = forms.CharField(max_length=500)

    def __init__(self, places: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "none: of an account"), *places]


class AssignForm(StepForm):
    """What an account, or a name in a file of users, is for."""

    name = forms.CharField(max_length=250, label="Account", help_text="Its number or name.")
    cluster = forms.CharField(max_length=120, required=False, help_text="What it is for, or …")
    ours = forms.CharField(
        max_length=250, required=False, label="… our own, because",
        help_text="Left out where a cluster is named.",
    )  # fmt: skip


class SplitForm(StepForm):
    """How a shared account is split."""

    account = forms.CharField(max_length=250, help_text="Its number or name, or its cluster.")
    method = forms.ChoiceField(choices=SplitMethod.choices)
    from_month = forms.RegexField(
        r"^\d{4}-\d{2}$", label="From", help_text="YYYY-MM",
        error_messages={"invalid": "Write it as YYYY-MM."},
    )  # fmt: skip
    parts = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line: 42@cluster=0.6 of an engagement, ours=0.4 of our own. Without"
        " numbers: by each cluster's users.",
    )
    why = forms.CharField(max_length=500, required=False)
