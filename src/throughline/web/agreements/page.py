"""What the page of an agreement shows."""

from datetime import date
from typing import Any, Final

from django.urls import reverse

from throughline.people.models import User
from throughline.people.words import Permission
from throughline.sales.agreement_notes import Note, notes_on
from throughline.sales.models import Agreement, AgreementCopy, AgreementPayer, Deal
from throughline.sales.queries import executed_on, is_executed
from throughline.sales.terms import Terms, effective_day, terms_on
from throughline.sales.words import AgreementKind, CopyRole, SigningState
from throughline.web.agreements.forms import (
    AcceptForm,
    PartyForm,
    PayerForm,
    UploadForm,
    WhyForm,
    move_form,
)
from throughline.web.moment import Moment
from throughline.web.sales.terms import for_page, term_words
from throughline.web.templatetags.ui import day, money

SIGNING_TONES = {  # how each state of a signature looks, in words the design system knows
    SigningState.TO_SEND: "planned",
    SigningState.SENT: "in_flight",
    SigningState.VIEWED: "reviewed",
    SigningState.SIGNED: "met",
    SigningState.DECLINED: "failed",
    SigningState.CHANGED: "drifted",
    SigningState.EXPIRED: "stale",
    SigningState.WRONG_VERSION: "failed",
}


def rights_of(user: User) -> dict[str, bool]:
    """Return what a person may do with agreements."""
    edits, collects = user.may(Permission.EDIT_DEALS), user.may(Permission.SPONSOR_WORK)
    return {
        "edit": edits,
        "sign": edits or collects,
        "see_money": user.may(Permission.SEE_MONEY),
        "read": user.may(Permission.READ),
    }


def agreement_page(user: User, deal: Deal, now: Moment, on: date) -> dict[str, Any]:
    """Return the context of an agreement's page, with the terms as of a day."""
    terms = terms_on(deal, on)
    may = rights_of(user)
    context: dict[str, Any] = {"deal": deal, "may": may, "on": on, "now": now, "terms": terms}
    if terms is None:
        return context
    found = notes_on(deal, terms)
    shown = [_note(one) for one in found if may["see_money"] or not one.is_money]
    return context | {
        "lede": _lede(terms, on),
        "notes": shown,
        "is_warned": any(one["is_urgent"] for one in shown),
        "documents": [document_panel(one, user, now) for one in reversed(terms.chain)],
        "facts": term_facts(deal, terms, now, see_money=may["see_money"]),
        "lines": _lines(terms),
        "dates": sorted(
            (title, date.fromisoformat(due)) for title, due in deal.deliverable_dates.items()
        ),
        "payers": _payers(terms),
        "payer_form": PayerForm(deal, auto_id="payer-%s") if may["edit"] else None,
        "can_amend": may["edit"] and terms.pending is None,
        "can_edit": may["edit"],
        "is_today": on == now.on,
    }


def _note(one: Note) -> dict[str, Any]:
    return {"message": for_page(one.message), "remedy": one.remedy, "is_urgent": one.is_urgent}


def _lede(terms: Terms, on: date) -> str:
    if not terms.is_binding:
        return "A draft: not executed yet, so nothing here is agreed."
    if terms.start_on and on < terms.start_on:
        return f"Executed; it begins on {day(terms.start_on)}."
    if terms.end_on and terms.end_on < on:
        return f"Executed; it ended on {day(terms.end_on)}."
    return "Executed and in force."


def document_panel(document: Agreement, user: User, now: Moment) -> dict[str, Any]:
    """Return one document with its signatures and files, and what a person may do with it."""
    may, done = rights_of(user), is_executed(document)
    may_sign, is_order = may["sign"] and not done, document.kind == AgreementKind.PURCHASE_ORDER
    files = list(document.copies.all())
    waiting = next((one for one in files if _waits(one)), None)
    confirmed = next(
        (one for one in files if one.role == CopyRole.EXECUTED and not _waits(one)), None
    )
    return {
        "document": document,
        "number": document.deal_id,
        "executed_on": executed_on(document),
        "effective_on": document.effective_on or (document.amends_id and effective_day(document)),
        "planned": [
            one | {"from_on": date.fromisoformat(one["from_on"])}
            for one in ([] if done else document.payer_changes)
        ],
        "is_order": is_order,
        "signatures": [
            signature_line(one, may_sign=may_sign) for one in document.signatories.all()
        ],
        "accept_form": AcceptForm(
            initial={"reference": document.reference, "accepted_on": now.on},
            auto_id=f"accept-{document.pk}-%s",
        )
        if may_sign and is_order
        else None,
        "party_form": PartyForm(auto_id=f"party-{document.pk}-%s")
        if may["edit"] and not done and not is_order
        else None,
        "withdraw_form": WhyForm(auto_id=f"withdraw-{document.pk}-%s")
        if may["edit"] and not done and document.amends_id
        else None,
        "files": [_file(one) for one in files],
        "waiting": waiting and _pair(waiting),
        "confirmed": confirmed and _pair(confirmed),
        "reject_form": WhyForm(auto_id=f"reject-{document.pk}-%s") if waiting else None,
        "may_confirm": waiting is not None
        and may["see_money"]
        and waiting.added_by.casefold() != user.username.casefold(),
        "upload_form": upload_form(document) if may["sign"] and confirmed is None else None,
    }


def upload_form(document: Agreement) -> UploadForm:
    """Return the form for a file of a document; an executed one takes its copy only."""
    form = UploadForm(document, auto_id=f"upload-{document.pk}-%s")
    if is_executed(document):
        form.fields["role"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            one for one in CopyRole.choices if one[0] != CopyRole.TO_SIGN
        ]
        form.initial["role"] = CopyRole.EXECUTED
    return form


def signature_line(one: Any, *, may_sign: bool) -> dict[str, Any]:
    """Return one signature: where it stands, what to do, and the form to move it."""
    state = SigningState(one.state)
    return {
        "signatory": one,
        "status": SIGNING_TONES[state],
        "word": state.label,
        "remedy": one.remedy,
        "form": move_form(one) if may_sign else None,
        "step": "Take it back" if state == SigningState.SIGNED else "Move on",
    }


def _waits(one: AgreementCopy) -> bool:
    return one.role == CopyRole.EXECUTED and one.confirmed_at is None


def _file(one: AgreementCopy) -> dict[str, Any]:
    return {
        "copy": one,
        "url": reverse("web:agreement-file", args=[one.agreement.deal_id, one.pk]),
        "is_current": one.document_id == one.agreement.document_id,
    }


def _pair(one: AgreementCopy) -> dict[str, Any]:
    second = {"name": one.confirmed_by, "did": "confirmed the hash", "at": one.confirmed_at}
    return {
        "copy": one,
        "first": {"name": one.added_by, "did": "uploaded it", "at": one.added_at},
        "second": second if one.confirmed_at else None,
    }


UNSAID: Final = "not written down"  # of a term


def term_facts(deal: Deal, terms: Terms, now: Moment, *, see_money: bool) -> list[dict[str, Any]]:
    """Return the single terms with the document that says each, where an amendment does."""
    tiers = {tier.code: tier.name for tier in now.playbook.tiers}
    values = terms.values
    is_order = terms.governing.kind == AgreementKind.PURCHASE_ORDER
    rows = [
        ("Kind", terms.governing.get_kind_display(), ""),
        ("Order number" if is_order else "Contract number", values["reference"], "reference"),
        ("Term", term_words(terms.start_on, terms.end_on), "end_on"),
        ("Start", day(terms.start_on), ""),
        ("Last day", day(terms.end_on), "end_on"),
        ("Tier", tiers.get(terms.tier, terms.tier) or deal.tier_none_because, "tier"),
        ("Renewal", values["renewal_terms"], "renewal_terms"),
        ("Kept at", values["location"], "location"),
    ]
    if is_order:
        rows += [
            ("Line", values["order_line"], "order_line"),
            ("Issued", day(values["issued_on"]), "issued_on"),
            ("Expires", day(values["expires_on"]), "expires_on"),
        ]
    if see_money:
        rows += _money_rows(deal, terms, is_order=is_order)
    return [
        {"label": label, "value": value or UNSAID, "note": _said_in(terms, name)}
        for label, value, name in rows
    ]


def _money_rows(deal: Deal, terms: Terms, *, is_order: bool) -> list[tuple[str, str, str]]:
    limit, pot = terms.values["ceiling"], terms.values["is_prepaid"]
    label = "Limit" if is_order else "Prepaid pot" if pot else "Cloud ceiling"
    said = "" if limit is None else f"{money(limit)} {deal.currency}"
    return [(label, said, "ceiling"), ("Tax status", terms.values["tax_status"], "tax_status")]


def _said_in(terms: Terms, name: str) -> str:
    document = terms.said_in.get(name)
    return f"by {document.title}" if document and document.amends_id else ""


def _lines(terms: Terms) -> list[dict[str, Any]]:
    return [{"line": one} for one in terms.lines]


def _payers(terms: Terms) -> list[AgreementPayer]:
    """Return every period of every cluster, those that hold on the day marked."""
    holding = {one.pk for one in terms.payers}
    found = [one for document in terms.chain for one in document.payers.all()]
    for one in found:
        one.holds = one.pk in holding  # type: ignore[attr-defined]  # for the page
    return sorted(found, key=lambda one: (one.cluster.name, one.from_on))
