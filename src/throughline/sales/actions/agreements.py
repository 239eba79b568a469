"""Writing down the terms of an agreement, and amending one that is executed."""

from datetime import datetime
from typing import Any

from django.db import transaction

from throughline.journal.actions import record
from throughline.journal.models import Entry
from throughline.kernel.errors import Refused
from throughline.playbook.model import Playbook
from throughline.sales.actions.agreement_forms import (
    ROWS,
    AmendmentForm,
    TermsForm,
    payment_rows,
    plain_values,
    price_lines,
)
from throughline.sales.actions.closing_facts import ask_again
from throughline.sales.actions.dates import check_order, settle_term
from throughline.sales.actions.facts import Writing, filled
from throughline.sales.actions.lock import locked_deal
from throughline.sales.actions.signing import last_document, open_document
from throughline.sales.models import Agreement, Deal, Payment, PriceLine, Signatory
from throughline.sales.queries import chain_of, is_executed, signed_end
from throughline.sales.terms import Terms, documents_of, terms_from
from throughline.sales.words import AgreementKind, AmendmentKind, SigningState, WorkKind

ALWAYS_OPEN = frozenset({"tax_status"})  # of the buyer: no party signs it
TERMS_ACTS = ("sales.agreement.terms_set", "sales.agreement.named")
PRICE_TERMS = ("lines", "payments", "ceiling", "is_prepaid", "renewal_terms")


class TermsConflict(Refused):
    """Somebody else has changed the terms since they were read."""


@transaction.atomic
def set_terms(
    deal_id: int,
    value: dict[str, Any],
    *,
    playbook: Playbook,
    by: str,
    at: datetime,
    seen: str = "",
) -> Agreement:
    """Write down terms of the document that is being prepared: the agreement, or its amendment.

    Once a party has signed, a term that is written down no longer changes; one that is empty can
    still be filled in, as it stands in the document. `seen` is the document's stamp when the writer
    began, "" where that is not known.

    Raises:
        TermsConflict: the terms were changed by somebody else meanwhile.
        Refused: a value does not fit, or a term is signed already.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    form = filled(TermsForm, value, what="terms")
    document = last_document(writing.deal)
    _check_seen(writing.deal, document, seen)
    changes = _changes(document, form, writing)
    if not changes:
        return document
    _check_signed(document, changes)
    for name in set(changes) - set(ROWS):
        setattr(document, name, changes[name])
    check_order(document.effective_on, document.end_on)
    _check_order_days(document)
    document.version += 1
    document.save()
    _put_rows(document, changes)
    _settle(writing.deal)
    record(
        "sales.agreement.terms_set", writing.deal, by=by, at=at, document=str(document),
        version=document.version, changed=sorted(changes),
        **{name: _said(form, name) for name in sorted(changes)},
    )  # fmt: skip
    return document


def _settle(deal: Deal) -> None:
    """Let an end date count that was filled in after execution, as it stands in the document."""
    before = (deal.start_on, deal.end_on)
    settle_term(deal, signed_end=signed_end(chain_of(deal.agreements.all())))
    if (deal.start_on, deal.end_on) != before:
        deal.save(update_fields=["start_on", "end_on"])


def _check_seen(deal: Deal, document: Agreement, seen: str) -> None:
    """Refuse an edit that began with older terms, saying who has changed what since.

    Raises:
        TermsConflict: the terms were changed meanwhile.
    """
    if not seen or seen == document.stamp:
        return
    number, _, version = seen.partition(".")
    known = int(version) if version.isdecimal() and number == str(document.pk) else 0
    newer = [
        entry
        for entry in Entry.objects.about(deal).filter(act__in=TERMS_ACTS)
        if entry.facts.get("version", 0) > known and entry.facts.get("document") == str(document)
    ]
    said = [
        f"{one.by} changed"
        f" {', '.join(one.facts.get('changed', ['the document itself'])).replace('_', ' ')}"
        for one in sorted(newer, key=lambda one: one.pk)
    ]
    raise TermsConflict(
        f"The terms have changed since you began: {'; '.join(said) or 'by somebody else'}.",
        remedy="Look at the terms as they are now, and enter what is still yours to change.",
    )


def _changes(document: Agreement, form: TermsForm, writing: Writing) -> dict[str, Any]:
    """Return what a form would change: the new values by field, rows for lines and payments."""
    wanted = plain_values(form)
    changes = {name: value for name, value in wanted.items() if getattr(document, name) != value}
    tier = document.tier or writing.deal.tier
    if "lines" in form.model_fields_set:
        rows = price_lines(document, form.lines or [], tier=tier, playbook=writing.playbook)
        standing = list(document.lines.order_by("position"))
        if [_line(one) for one in rows] != [_line(one) for one in standing]:
            changes["lines"] = rows
    if "payments" in form.model_fields_set:
        payments = payment_rows(document, form.payments or [])
        kept = list(document.payments.order_by("position"))
        if [_payment(one) for one in payments] != [_payment(one) for one in kept]:
            changes["payments"] = payments
    return changes


def _line(one: PriceLine) -> tuple[Any, ...]:
    return (one.description, one.account, one.amount)


def _payment(one: Payment) -> tuple[Any, ...]:
    return (one.occasion, one.due_on, one.amount)


def _check_signed(document: Agreement, changes: dict[str, Any]) -> None:
    """Refuse to change what somebody has signed; what is empty can be filled in.

    Raises:
        Refused: a term that is written down would change.
    """
    signed = [one for one in document.signatories.all() if one.state == SigningState.SIGNED]
    if not signed and not is_executed(document):
        return
    fixed = sorted(
        name for name in changes if name not in ALWAYS_OPEN and _is_filled(document, name)
    )
    if fixed:
        words = ", ".join(fixed).replace("_", " ")
        if is_executed(document):
            raise Refused(
                f"{document} is executed, and its {words} no longer changes.",
                remedy="Record an amendment instead.",
            )
        raise Refused(
            f"{signed[0].party} has signed with this {words}.",
            remedy="Take the signature back with the reason, or record an amendment later.",
        )


def _is_filled(document: Agreement, name: str) -> bool:
    if name in ROWS:
        return bool(getattr(document, name).exists())
    return getattr(document, name) not in (None, "")


def _check_order_days(document: Agreement) -> None:
    issued, expires = document.issued_on, document.expires_on
    if document.kind != AgreementKind.PURCHASE_ORDER and (issued or expires):
        raise Refused(
            f"{document} is no purchase order, so it is not issued and does not expire.",
            remedy="Leave issued_on and expires_on out.",
        )
    if issued and expires and expires < issued:
        raise Refused(
            f"The order expires on {expires}, before it was issued on {issued}.",
            remedy="Correct one of the days.",
        )


def _put_rows(document: Agreement, changes: dict[str, Any]) -> None:
    if "lines" in changes:
        document.lines.all().delete()
        PriceLine.objects.bulk_create(changes["lines"])
    if "payments" in changes:
        document.payments.all().delete()
        Payment.objects.bulk_create(changes["payments"])


def _said(form: TermsForm, name: str) -> Any:
    return form.model_dump(mode="json")[name]


@transaction.atomic
def amend_agreement(
    deal_id: int, value: dict[str, Any], *, playbook: Playbook, by: str, at: datetime
) -> Agreement:
    """Chain an amendment below an executed agreement, and ask the Sponsor to have it signed.

    An extension moves the end and nothing else. It changes nothing until it is executed. Its
    parties are those of the document before it. Source: E28.

    Raises:
        Refused: the agreement is not executed, another amendment is open, nothing would change, or
            what changes is not for an amendment of this kind.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    form = filled(AmendmentForm, value, what="amendment")
    chain = documents_of(writing.deal)
    last = last_document(writing.deal)
    kind = _amendment_kind(form)
    _check_amendable(writing.deal, chain, last)
    tier = _tier_code(form.tier, playbook)
    _check_amendment(form, kind, terms_from(writing.deal, chain, writing.on), tier)
    if tier and not chain[0].tier:  # so that the tier until then stays readable
        Agreement.objects.filter(pk=chain[0].pk).update(tier=writing.deal.tier)
    made = _make(form, kind, last, tier, writing)
    parties = Signatory.objects.filter(agreement=last).order_by("position")
    Signatory.objects.bulk_create(
        Signatory(
            agreement=made, position=one.position, party=one.party, name=one.name, state_at=at,
            state_by=by,
        )
        for one in parties
    )  # fmt: skip
    record(
        "sales.agreement.amended", writing.deal, by=by, at=at, document=str(made), what=made.what,
        **form.model_dump(mode="json", exclude_unset=True),
    )  # fmt: skip
    ask_again(WorkKind.SIGNATURES, f"{made.what}: {made.title}", writing)
    return made


def _make(
    form: AmendmentForm, kind: AmendmentKind, last: Agreement, tier: str, writing: Writing
) -> Agreement:
    number = writing.deal.agreements.count()
    made = Agreement.objects.create(
        deal=writing.deal, kind=last.kind, amends=last, amendment_kind=kind,
        title=form.title or f"{kind.label} {number}", scope=form.scope, tier=tier,
        created_at=writing.at, **{"reference": last.reference} | plain_values(form),
    )  # fmt: skip
    _check_order_days(made)
    accounts_by = tier or writing.deal.tier
    PriceLine.objects.bulk_create(
        price_lines(made, form.lines or [], tier=accounts_by, playbook=writing.playbook)
    )
    Payment.objects.bulk_create(payment_rows(made, form.payments or []))
    return made


def _amendment_kind(form: AmendmentForm) -> AmendmentKind:
    if form.kind == "renewal":
        raise Refused(
            "A renewal is no amendment: it is a deal and an engagement of its own.",
            remedy="Create the deal that follows, and link it as the successor.",
        )
    if form.kind not in AmendmentKind.values:
        raise Refused(
            f"There is no {form.kind!r} of an agreement.", remedy="Use extension or amendment."
        )
    return AmendmentKind(form.kind)


def _check_amendable(deal: Deal, chain: tuple[Agreement, ...], last: Agreement) -> None:
    if not is_executed(chain[0]):
        raise Refused(
            f"{chain[0]} is not executed, so it can still be changed itself.",
            remedy="Change its terms instead.",
        )
    if not is_executed(last):
        raise Refused(
            f"{last.title} is not executed yet.",
            remedy="Have it signed, or withdraw it, before the next amendment.",
        )
    if deal.stage == "closed_lost":
        raise Refused(f"{deal} was lost.", remedy="Move the deal back first.")


def _tier_code(text: str, playbook: Playbook) -> str:
    if not text:
        return ""
    wanted = text.casefold()
    for tier in playbook.tiers:
        if wanted in {tier.code, tier.name.casefold()}:
            return tier.code
    names = ", ".join(tier.name for tier in playbook.tiers)
    raise Refused(f"There is no tier {text!r}.", remedy=f"Use one of {names}.")


def _check_amendment(form: AmendmentForm, kind: AmendmentKind, terms: Terms, tier: str) -> None:
    newest = terms.chain[-1]
    end_on = next((one.end_on for one in reversed(terms.chain) if one.end_on), None)
    end_on = end_on or newest.deal.end_on
    other = [name for name in PRICE_TERMS if getattr(form, name) not in (None, [], "")]
    other += ["scope"] if form.scope else []
    other += ["tier"] if tier else []
    if kind == AmendmentKind.EXTENSION:
        _check_extension(form, end_on, other)
    elif not other and form.end_on is None and not form.expires_on:
        raise Refused(
            "Nothing would change.",
            remedy="Name what does: scope, tier, lines, payments, ceiling, renewal_terms or end_on.",
        )
    if form.end_on and terms.start_on:
        check_order(terms.start_on, form.end_on)
    if form.effective_on is None:
        return
    check_order(form.effective_on, form.end_on)
    if terms.start_on and form.effective_on < terms.start_on:
        raise Refused(
            f"{form.effective_on} is before the agreement begins, on {terms.start_on}.",
            remedy="Name a day within the agreement.",
        )
    if end_on and form.effective_on > end_on and kind != AmendmentKind.EXTENSION:
        raise Refused(
            f"{form.effective_on} is after the agreement ends, on {end_on}.",
            remedy="Record an extension, or a renewal as a deal of its own.",
        )


def _check_extension(form: AmendmentForm, end_on: Any, other: list[str]) -> None:
    if form.end_on is None:
        raise Refused("An extension names the new last day.", remedy="Give end_on.")
    if end_on and form.end_on <= end_on:
        raise Refused(
            f"{form.end_on} is no extension: the agreement holds until {end_on}.",
            remedy="Name a later day, or record an amendment that shortens it.",
        )
    if other:
        raise Refused(
            f"An extension changes the end only, not {', '.join(other).replace('_', ' ')}.",
            remedy="Record it as an amendment; that may move the end as well.",
        )


@transaction.atomic
def withdraw_amendment(
    deal_id: int, *, why: str, playbook: Playbook, by: str, at: datetime
) -> Agreement:
    """Take back an amendment that is not executed; the journal keeps what it said.

    Returns the document that is the last one again.

    Raises:
        Refused: no amendment is open, or nobody says why.
    """
    writing = Writing(locked_deal(deal_id), playbook, by, at)
    document = open_document(writing.deal)
    if document.amends is None:
        raise Refused(
            f"{document} is no amendment.", remedy="Change its terms, or name another document."
        )
    if not why.strip():
        raise Refused("Nobody says why it is withdrawn.", remedy="Give the reason.")
    before = document.amends
    record(
        "sales.agreement.withdrawn", writing.deal, by=by, at=at, document=str(document),
        what=document.what, why=why.strip(), end_on=document.end_on, scope=document.scope,
        tier=document.tier,
    )  # fmt: skip
    document.delete()
    work = writing.deal.sponsor_work.filter(kind=WorkKind.SIGNATURES, done_at=None).first()
    if work is not None:
        work.done_at, work.done_by, work.receipt = at, by, "The amendment was withdrawn."
        work.save(update_fields=["done_at", "done_by", "receipt"])
    return before
