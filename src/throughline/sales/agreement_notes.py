"""What is missing from an agreement, or contradicts: for a person to settle, never a gate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from throughline.infrastructure.models import Cluster
from throughline.kernel.days import ONE_DAY
from throughline.kernel.money import shown
from throughline.sales.models import Agreement, Deal
from throughline.sales.queries import is_executed
from throughline.sales.terms import Terms
from throughline.sales.words import AgreementKind, CopyRole


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that somebody should look at."""

    code: str
    message: str
    remedy: str
    is_money: bool = False  # names amounts: only for those who may see money
    is_urgent: bool = True  # contradicts; else it is only missing


def notes_on(deal: Deal, terms: Terms) -> tuple[Note, ...]:
    """Return what a person should look at in the terms of a deal, the contradictions first."""
    found = [
        *_order(deal, terms),
        *_sums(deal, terms),
        *_dates(deal, terms),
        *_copies(terms),
        *_missing(deal, terms),
    ]
    return tuple(sorted(found, key=lambda one: not one.is_urgent))


def order_notes(deal: Deal, chain: Iterable[Agreement], *, on: date) -> Iterator[Note]:
    """Yield what is wrong with when a purchase order expires; asks the database for nothing.

    Source: E14.
    """
    documents = [one for one in chain if one.amends_id is None or is_executed(one)]
    said = [one.expires_on for one in documents if one.expires_on]
    expires_on = said[-1] if said else None
    if expires_on and deal.end_on and expires_on < deal.end_on:
        days = (deal.end_on - expires_on).days
        yield Note(
            "order_expires_early",
            f"The purchase order expires on {expires_on}, {days} days before the work ends on"
            f" {deal.end_on}.",
            "Ask the buyer to extend it, or invoice everything before.",
        )
    elif expires_on and expires_on < on:
        yield Note(
            "order_expired", f"The purchase order expired on {expires_on}.",
            "Nothing more can be invoiced under it: ask the buyer for a new one.",
        )  # fmt: skip


def _order(deal: Deal, terms: Terms) -> Iterator[Note]:
    """Yield what is wrong with a purchase order: it expires early, or covers too little."""
    if terms.governing.kind != AgreementKind.PURCHASE_ORDER:
        return
    yield from order_notes(deal, terms.chain, on=terms.on)
    expires_on, ceiling = terms.values["expires_on"], terms.values["ceiling"]
    late = [one for one in terms.payments if expires_on and one.due_on and one.due_on > expires_on]
    for one in late:
        yield Note(
            "payment_after_expiry",
            f"The payment “{one.occasion}” is due on {one.due_on}, after the order expires.",
            "Move it before, or have the order extended.",
        )
    if ceiling is not None and deal.amount is not None and ceiling < deal.amount:
        yield Note(
            "order_below_deal",
            f"The purchase order is limited to {shown(ceiling)}, and the deal is"
            f" {shown(deal.amount)} {deal.currency}.",
            "Ask the buyer for a second order, or correct the deal's amount.",
            is_money=True,
        )


def _sums(deal: Deal, terms: Terms) -> Iterator[Note]:
    price, scheduled = terms.price, terms.scheduled
    if price is not None and deal.amount is not None and price != deal.amount:
        yield Note(
            "lines_differ",
            f"The price lines come to {shown(price)}, and the deal's amount is"
            f" {shown(deal.amount)} {deal.currency}.",
            "Correct the lines, or the amount of the deal.",
            is_money=True,
        )
    if price is not None and scheduled is not None and scheduled != price:
        yield Note(
            "schedule_differs",
            f"The payments come to {shown(scheduled)}, and the price lines to {shown(price)}"
            f" {deal.currency}.",
            "Correct the schedule, or the lines.",
            is_money=True,
        )


def _dates(deal: Deal, terms: Terms) -> Iterator[Note]:
    end_on = terms.end_on
    if terms.is_binding and end_on and deal.contract_end_on and deal.contract_end_on > end_on:
        yield Note(
            "end_beyond_signature",
            f"The deal says that it ends on {deal.contract_end_on}; what is signed ends on"
            f" {end_on}, and that counts.",
            "Have an extension signed, or correct the deal's date.",
        )
    for title, due in sorted(deal.deliverable_dates.items()):
        if deal.end_on and due > deal.end_on.isoformat():
            yield Note(
                "due_after_end", f"“{title}” is due on {due}, after the end on {deal.end_on}.",
                "Agree on an earlier day, or on an extension.",
            )  # fmt: skip


def _copies(terms: Terms) -> Iterator[Note]:
    for document in terms.chain:
        executed = [one for one in document.copies.all() if one.role == CopyRole.EXECUTED]
        waiting = next((one for one in executed if one.confirmed_at is None), None)
        if waiting is not None:
            yield Note(
                "copy_unconfirmed",
                f"{waiting.added_by} has uploaded the executed copy of “{document.title}”.",
                "A second person compares it and confirms its hash.",
            )
        elif is_executed(document) and not executed:
            yield Note(
                "copy_missing",
                f"“{document.title}” is executed, and its executed copy is not here.",
                "Upload the PDF; a second person confirms it.", is_urgent=False,
            )  # fmt: skip


def _missing(deal: Deal, terms: Terms) -> Iterator[Note]:
    gaps = [
        word
        for word, value in (
            ("start", terms.start_on),
            ("end", terms.end_on or deal.contract_end_on),
            ("price lines", terms.lines),
            ("payment schedule", terms.payments),
            ("renewal terms", terms.values["renewal_terms"]),
        )
        if not value
    ]
    if gaps:
        yield Note(
            "terms_missing", f"Not written down: {', '.join(gaps)}.", "Fill in the terms.",
            is_urgent=False,
        )  # fmt: skip
    for name in _clusters_without_payer(deal, terms):
        yield Note(
            "payer_missing", f"Nobody has said who pays for the cloud of {name}.",
            "Say who pays, and from which day on.",
        )  # fmt: skip


def _clusters_without_payer(deal: Deal, terms: Terms) -> list[str]:
    """Return the clusters that name the deal and have no payer on the day of the terms."""
    if not deal.hubspot_id:
        return []
    paid = {one.cluster_id for one in terms.payers}
    # A payer from tomorrow on is said, too: only what no document speaks of is missing.
    paid |= {
        one.cluster_id
        for document in terms.chain
        for one in document.payers.all()
        if one.from_on > terms.on - ONE_DAY
    }
    found = Cluster.objects.filter(deal_id=deal.hubspot_id).order_by("name")
    return [one.name for one in found if one.pk not in paid]
