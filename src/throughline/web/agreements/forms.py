"""Forms of signatures, files, parties and payers."""

from datetime import date
from typing import Any

from django import forms

from throughline.documents.actions import LARGEST
from throughline.infrastructure.models import Cluster
from throughline.infrastructure.words import Payer
from throughline.kernel.errors import Refused
from throughline.sales.actions.copies import Upload
from throughline.sales.actions.signing import Move
from throughline.sales.models import Agreement, Deal, Signatory
from throughline.sales.words import (
    NEXT_STATES,
    AgreementKind,
    CopyRole,
    SigningState,
)

NO_DAY = "That is not a day. Write it as 2026-06-30."


def day_field(label: str, help_text: str = "", *, required: bool = False) -> forms.DateField:
    """Return a field for a day."""
    return forms.DateField(
        required=required,
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NO_DAY},
    )


def filled(form: forms.Form) -> dict[str, Any]:
    """Return what was filled in.

    Raises:
        Refused: a field is wrong; the message names it.
    """
    if form.is_valid():
        return form.cleaned_data
    said = [
        f"{form.fields[name].label or name}: {' '.join(map(str, found))}"
        if name in form.fields
        else " ".join(map(str, found))
        for name, found in form.errors.items()
    ]
    raise Refused(" ".join(said), remedy="Correct it and send it again.")


class MoveForm(forms.Form):
    """What became of one party's signature."""

    party = forms.CharField(max_length=160, widget=forms.HiddenInput)
    to = forms.ChoiceField(label="It is now", choices=SigningState.choices)
    on = day_field("Signed on", "Today, where left empty.")
    name = forms.CharField(
        label="Who signs instead", max_length=160, required=False, help_text="Where that changed."
    )
    note = forms.CharField(
        label="Why", max_length=250, required=False, help_text="Where declined or taken back."
    )

    def move(self) -> Move:
        """Return the move that was filled in.

        Raises:
            Refused: a field is wrong.
        """
        told = filled(self)
        to = SigningState(told["to"])
        on: date | None = told["on"] if to == SigningState.SIGNED else None
        return Move(to, on=on, name=told["name"].strip(), note=told["note"].strip())


def move_form(signatory: Signatory) -> MoveForm:
    """Return the form for a signature with the states that may follow."""
    form = MoveForm(initial={"party": signatory.party}, auto_id=f"sign-{signatory.pk}-%s")
    allowed = NEXT_STATES[SigningState(signatory.state)]
    # What goes forward comes first.
    ordered = sorted(SigningState, key=lambda state: state == SigningState.TO_SEND)
    form.fields["to"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
        (state.value, state.label) for state in ordered if state in allowed
    ]
    if SigningState.SIGNED not in allowed:
        del form.fields["on"]
    if signatory.state == SigningState.SIGNED:
        del form.fields["name"]
    return form


class AcceptForm(forms.Form):
    """Number and day of a purchase order's acceptance."""

    reference = forms.CharField(label="Number of the order", max_length=120, required=False)
    accepted_on = day_field("Accepted on", required=True)


class PartyForm(forms.Form):
    """A party and who signs for it."""

    party = forms.CharField(max_length=160, label="Party")
    name = forms.CharField(max_length=160, label="Signed by")


class WhyForm(forms.Form):
    """A reason."""

    why = forms.CharField(
        label="Why?", max_length=500, widget=forms.Textarea(attrs={"rows": 2}), required=False
    )


class ConfirmForm(forms.Form):
    """The hash of the copy that was compared."""

    sha256 = forms.CharField(max_length=64, min_length=64, widget=forms.HiddenInput)


class UploadForm(forms.Form):
    """A file of one document, and what it is; on paper, the day of each missing signature."""

    role = forms.ChoiceField(label="What it is", choices=CopyRole.choices)
    file = forms.FileField(
        label="File",
        help_text="An executed copy is a PDF; at most 25 MiB.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def __init__(self, document: Agreement, *args: Any, **kwargs: Any) -> None:
        """Add a day for each party that has not signed."""
        super().__init__(*args, **kwargs)
        self.document = document
        is_order = document.kind == AgreementKind.PURCHASE_ORDER
        self.unsigned = [
            one
            for one in document.signatories.all()
            if one.state != SigningState.SIGNED and not is_order
        ]
        for one in self.unsigned:
            self.fields[f"signed_{one.position}"] = day_field(
                f"{one.name} for {one.party} signed on", "Of a copy signed on paper."
            )

    def clean_file(self) -> Any:
        """Return the file, if it is not too large to be read.

        Raises:
            ValidationError: it is larger than what is stored.
        """
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 25 MiB.")
        return file

    def upload(self) -> Upload:
        """Return the file with what was said about it.

        Raises:
            Refused: a field is wrong.
        """
        told = filled(self)
        signed = {
            one.party: told[f"signed_{one.position}"]
            for one in self.unsigned
            if told[f"signed_{one.position}"]
        }
        role = CopyRole(told["role"])
        return Upload(
            content=told["file"].read(),
            name=told["file"].name,
            role=role,
            signed=signed if role == CopyRole.EXECUTED else {},
            of=self.document.pk,
        )


class PayerForm(forms.Form):
    """Who pays a cluster, from when."""

    cluster = forms.ChoiceField(label="Cluster")
    payer = forms.ChoiceField(
        label="Who pays its cloud",
        choices=[(one.value, one.label) for one in (Payer.US, Payer.COMMUNITY)],
    )
    from_on = day_field("From", required=True)

    def __init__(self, deal: Deal, *args: Any, **kwargs: Any) -> None:
        """Offer the clusters, those that name the deal first."""
        super().__init__(*args, **kwargs)
        found = Cluster.objects.order_by("name").values_list("name", "deal_id")
        names = sorted(found, key=lambda one: (one[1] != (deal.hubspot_id or "-"), one[0]))
        self.fields["cluster"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (name, name) for name, _deal in names
        ]
