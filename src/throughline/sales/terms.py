"""The terms of a deal as of a day: what its agreement and its executed amendments say together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from throughline.sales.models import (
    Agreement,
    AgreementCopy,
    AgreementPayer,
    Deal,
    Payment,
    PriceLine,
    Signatory,
)
from throughline.sales.queries import chain_of, executed_on, is_executed

FIELDS = (
    "end_on", "ceiling", "is_prepaid", "renewal_terms", "tax_status", "reference", "order_line",
    "issued_on", "expires_on", "location",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds on a day, and which document says so."""

    on: date
    chain: tuple[Agreement, ...]  # all documents, executed or not, in order
    counted: tuple[Agreement, ...]  # those whose words count on the day
    is_binding: bool  # False: the agreement is a draft, and nothing is agreed yet
    start_on: date | None
    tier: str  # code; "" is none or not said
    lines: tuple[PriceLine, ...]
    payments: tuple[Payment, ...]
    payers: tuple[AgreementPayer, ...]
    values: dict[str, Any]  # the other terms, by the names in FIELDS
    said_in: dict[str, Agreement]  # by field, "lines" and "payments": the document that says it

    @property
    def governing(self) -> Agreement:
        """The agreement or purchase order that the others amend."""
        return self.chain[0]

    @property
    def end_on(self) -> date | None:
        """The last day, included, as it counts on the day."""
        found: date | None = self.values["end_on"]
        return found

    @property
    def pending(self) -> Agreement | None:
        """The document that is not executed yet: the agreement itself, or its newest amendment."""
        return None if is_executed(self.chain[-1]) else self.chain[-1]

    @property
    def price(self) -> Decimal | None:
        """The sum of the lines that have an amount; None where none has."""
        amounts = [one.amount for one in self.lines if one.amount is not None]
        return sum(amounts, Decimal(0)) if amounts else None

    @property
    def scheduled(self) -> Decimal | None:
        """The sum of the payments; None without a schedule."""
        return sum((one.amount for one in self.payments), Decimal(0)) if self.payments else None


def documents_of(deal: Deal) -> tuple[Agreement, ...]:
    """Return the agreement of a deal and its amendments with all their parts; constant queries."""
    found = (
        Agreement.objects.filter(deal=deal)
        .select_related("document")
        .prefetch_related(
            Prefetch("signatories", Signatory.objects.order_by("position")),
            Prefetch("lines", PriceLine.objects.order_by("position")),
            Prefetch("payments", Payment.objects.order_by("position")),
            Prefetch("payers", _payers()),
            Prefetch("copies", AgreementCopy.objects.select_related("document").order_by("pk")),
        )
    )
    return chain_of(found)


def documents_by_deal(deals: Iterable[int]) -> dict[int, tuple[Agreement, ...]]:
    """Return the documents of many deals as `documents_of` does, by number; constant queries."""
    found = (
        Agreement.objects.filter(deal__in=list(deals))
        .prefetch_related(
            Prefetch("signatories", Signatory.objects.order_by("position")),
            Prefetch("lines", PriceLine.objects.order_by("position")),
            Prefetch("payments", Payment.objects.order_by("position")),
            Prefetch("payers", _payers()),
        )
        .order_by("pk")
    )
    by_deal: dict[int, list[Agreement]] = {}
    for one in found:
        by_deal.setdefault(one.deal_id, []).append(one)
    return {deal: chain_of(agreements) for deal, agreements in by_deal.items()}


def _payers() -> Any:
    return AgreementPayer.objects.select_related("cluster").order_by("cluster__name", "from_on")


def terms_on(deal: Deal, on: date) -> Terms | None:
    """Return the terms of a deal as of a day; None where no agreement is named.

    An amendment counts from its effective day on, the day of its execution where it names none;
    one that is not executed does not count. Until the agreement itself is executed its own words
    are a draft. Source: E28.
    """
    chain = documents_of(deal)
    return terms_from(deal, chain, on) if chain else None


def terms_from(deal: Deal, chain: tuple[Agreement, ...], on: date) -> Terms:
    """Return the terms as of a day from documents that are loaded already."""
    counted = (chain[0], *(one for one in chain[1:] if _counts(one, on)))
    said_in: dict[str, Agreement] = {}
    values = {name: _last(counted, name, said_in) for name in FIELDS}
    if values["end_on"] is None:  # a document may say "for the agreed term"
        values["end_on"] = deal.contract_end_on or deal.end_on
    return Terms(
        on=on,
        chain=chain,
        counted=counted,
        is_binding=is_executed(chain[0]),
        start_on=begins_on(deal, chain[0]),
        tier=_last(counted, "tier", said_in) or deal.tier,
        lines=_last_rows(counted, "lines", said_in),
        payments=_last_rows(counted, "payments", said_in),
        payers=tuple(
            one
            for document in chain
            for one in document.payers.all()
            if one.from_on <= on and (one.to_on is None or on < one.to_on)
        ),
        values=values,
        said_in=said_in,
    )


def terms_change_on(chain: tuple[Agreement, ...]) -> list[date]:
    """Return the days from which what `terms_from` says of documents is something else, in order."""
    amendments = {effective_day(one) for one in chain[1:]}
    payers = {
        day for one in chain for said in one.payers.all() for day in (said.from_on, said.to_on)
    }
    return sorted(day for day in amendments | payers if day is not None)


def begins_on(deal: Deal, governing: Agreement | None) -> date | None:
    """Return the first day of a deal's term, as its agreement says, else the deal; None: unknown."""
    agreed = governing.effective_on if governing else None
    return agreed or deal.contract_start_on or deal.start_on


def effective_day(document: Agreement) -> date | None:
    """Return the day from which a document counts; None where it is not executed."""
    executed = executed_on(document)
    return None if executed is None else document.effective_on or executed


def _counts(amendment: Agreement, on: date) -> bool:
    effective = effective_day(amendment)
    return effective is not None and effective <= on


def _last(counted: Iterable[Agreement], name: str, said_in: dict[str, Agreement]) -> Any:
    """Return what the last document that says anything about a field says."""
    found: Any = getattr(next(iter(counted)), name)
    for one in counted:
        value = getattr(one, name)
        if value is not None and value != "":
            found, said_in[name] = value, one
    return found


def _last_rows(
    counted: Iterable[Agreement], name: str, said_in: dict[str, Agreement]
) -> tuple[Any, ...]:
    found: tuple[Any, ...] = ()
    for one in counted:
        if rows := tuple(getattr(one, name).all()):
            found, said_in[name] = rows, one
    return found
