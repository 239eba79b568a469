"""What the journal tells of a deal: what happened last, and how things stood at another time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import IntegerField, Max, QuerySet
from django.db.models.functions import Cast

from throughline.capacity.models import CapacityAnswer
from throughline.journal.models import Entry
from throughline.journal.queries import about_all
from throughline.sales.models import Deal

DEAL: Final = "sales.deal"
DAYS: Final = ("target_start_on", "target_end_on", "contract_start_on", "contract_end_on")

# Acts that tell of one field alone what it was before.
ONE_FIELD: Final = {
    "sales.deal.advanced": "stage",
    "sales.deal.moved_back": "stage",
    "sales.deal.owned": "owner",
    "sales.deal.serves": "community_id",
    "sales.deal.tier_chosen": "tier",
}


@dataclass(frozen=True, slots=True)
class DealThen:
    """A deal as it was at an instant, as far as the journal tells.

    Units: the amount is in whole units of the deal's currency.
    """

    stage: str  # code; "" is unmapped
    owner: str
    tier: str  # code
    community_id: int | None
    amount: Decimal | None
    target_start_on: date | None
    target_end_on: date | None
    contract_start_on: date | None
    contract_end_on: date | None


def entries_of(deal: Deal) -> QuerySet[Entry]:
    """Return what was written down about a deal, its community and PS's answers to it."""
    answers = CapacityAnswer.objects.filter(subject=deal.subject).values_list("pk", flat=True)
    return about_all([
        (DEAL, [deal.pk]),
        ("communities.community", [deal.community_id] if deal.community_id else []),
        ("capacity.capacityanswer", list(answers)),
    ])  # fmt: skip


# Which acts make a condition hold; the latest of them says who did it, and when.
SETTLED_BY: Final = {
    "deal.owner": ("sales.deal.owned",),
    "community.named": ("sales.deal.serves",),
    "community.id": ("communities.id.reserved", "communities.id.used"),
    "community.record": ("communities.community.described",),
    "community.context": ("communities.question.noted",),
    "cloud.preference": ("communities.community.described",),
    "ps.reviewed": ("sales.review.answered", "sales.review.not_needed"),
    "capacity.answered": ("capacity.answer.given",),
    "verbal.closed": ("sales.deal.verbally_closed",),
    "service.tier": ("sales.deal.tier_chosen",),
    "dates.agreed": ("sales.deal.dates_agreed",),
    "agreement.artefact": ("sales.agreement.named",),
    "agreement.executed": ("sales.agreement.executed", "sales.agreement.signed"),
    "signatures.requested": ("sales.sponsor.asked",),
    "legal.involved": ("sales.sponsor.answered",),
    "invoicing.prepared": ("sales.sponsor.answered",),
    "delivery.requested": ("sales.order.placed",),
    "lost.reason": ("sales.deal.lost_because",),
}


def settled_by(deal: Deal) -> dict[str, Entry]:
    """Return the latest entry that wrote down the fact of each condition; two queries."""
    wanted = {act for acts in SETTLED_BY.values() for act in acts}
    found = list(entries_of(deal).filter(act__in=wanted))  # the latest first
    latest = {
        code: next((one for one in found if one.act in acts and _is_about(one, code)), None)
        for code, acts in SETTLED_BY.items()
    }
    return {code: entry for code, entry in latest.items() if entry is not None}


def _is_about(entry: Entry, code: str) -> bool:
    """Return whether an entry of the Sponsor's desk is about a condition; any other entry is."""
    kinds = {
        "legal.involved": "legal", "invoicing.prepared": "invoicing",
        "signatures.requested": "signatures",
    }  # fmt: skip
    return code not in kinds or entry.facts.get("kind") == kinds[code]


def newest_entry(deal: Deal) -> int:
    """Return the number of the newest entry about a deal; 0 where there is none.

    Read it before the facts that a page shows: an entry between the two is then a later one.
    """
    return entries_of(deal).order_by().aggregate(newest=Max("pk"))["newest"] or 0


def newest_entries(numbers: Iterable[int]) -> dict[int, int]:
    """Return the newest entry about each of many deals, by the deal's number; one query."""
    wanted = [str(number) for number in numbers]
    found = (
        Entry.objects.filter(subject_type=DEAL, subject_id__in=wanted)
        .order_by()
        .annotate(deal=Cast("subject_id", IntegerField()))
        .values("deal")
        .annotate(newest=Max("pk"))
    )
    return {row["deal"]: row["newest"] for row in found}


def deal_then(deal: Deal, *, at: datetime) -> DealThen | None:
    """Return a deal as it was at an instant; None where it was not written down yet.

    Each later entry says what it replaced, so what is known now is taken back step by step.
    """
    if deal.created_at > at:
        return None
    known: dict[str, Any] = {name: getattr(deal, name) for name in DealThen.__dataclass_fields__}
    for entry in Entry.objects.about(deal).filter(at__gt=at).order_by("-at", "-pk"):
        known |= {name: value for name, value in _replaced(entry).items() if name in known}
    for name in DAYS:
        known[name] = (
            date.fromisoformat(known[name]) if isinstance(known[name], str) else known[name]
        )
    amount = known["amount"]
    return DealThen(**known | {"amount": None if amount is None else Decimal(str(amount))})


def _replaced(entry: Entry) -> dict[str, Any]:
    """Return the values that an entry says it replaced, by the deal's own fields."""
    if "before" not in entry.facts:
        return {}
    before = entry.facts["before"]
    if entry.act in ONE_FIELD:
        return {ONE_FIELD[entry.act]: before}
    return _by_key(before) if isinstance(before, dict) else {}


def _by_key(before: dict[str, Any]) -> dict[str, Any]:
    """Return fields as columns hold them: a community goes by its number."""
    community = before.get("community")
    key = {"community_id": community} if isinstance(community, int) else {}
    return {name: value for name, value in before.items() if name != "community"} | key
