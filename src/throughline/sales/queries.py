"""Reads of deals: the facts that gates need, by a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from throughline.capacity.models import CapacityAnswer
from throughline.capacity.queries import newest_answers, team_fingerprint
from throughline.communities.models import RoleAssignment
from throughline.communities.queries import roles_by_subject
from throughline.kernel.errors import NotThere
from throughline.sales.models import (
    Agreement,
    Deal,
    DealAlias,
    EarlyStart,
    Signatory,
    StatementOfWork,
)
from throughline.sales.statements.content import work_fingerprint
from throughline.sales.words import AgreementKind, SigningState

LONGEST_NUMBER = 18  # digits that a 64-bit key holds for certain


@dataclass(frozen=True, slots=True)
class DealFacts:
    """A deal with everything that its gates read; loading it is the only reading they do."""

    deal: Deal
    roles: tuple[RoleAssignment, ...]
    capacity: CapacityAnswer | None
    team: dict[str, Any] = field(default_factory=dict)  # who can do how much, from when to when

    @property
    def statement(self) -> StatementOfWork | None:
        """The newest version of the statement of work."""
        return max(self.deal.statements_of_work.all(), key=lambda sow: sow.version, default=None)

    @property
    def agreement(self) -> Agreement | None:
        """The governing agreement, which amendments hang below."""
        return next((one for one in self.deal.agreements.all() if one.amends_id is None), None)

    @property
    def documents(self) -> tuple[Agreement, ...]:
        """The governing agreement and its amendments, in order."""
        return chain_of(self.deal.agreements.all())

    @property
    def signed_end(self) -> date | None:
        """The last day that the executed agreement and its executed amendments name."""
        return signed_end(self.documents)

    def early_start_over(self, on: date) -> EarlyStart | None:
        """Return the leave under which the deal was ordered, if it is over and nothing is signed.

        Leave that was given anew since counts. None where all is well.
        """
        order = getattr(self.deal, "order", None)
        if order is None or order.early_start_id is None or is_executed(self.agreement):
            return None
        last = max(self.deal.early_starts.all(), key=lambda one: (one.until_on, one.pk))
        return last if last.until_on < on else None


class NoSuchDeal(NotThere):
    """Nothing goes by that number."""


def find_deal(reference: str) -> Deal:
    """Return the deal that a HubSpot id or one of our numbers names.

    Raises:
        NoSuchDeal: none does.
    """
    wanted = reference.strip()
    by_number = (
        Q(pk=int(wanted)) if wanted.isdecimal() and len(wanted) <= LONGEST_NUMBER else Q(pk=None)
    )
    merged = Q(pk__in=DealAlias.objects.filter(old_id=wanted).values("deal"))
    found = listed_deals().filter(Q(hubspot_id=wanted) | merged | by_number)
    # A HubSpot id beats a number of ours that looks the same, and a living deal one that is gone.
    deals = sorted(
        found,
        key=lambda deal: (
            deal.hubspot_id != wanted and str(deal.pk) == wanted,
            deal.deleted_at is not None,
        ),
    )
    if not deals:
        raise NoSuchDeal(f"There is no deal {reference}.", remedy="See `throughline deal list`.")
    return deals[0]


def listed_deals(stage: str | None = None) -> QuerySet[Deal]:
    """Return deals with what a list shows of them, in order of number; all stages where None."""
    found = Deal.objects.select_related("community", "engagement").order_by("pk")
    return found if stage is None else found.filter(stage=stage)


def deals_with_facts() -> QuerySet[Deal]:
    """Return deals with all related rows that gates read, in a constant number of queries."""
    statements = StatementOfWork.objects.prefetch_related("sign_offs").select_related("document")
    return Deal.objects.select_related("community", "order").prefetch_related(
        "community__context",
        "community__aliases",
        "reviews",
        "waivers",
        "early_starts",
        "verbal_closes",
        "sponsor_work",
        "exceptions",
        Prefetch("statements_of_work", queryset=statements),
        Prefetch("agreements", queryset=Agreement.objects.prefetch_related("signatories")),
    )


def with_facts(deals: Iterable[Deal], *, on: date) -> list[DealFacts]:
    """Return what gates read for each deal, in the given order; three queries beside the deals'."""
    listed = list(deals)
    subjects = [deal.subject for deal in listed]
    roles = roles_by_subject(subjects, on=on)
    answers = newest_answers(subjects)
    team = team_fingerprint()
    return [
        DealFacts(deal, tuple(roles.get(deal.subject, ())), answers.get(deal.subject), team)
        for deal in listed
    ]


def facts_of(deal: Deal, *, on: date) -> DealFacts:
    """Return what gates read for one deal, as the database has it now."""
    return with_facts([deals_with_facts().get(pk=deal.pk)], on=on)[0]


def is_executed(agreement: Agreement | None) -> bool:
    """Return whether every party has signed; a purchase order needs issue and acceptance instead.

    A service agreement has at least two parties. A signature counts for the version it was given
    to: under another document its state is no longer "signed". The agreement comes with
    `signatories` prefetched where many are asked about.

    Source: design §1, Agreement; E13, E14.
    """
    if agreement is None:
        return False
    if agreement.kind == AgreementKind.PURCHASE_ORDER:
        return bool(agreement.reference and agreement.issued_on and agreement.accepted_on)
    states = [signatory.state for signatory in agreement.signatories.all()]
    return len(states) > 1 and all(state == SigningState.SIGNED for state in states)


def with_executed_agreement(deals: Iterable[int]) -> set[int]:
    """Return those of some deals that have an agreement which every party has signed."""
    found = (
        Agreement.objects.filter(deal__in=list(deals))
        .only("deal", "kind", "reference", "issued_on", "accepted_on")
        .prefetch_related(Prefetch("signatories", Signatory.objects.only("agreement", "state")))
    )
    return {one.deal_id for one in found if is_executed(one)}


def executed_on(agreement: Agreement) -> date | None:
    """Return the day of the last signature, or of an order's acceptance; None if not executed."""
    if not is_executed(agreement):
        return None
    if agreement.kind == AgreementKind.PURCHASE_ORDER:
        return agreement.accepted_on
    return max(one.signed_on for one in agreement.signatories.all() if one.signed_on)


def chain_of(agreements: Iterable[Agreement]) -> tuple[Agreement, ...]:
    """Return the governing agreement of one deal, then its amendments in the order of signing."""
    amended_by = {one.amends_id: one for one in agreements}
    chain: list[Agreement] = []
    found = amended_by.get(None)
    while found is not None:
        chain.append(found)
        found = amended_by.get(found.pk)
    return tuple(chain)


def signed_end(chain: Iterable[Agreement]) -> date | None:
    """Return the last day that the executed documents of a chain name; the newest one counts."""
    ends = [one.end_on for one in chain if one.end_on and is_executed(one)]
    return ends[-1] if ends else None


def signed_ends() -> dict[int, date]:
    """Return the signed end of every deal that has one, by the deal's number; two queries."""
    by_deal: dict[int, list[Agreement]] = {}
    for one in Agreement.objects.prefetch_related("signatories").order_by("pk"):
        by_deal.setdefault(one.deal_id, []).append(one)
    ends = {deal: signed_end(chain_of(agreements)) for deal, agreements in by_deal.items()}
    return {deal: end for deal, end in ends.items() if end is not None}


def capacity_basis(facts: DealFacts) -> dict[str, Any]:
    """Return what a capacity answer is given for: when this changes, the answer goes stale.

    Source: design §1, Capacity answer; E9, E10.
    """
    deal, statement = facts.deal, facts.statement
    return {
        "start_on": deal.start_on.isoformat() if deal.start_on else None,
        "end_on": deal.end_on.isoformat() if deal.end_on else None,
        "low_h": str(statement.low_h) if statement else None,
        "high_h": str(statement.high_h) if statement else None,
        "due": dict(sorted(deal.deliverable_dates.items())),
        "team": facts.team,
        "work": work_fingerprint(statement.content) if statement else None,
    }


def deal_numbers(references: Iterable[str]) -> dict[str, int]:
    """Return our numbers of deals by what people call them; one query."""
    wanted = set(references)
    ours = [int(one) for one in wanted if one.isdecimal() and len(one) <= LONGEST_NUMBER]
    found = Deal.objects.filter(Q(hubspot_id__in=wanted) | Q(hubspot_id=None, pk__in=ours))
    return {deal.reference: deal.pk for deal in found.only("pk", "hubspot_id")}
