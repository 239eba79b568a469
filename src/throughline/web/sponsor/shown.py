"""How a work order of the Sponsor is shown: on the desk, and to who has a link to it."""

from typing import Any

from throughline.sales.actions.sponsor import THE_SPONSOR
from throughline.sales.desk import DeskItem
from throughline.sales.queries import is_executed
from throughline.sales.words import WorkKind
from throughline.web.agreements.forms import AcceptForm
from throughline.web.agreements.page import signature_line, upload_form
from throughline.web.sponsor.forms import LinkForm, ReceiptForm, ReminderForm

RECEIPTS = {  # how each kind of work is closed: label, help, button
    WorkKind.INVOICING: (
        "SAGE's customer or project number",
        "The work order is closed with it.",
        "Invoicing is prepared",
    ),
    WorkKind.LEGAL: ("The answer", "BD reads it on the deal.", "Answer"),
    WorkKind.CREDIT: (
        "SAGE's number of the credit, or the answer",
        "PS and BD read it at the alert.",
        "The credit is settled",
    ),
    WorkKind.SIGNATURES: ("Where the signed document is", "", "Signatures are collected"),
}


def receipt_form(item: DeskItem, prefix: str) -> ReceiptForm:
    """Return the form that closes a work order, in the words of its kind."""
    form = ReceiptForm(auto_id=f"{prefix}-receipt-{item.work.pk}-%s")
    label, help_text, _button = RECEIPTS[WorkKind(item.work.kind)]
    form.fields["receipt"].label, form.fields["receipt"].help_text = label, help_text
    return form


def work_panel(
    item: DeskItem, *, username: str, may_work: bool, may_sign: bool, may_link: bool
) -> dict[str, Any]:
    """Return one work order with all that is needed to do it, and the forms a person may use."""
    work, document = item.work, item.document
    is_open = work.done_at is None
    is_signing = work.kind == WorkKind.SIGNATURES and document is not None
    signs = is_open and may_sign and not is_executed(document)
    initial = {"to": "" if item.holder == THE_SPONSOR else item.holder}
    return {
        "item": item,
        "work": work,
        "is_open": is_open,
        "signatures": signature_lines(item, may_sign=signs) if is_signing else [],
        "document": document if is_signing else None,
        "accept_form": accept_form(item) if is_signing and signs else None,
        "closes": is_open and may_work and (work.kind != WorkKind.SIGNATURES),
        "receipt_form": receipt_form(item, "desk"),
        "button": RECEIPTS[WorkKind(work.kind)][2],
        "may_take": is_open and may_work and work.taken_by != username,
        "remind_form": ReminderForm(initial=initial, auto_id=f"remind-{work.pk}-%s"),
        "link_form": LinkForm(auto_id=f"link-{work.pk}-%s") if is_open and may_link else None,
    }


def signature_lines(item: DeskItem, *, may_sign: bool) -> list[dict[str, Any]]:
    """Return the signatures of the document that a work order is about."""
    found = item.document.signatories.all() if item.document else []
    return [signature_line(one, may_sign=may_sign) for one in found]


def accept_form(item: DeskItem) -> AcceptForm | None:
    """Return the form that accepts a purchase order; None for an agreement."""
    document = item.document
    if document is None or document.kind != "purchase_order":
        return None
    return AcceptForm(
        initial={"reference": document.reference}, auto_id=f"accept-{item.work.pk}-%s"
    )


def linked_work(item: DeskItem) -> dict[str, Any]:
    """Return what somebody with a link sees of a work order: that one, and nothing else."""
    work, document = item.work, item.document
    is_open = work.done_at is None
    signs = work.kind == WorkKind.SIGNATURES and document is not None
    may_sign = is_open and not is_executed(document)
    context: dict[str, Any] = {
        "item": item,
        "work": work,
        "is_open": is_open,
        "is_signing": signs,
        "closes": is_open and work.kind != WorkKind.SIGNATURES,
        "receipt_form": receipt_form(item, "work"),
        "button": RECEIPTS[WorkKind(work.kind)][2],
        "document": document if signs else None,
        "signatures": signature_lines(item, may_sign=may_sign) if signs else [],
        "upload_form": None,
        "to_sign": None,
    }
    if signs and document is not None:
        files = list(document.copies.all())
        context["to_sign"] = next(
            (one for one in files if one.document_id == document.document_id), None
        )
        context["upload_form"] = upload_form(document) if may_sign else None
    return context
