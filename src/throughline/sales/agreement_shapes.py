"""Terms and documents of an agreement as JSON."""

from collections.abc import Iterable
from typing import Any

from throughline.kernel.money import shown
from throughline.playbook.model import Playbook
from throughline.sales.agreement_notes import Note
from throughline.sales.models import Agreement, AgreementPayer, Deal, PriceLine
from throughline.sales.queries import executed_on, is_executed
from throughline.sales.shapes import iso, tier_name
from throughline.sales.terms import Terms, effective_day


def terms_shape(
    deal: Deal, terms: Terms, notes: Iterable[Note], *, playbook: Playbook
) -> dict[str, Any]:
    """Return the terms as of a day as JSON, with every document and what should be looked at.

    Units: money in whole units of `currency`, as text with two decimals.
    """
    values = terms.values
    return {
        "deal": deal.reference,
        "on": iso(terms.on),
        "binding": terms.is_binding,
        "kind": terms.governing.kind,
        "reference": values["reference"] or None,
        "start_on": iso(terms.start_on),
        "end_on": iso(terms.end_on),
        "tier": tier_name(terms.tier, playbook),
        "currency": deal.currency,
        "lines": [_line(one) for one in terms.lines],
        "total": shown(terms.price),
        "payments": [
            {"occasion": one.occasion, "due_on": iso(one.due_on), "amount": shown(one.amount)}
            for one in terms.payments
        ],
        "ceiling": shown(values["ceiling"]),
        "prepaid": values["is_prepaid"],
        "payers": [_payer(one) for one in terms.payers],
        "renewal_terms": values["renewal_terms"] or None,
        "tax_status": values["tax_status"] or None,
        "issued_on": iso(values["issued_on"]),
        "expires_on": iso(values["expires_on"]),
        "deliverable_dates": dict(sorted(deal.deliverable_dates.items())),
        "documents": [document_shape(one, counts=one in terms.counted) for one in terms.chain],
        "notes": [
            {"code": one.code, "message": one.message, "remedy": one.remedy} for one in notes
        ],
    }


def _line(one: PriceLine) -> dict[str, Any]:
    return {
        "description": one.description,
        "account": one.account,
        "gl_code": one.gl_code,
        "amount": shown(one.amount),
    }


def _payer(one: AgreementPayer) -> dict[str, Any]:
    return {
        "cluster": one.cluster.name,
        "payer": one.payer,
        "from_on": iso(one.from_on),
        "to_on": iso(one.to_on),
    }


def document_shape(document: Agreement, *, counts: bool) -> dict[str, Any]:
    """Return one document of a chain as JSON; `counts` says whether its words hold on the day."""
    return {
        "number": document.pk,
        "stamp": document.stamp,
        "what": document.what,
        "title": document.title,
        "executed": is_executed(document),
        "executed_on": iso(executed_on(document)),
        "effective_on": iso(effective_day(document) or document.effective_on),
        "end_on": iso(document.end_on),
        "counts": counts,
        "scope": document.scope or None,
        "to_sign": document.document.sha256 if document.document else None,
        "location": document.location or None,
        "signatures": [
            {
                "party": one.party,
                "name": one.name,
                "state": one.state,
                "signed_on": iso(one.signed_on),
                "to_do": one.remedy or None,
            }
            for one in document.signatories.all()
        ],
        "copies": [
            {
                "role": one.role,
                "name": one.document.name,
                "sha256": one.document.sha256,
                "added_by": one.added_by,
                "confirmed_by": one.confirmed_by or None,
            }
            for one in document.copies.all()
        ],
        "planned_payers": document.payer_changes,
    }
