"""Forms of terms and amendments: single terms, and rows for price lines and payments."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django import forms

from throughline.playbook.model import Playbook
from throughline.sales.actions.agreement_forms import MOST_ROWS
from throughline.sales.models import Agreement, Deal
from throughline.sales.words import AgreementKind, AmendmentKind
from throughline.web.agreements.forms import day_field
from throughline.web.sales.forms import StepForm

SPARE_ROWS: Final = 3
LINE: Final = ("description", "account", "amount")
PAYMENT: Final = ("occasion", "due_on", "amount")
ORDER_TERMS: Final = ("order_line", "issued_on", "expires_on")


def amount_field(label: str, help_text: str = "") -> forms.DecimalField:
    """Return a field for an amount; left empty it is unknown."""
    return forms.DecimalField(
        required=False,
        label=label,
        help_text=help_text,
        max_digits=14,
        decimal_places=2,
        min_value=0,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
    )


def text_field(label: str, longest: int, help_text: str = "", *, lines: int = 1) -> forms.CharField:
    """Return a field for text that may stay empty."""
    widget = forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput
    return forms.CharField(
        required=False, label=label, max_length=longest, help_text=help_text, widget=widget
    )


class RowsForm(StepForm):
    """Single terms, and as many rows of lines and payments as there are and three more."""

    def __init__(self, deal: Deal, playbook: Playbook, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        self.deal, self.playbook = deal, playbook
        self.counts: dict[str, int] = {}

    def add_rows(self, kind: str, standing: int) -> None:
        """Add the rows of a kind: those that stand or were sent, and three to fill in."""
        sent = [int(one) for name in self.data if (one := _index(name, kind))]
        self.counts[kind] = min(max([standing + SPARE_ROWS, *(one + 1 for one in sent)]), MOST_ROWS)
        for index in range(self.counts[kind]):
            self.fields |= self._row_fields(kind, index)

    def _row_fields(self, kind: str, index: int) -> dict[str, forms.Field]:
        if kind == "payment":
            return {
                f"payment_{index}_occasion": text_field("Occasion", 160),
                f"payment_{index}_due_on": day_field("Due on"),
                f"payment_{index}_amount": amount_field("Amount"),
            }
        accounts = [(one.code, f"{one.gl_code} {one.name}") for one in self.playbook.price_accounts]
        usual = self.playbook.usual_account(self.deal.tier)
        return {
            f"line_{index}_description": text_field("Description", 250),
            f"line_{index}_account": forms.ChoiceField(
                label="GL account", choices=accounts, initial=usual.code, required=False
            ),
            f"line_{index}_amount": amount_field("Amount"),
        }

    def rows_of(self, kind: str) -> list[list[Any]]:
        """Return the bound fields of each row."""
        names = LINE if kind == "line" else PAYMENT
        return [[self[f"{kind}_{index}_{name}"] for name in names] for index in self._places(kind)]

    @property
    def line_rows(self) -> list[list[Any]]:
        """The rows of price lines."""
        return self.rows_of("line")

    @property
    def payment_rows(self) -> list[list[Any]]:
        """The rows of payments."""
        return self.rows_of("payment")

    def _places(self, kind: str) -> range:
        return range(self.counts[kind])

    def show_rows(self, document: Agreement) -> None:
        """Fill the rows with what a document says."""
        for kind, names, found in (
            ("line", LINE, document.lines.all()),
            ("payment", PAYMENT, document.payments.all()),
        ):
            for index, one in enumerate(found):
                self.initial.update(
                    {f"{kind}_{index}_{name}": getattr(one, name) for name in names}
                )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for index in self._places("line"):
            said = cleaned.get(f"line_{index}_amount") is not None
            if said and not cleaned.get(f"line_{index}_description"):
                self.add_error(f"line_{index}_description", "Say what this amount is for.")
        for index in self._places("payment"):
            occasion = bool(cleaned.get(f"payment_{index}_occasion"))
            amount = cleaned.get(f"payment_{index}_amount")
            other = amount is not None or bool(cleaned.get(f"payment_{index}_due_on"))
            if other and not occasion:
                self.add_error(f"payment_{index}_occasion", "Say on which occasion it is paid.")
            if occasion and not amount:
                self.add_error(f"payment_{index}_amount", "Give an amount above zero.")
        return cleaned

    def told_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows that were filled in; one without its first field is empty."""
        found = {}
        for kind, names, key in (("line", LINE, "lines"), ("payment", PAYMENT, "payments")):
            rows = [
                {name: self.cleaned_data[f"{kind}_{index}_{name}"] for name in names}
                for index in self._places(kind)
            ]
            found[key] = [row for row in rows if row[names[0]]]
        return found

    @property
    def plain_fields(self) -> list[Any]:
        """The fields that are no rows."""
        return [self[name] for name in self.fields if not _is_row(name)]


def _index(name: str, kind: str) -> str:
    found = re.fullmatch(rf"{kind}_(\d{{1,3}})_[a-z_]+", name)
    return found[1] if found else ""


def _is_row(name: str) -> bool:
    return bool(_index(name, "line") or _index(name, "payment"))


POT = [("", "–"), ("no", "Ceiling: not to be passed"), ("yes", "Pot: paid in advance")]
PREPAID: Final = {"yes": True, "no": False}


class TermsEdit(RowsForm):
    """The terms of the document that is being prepared."""

    def __init__(
        self, document: Agreement, playbook: Playbook, data: Mapping[str, Any] | None = None
    ) -> None:
        """Make the fields; what is written down already stands in them."""
        super().__init__(document.deal, playbook, data)
        self.document = document
        is_order = document.kind == AgreementKind.PURCHASE_ORDER
        self.fields["seen"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.fields |= _single_terms(is_order=is_order)
        self.add_rows("line", document.lines.count())
        self.add_rows("payment", document.payments.count())
        prepaid = {True: "yes", False: "no", None: ""}[document.is_prepaid]
        plain = {name: getattr(document, name) for name in self.fields if hasattr(document, name)}
        self.initial.update(plain | {"is_prepaid": prepaid, "seen": document.stamp})
        self.show_rows(document)

    def value(self) -> dict[str, Any]:
        """Return the terms as they were filled in; what is empty takes the term out."""
        single = {
            name: None if told in (None, "") else told
            for name, told in self.cleaned_data.items()
            if name != "seen" and not _is_row(name)
        }
        single["is_prepaid"] = PREPAID.get(self.cleaned_data["is_prepaid"])
        return single | self.told_rows()


def _single_terms(*, is_order: bool) -> dict[str, forms.Field]:
    number = "Number of the order" if is_order else "Contract number"
    limit = "Limit of the order" if is_order else "Limit of cloud costs"
    fields: dict[str, forms.Field] = {
        "reference": text_field(number, 120),
        "effective_on": day_field("Effective from"),
        "end_on": day_field("Last day", "It holds through this day."),
        "ceiling": amount_field(limit),
        "is_prepaid": forms.ChoiceField(required=False, label="The limit is a", choices=POT),
        "renewal_terms": text_field("Renewal terms", 4000, lines=3),
        "tax_status": text_field("Tax status", 250, "Of the buyer, for SAGE."),
    }
    if is_order:
        fields |= {
            "order_line": text_field("Line of the order", 60),
            "issued_on": day_field("Issued on"),
            "expires_on": day_field("Expires on", "The last day to invoice under it."),
        }
    return fields


class AmendForm(RowsForm):
    """An extension or an amendment; what is left empty stays as it is."""

    def __init__(
        self, deal: Deal, playbook: Playbook, data: Mapping[str, Any] | None = None
    ) -> None:
        """Make the fields, all empty."""
        super().__init__(deal, playbook, data)
        tiers = [("", "stays"), *((tier.code, tier.name) for tier in playbook.tiers)]
        self.fields |= {
            "kind": forms.ChoiceField(
                label="What it is", choices=AmendmentKind.choices,
                help_text="An extension moves the end and nothing else.",
            ),
            "title": text_field("Title", 250, "“Amendment 1”, where left empty."),
            "effective_on": day_field("Effective from", "The day of the last signature, if empty."),
            "end_on": day_field("New last day"),
            "scope": text_field("What changes", 4000, "In words: scope, price, tier.", lines=4),
            "tier": forms.ChoiceField(label="Service tier", choices=tiers, required=False),
            "ceiling": amount_field("Limit of cloud costs"),
            "renewal_terms": text_field("Renewal terms", 4000, lines=2),
        }  # fmt: skip
        self.add_rows("line", 0)
        self.add_rows("payment", 0)

    def value(self) -> dict[str, Any]:
        """Return what the amendment says; what is empty is left out."""
        told = {
            name: value
            for name, value in self.cleaned_data.items()
            if value not in (None, "") and not _is_row(name)
        }
        return told | {name: rows for name, rows in self.told_rows().items() if rows}
