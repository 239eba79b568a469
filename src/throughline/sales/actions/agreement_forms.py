"""The terms of an agreement as people write them down, and an amendment to them."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from throughline.kernel.errors import Refused
from throughline.kernel.money import LARGEST
from throughline.playbook.model import Playbook
from throughline.playbook.registry import UnknownCode
from throughline.sales.actions.facts import Form
from throughline.sales.models import Agreement, Payment, PriceLine

MOST_ROWS = 60


class Line(Form):
    """One line of the price."""

    description: str = Field(min_length=1, max_length=250)
    account: str = Field("", description="of the playbook; by the tier where left out")
    amount: Decimal | None = Field(
        None, ge=0, lt=LARGEST, decimal_places=2, description="left out: by use"
    )


class Due(Form):
    """One payment of the schedule."""

    occasion: str = Field(min_length=1, max_length=160)
    due_on: date | None = None
    amount: Decimal = Field(gt=0, lt=LARGEST, decimal_places=2)


class TermsForm(Form):
    """Terms of an agreement; what is not named stays, null takes a term out."""

    lines: list[Line] | None = Field(
        None, max_length=MOST_ROWS, description="description, account and amount of each"
    )
    payments: list[Due] | None = Field(
        None, max_length=MOST_ROWS, description="occasion, due_on and amount of each"
    )
    effective_on: date | None = None
    end_on: date | None = Field(None, description="last day, included")
    ceiling: Decimal | None = Field(
        None, gt=0, lt=LARGEST, decimal_places=2, description="limit of cloud costs or of the PO"
    )
    is_prepaid: bool | None = Field(None, description="the ceiling is a pot paid in advance")
    renewal_terms: str | None = Field(None, max_length=4000)
    tax_status: str | None = Field(None, max_length=250, description="of the buyer, for SAGE")
    reference: str | None = Field(None, max_length=120, description="contract or PO number")
    order_line: str | None = Field(None, max_length=60, description="line of the PO")
    issued_on: date | None = Field(None, description="of a PO")
    expires_on: date | None = Field(None, description="of a PO: last day to invoice under it")


class AmendmentForm(TermsForm):
    """An extension, or an amendment of scope, price or tier; what is not named stays."""

    kind: str = Field("amendment", description="extension or amendment")
    title: str = Field("", max_length=250)
    scope: str = Field("", max_length=4000, description="what changes, in words")
    tier: str = Field("", max_length=40, description="the tier from then on, by code or name")


ROWS = ("lines", "payments")
TEXTS = ("renewal_terms", "tax_status", "reference", "order_line")


def plain_values(form: TermsForm) -> dict[str, object]:
    """Return the single terms that a form names; an empty text stands for none."""
    names = form.model_fields_set & (set(TermsForm.model_fields) - set(ROWS))
    return {
        name: getattr(form, name) or "" if name in TEXTS else getattr(form, name)
        for name in sorted(names)
    }


def price_lines(
    agreement: Agreement, lines: list[Line], *, tier: str, playbook: Playbook
) -> list[PriceLine]:
    """Return rows for the lines of a price, each with its account.

    Raises:
        Refused: the playbook has no such account.
    """
    found = []
    for position, line in enumerate(lines, start=1):
        account = playbook.usual_account(tier)
        if line.account:
            try:
                account = playbook.price_account(line.account)
            except UnknownCode:
                codes = ", ".join(one.code for one in playbook.price_accounts)
                raise Refused(
                    f"Line {position}: there is no price account {line.account!r}.",
                    remedy=f"Use one of {codes}.",
                ) from None
        found.append(
            PriceLine(
                agreement=agreement, position=position, description=line.description,
                account=account.code, gl_code=account.gl_code, amount=line.amount,
            )
        )  # fmt: skip
    return found


def payment_rows(agreement: Agreement, payments: list[Due]) -> list[Payment]:
    """Return rows for the payments of a schedule."""
    return [
        Payment(
            agreement=agreement, position=position, occasion=one.occasion, due_on=one.due_on,
            amount=one.amount,
        )
        for position, one in enumerate(payments, start=1)
    ]  # fmt: skip
