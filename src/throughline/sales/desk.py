"""The Sponsor's desk: what waits there, with whom the ball is and since when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from throughline.kernel.days import day_in_zone
from throughline.kernel.money import shown
from throughline.people.models import SignedLink
from throughline.playbook.model import Playbook
from throughline.sales.actions.sponsor import PURPOSE, THE_SPONSOR, work_subject
from throughline.sales.models import (
    Agreement,
    AgreementCopy,
    AgreementPayer,
    Deal,
    Payment,
    PriceLine,
    Signatory,
    SponsorReminder,
    SponsorWork,
)
from throughline.sales.queries import chain_of, is_executed
from throughline.sales.terms import Terms, terms_from
from throughline.sales.words import AgreementKind, SigningState, WorkKind

WAITS_FOR_SIGNER = frozenset({SigningState.SENT, SigningState.VIEWED})


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Who has to act now on the signatures, since when, and what they have to do."""

    who: str
    since: datetime
    to_do: str
    signatory: Signatory | None  # None: nobody is named who could sign


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of what SAGE is told: its value, or who has to say it."""

    label: str
    value: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One work order with all that is needed to do it."""

    work: SponsorWork
    terms: Terms | None
    document: Agreement | None  # what is being signed, or was signed last
    bottleneck: Bottleneck | None
    checklist: tuple[CheckItem, ...]
    links: tuple[SignedLink, ...]
    days: int  # since somebody last moved it
    is_late: bool

    @property
    def deal(self) -> Deal:
        """The deal that it is for."""
        return self.work.deal

    @property
    def holder(self) -> str:
        """Who has it now."""
        if self.bottleneck is not None:
            return self.bottleneck.who
        return self.work.taken_by or THE_SPONSOR

    @property
    def since(self) -> datetime:
        """Since when they have had it."""
        if self.bottleneck is not None:
            return self.bottleneck.since
        return self.work.taken_at or self.work.asked_at

    @property
    def reminders(self) -> list[SponsorReminder]:
        """Who was reminded, the latest first."""
        return sorted(self.work.reminders.all(), key=lambda one: one.pk, reverse=True)


def works() -> QuerySet[SponsorWork]:
    """Return work orders with all that the desk shows of them, in a constant number of queries."""
    parts = (
        Agreement.objects.select_related("document")
        .prefetch_related(
            Prefetch("signatories", Signatory.objects.order_by("position")),
            Prefetch("lines", PriceLine.objects.order_by("position")),
            Prefetch("payments", Payment.objects.order_by("position")),
            Prefetch("payers", AgreementPayer.objects.select_related("cluster")),
            Prefetch("copies", AgreementCopy.objects.select_related("document").order_by("pk")),
        )
        .order_by("pk")
    )
    return (
        SponsorWork.objects.select_related("deal__community")
        .prefetch_related("reminders", Prefetch("deal__agreements", parts))
        .order_by("asked_at", "pk")
    )


def desk_items(found: Iterable[SponsorWork], *, playbook: Playbook, at: datetime) -> list[DeskItem]:
    """Return work orders as the desk shows them, in the given order."""
    listed = list(found)
    links = _links(listed, at=at)
    customers = _known_customers(listed)
    return [_item(one, links, customers, playbook=playbook, at=at) for one in listed]


def _links(found: Sequence[SponsorWork], *, at: datetime) -> dict[str, list[SignedLink]]:
    subjects = [work_subject(one.pk) for one in found]
    standing = SignedLink.objects.filter(
        purpose=PURPOSE, subject__in=subjects, revoked_at=None, expires_at__gt=at
    ).order_by("-pk")
    by_subject: dict[str, list[SignedLink]] = {}
    for link in standing:
        by_subject.setdefault(link.subject, []).append(link)
    return by_subject


def _known_customers(found: Sequence[SponsorWork]) -> dict[str, str]:
    """Return what SAGE called customers for which it was prepared before, by their name."""
    buyers = {one.deal.buyer for one in found if one.kind == WorkKind.INVOICING and one.deal.buyer}
    done = SponsorWork.objects.filter(
        kind=WorkKind.INVOICING, done_at__isnull=False, deal__buyer__in=buyers
    )
    pairs = done.order_by("done_at").values_list("deal__buyer", "receipt")
    return dict(pairs) if buyers else {}


def _item(
    work: SponsorWork,
    links: dict[str, list[SignedLink]],
    customers: dict[str, str],
    *,
    playbook: Playbook,
    at: datetime,
) -> DeskItem:
    on = day_in_zone(at, playbook.organisation.zone)
    chain = chain_of(work.deal.agreements.all())
    terms = terms_from(work.deal, chain, on) if chain else None
    stands = bottleneck_of(work, chain) if work.kind == WorkKind.SIGNATURES else None
    asks_sage = work.kind == WorkKind.INVOICING
    since = stands.since if stands else work.taken_at or work.asked_at
    days = (at - since).days
    return DeskItem(
        work=work,
        terms=terms,
        document=chain[-1] if chain else None,
        bottleneck=stands,
        checklist=invoice_checklist(work.deal, terms, customers, playbook) if asks_sage else (),
        links=tuple(links.get(work_subject(work.pk), ())),
        days=days,
        is_late=work.done_at is None and days >= playbook.periods.sponsor_reminder_days,
    )


def bottleneck_of(work: SponsorWork, chain: Sequence[Agreement]) -> Bottleneck | None:
    """Return who has to act next on the signatures of a deal; None once nobody has to.

    Parties sign in order: the first who has not signed holds the others up. While the document has
    not reached them, the Sponsor does.
    """
    since = work.taken_at or work.asked_at
    sponsor = work.taken_by or THE_SPONSOR
    if not chain:
        return Bottleneck("BD", since, "Name the document and its parties.", None)
    document = chain[-1]
    if is_executed(document):
        return None
    if document.kind == AgreementKind.PURCHASE_ORDER:
        to_do = "Accept the order: write down its number and the day."
        return Bottleneck(sponsor, since, to_do, None)
    signatories = list(document.signatories.all())
    waiting = next((one for one in signatories if one.state != SigningState.SIGNED), None)
    if waiting is None or len(signatories) < 2:  # noqa: PLR2004 -- an agreement has two parties
        return Bottleneck("BD", since, "Name who signs for each party.", None)
    return _waiting_for(waiting, sponsor, since)


def _waiting_for(waiting: Signatory, sponsor: str, since: datetime) -> Bottleneck:
    state = SigningState(waiting.state)
    at = waiting.state_at if waiting.state_at and waiting.state_at > since else since
    if state in WAITS_FOR_SIGNER:
        who = f"{waiting.name} for {waiting.party}"
        return Bottleneck(who, waiting.state_at or since, waiting.remedy, waiting)
    if state in {SigningState.DECLINED, SigningState.CHANGED}:
        return Bottleneck("BD", at, waiting.remedy, waiting)
    return Bottleneck(sponsor, at, waiting.remedy, waiting)


def invoice_checklist(
    deal: Deal, terms: Terms | None, customers: dict[str, str], playbook: Playbook
) -> tuple[CheckItem, ...]:
    """Return what SAGE has to be told, as far as it is known, and who has to say the rest.

    Units: amounts in whole units of the deal's currency. Source: R25.
    """
    values = terms.values if terms else {}
    is_order = terms is not None and terms.governing.kind == AgreementKind.PURCHASE_ORDER
    number = str(values.get("reference") or "")
    known = customers.get(deal.buyer, "")
    items = [
        CheckItem("Customer", _customer(deal), "BD names the buyer."),
        CheckItem("Known to SAGE as", known or "a new customer"),
        CheckItem("Contract number", number or deal.reference),
    ]
    if is_order:
        order = " line ".join(filter(None, [number, str(values.get("order_line") or "")]))
        items.append(CheckItem("PO number", order, "BD asks the buyer; it must be on invoices."))
    items += [
        CheckItem("Term", _span(terms), "BD agrees on start and end."),
        CheckItem("Tax status", str(values.get("tax_status") or ""), "BD asks the buyer."),
        *_lines(deal, terms, playbook),
        *_payments(deal, terms),
    ]
    return tuple(CheckItem(one.label, one.value, "" if one.value else one.missing) for one in items)


def _customer(deal: Deal) -> str:
    community = deal.community
    return deal.buyer or (community.long_name or community.short_name if community else "")


def _span(terms: Terms | None) -> str:
    if terms is None or not (terms.start_on and terms.end_on):
        return ""
    return f"{_day(terms.start_on)} to {_day(terms.end_on)}"


def _day(on: date) -> str:
    return f"{on:%Y-%m-%d}"


def _lines(deal: Deal, terms: Terms | None, playbook: Playbook) -> list[CheckItem]:
    if terms is None or not terms.lines:
        return [CheckItem("Price lines", "", "BD writes down the price lines.")]
    passed = {one.code for one in playbook.price_accounts if one.is_passed_through}
    return [
        CheckItem(
            f"Line {one.position}, GL {one.gl_code}",
            f"{one.description}: {_amount(one, deal)}"
            + (" – fee-exempt: passed through as it was paid" if one.account in passed else ""),
        )
        for one in terms.lines
    ]


def _amount(line: PriceLine, deal: Deal) -> str:
    return "by use" if line.amount is None else f"{shown(line.amount)} {deal.currency}"


def _payments(deal: Deal, terms: Terms | None) -> list[CheckItem]:
    if terms is None or not terms.payments:
        return [CheckItem("Payment schedule", "", "BD writes down the payment schedule.")]
    return [
        CheckItem(
            f"Payment {one.position}",
            f"{one.occasion}: {shown(one.amount)} {deal.currency}"
            + (f", on {_day(one.due_on)}" if one.due_on else ""),
        )
        for one in terms.payments
    ]


def desk_shape(item: DeskItem) -> dict[str, Any]:
    """Return a work order as JSON."""
    work = item.work
    return {
        "work": work.pk,
        "kind": work.kind,
        "deal": item.deal.reference,
        "name": item.deal.name,
        "question": work.question or None,
        "asked_by": work.asked_by,
        "asked_at": work.asked_at.isoformat(),
        "taken_by": work.taken_by or None,
        "with": None if work.done_at else item.holder,
        "since": None if work.done_at else item.since.isoformat(),
        "days": item.days,
        "late": item.is_late,
        "to_do": item.bottleneck.to_do if item.bottleneck else None,
        "signatures": [
            {
                "party": one.party,
                "name": one.name,
                "state": one.state,
                "signed_on": one.signed_on.isoformat() if one.signed_on else None,
            }
            for one in (item.document.signatories.all() if item.document else [])
        ],
        "checklist": [
            {"label": one.label, "value": one.value or None, "missing": one.missing or None}
            for one in item.checklist
        ],
        "reminders": [
            {"to": one.to, "by": one.by, "at": one.at.isoformat(), "text": one.text}
            for one in item.reminders
        ],
        "done_by": work.done_by or None,
        "done_at": work.done_at.isoformat() if work.done_at else None,
        "receipt": work.receipt or None,
    }
