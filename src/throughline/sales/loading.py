"""Loading the facts of hundreds of deals at once, for a board.

Django's own prefetching builds a query for each deal and relation, 4,000 of them for a full board:
half a second. Here each relation is read once and handed out, and deals without rows share one
empty result. What comes out is what `deals_with_facts` gives.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Model, QuerySet

from throughline.communities.models import Community, CommunityAlias, ContextAnswer
from throughline.sales.models import (
    Agreement,
    Deal,
    EarlyStart,
    GateException,
    Order,
    Review,
    Signatory,
    SignOff,
    SponsorWork,
    StatementOfWork,
    VerbalClose,
    Waiver,
)
from throughline.sales.queries import DealFacts, with_facts


def facts_of_many(numbers: Iterable[int], *, on: date) -> list[DealFacts]:
    """Return what gates read of deals, the one that moved last first; a constant number of queries.

    What was last read elsewhere (`source`, `extra`) is not loaded: no gate and no card reads it.
    """
    found = Deal.objects.filter(pk__in=list(numbers)).defer("source", "extra")
    deals = {deal.pk: deal for deal in found.order_by("-stage_since", "-pk")}
    _give_communities(deals)
    orders = {order.deal_id: order for order in Order.objects.filter(deal__in=deals)}
    one_to_one = Deal._meta.get_field("order")
    for number, deal in deals.items():
        one_to_one.set_cached_value(deal, orders.get(number))
    for name, model in OF_A_DEAL.items():
        _give(deals, name, model.objects.all())  # type: ignore[attr-defined]  # every model has it
    statements = _give(
        deals, "statements_of_work", StatementOfWork.objects.select_related("document")
    )
    _give(statements, "sign_offs", SignOff.objects.all())
    agreements = _give(deals, "agreements", Agreement.objects.all())
    _give(agreements, "signatories", Signatory.objects.all())
    return with_facts(deals.values(), on=on)


OF_A_DEAL: dict[str, type[Model]] = {
    "reviews": Review,
    "waivers": Waiver,
    "early_starts": EarlyStart,
    "verbal_closes": VerbalClose,
    "sponsor_work": SponsorWork,
    "exceptions": GateException,
}


def _give_communities(deals: Mapping[int, Deal]) -> None:
    wanted = {deal.community_id for deal in deals.values()} - {None}
    communities = Community.objects.in_bulk(list(wanted))
    _give(communities, "context", ContextAnswer.objects.all())
    _give(communities, "aliases", CommunityAlias.objects.all())
    for deal in deals.values():
        deal.community = communities.get(deal.community_id)


def _give(owners: Mapping[int, Model], name: str, rows: QuerySet[Any]) -> dict[int, Any]:
    """Give each owner its rows of a relation as if they were prefetched, and return all rows."""
    nothing = _known(rows.all(), [])
    key = rows.model._meta.get_field(_back_from(owners, name)).attname if owners else ""
    grouped: dict[int, list[Any]] = {}
    found = list(rows.filter(**{f"{key}__in": list(owners)}).order_by("pk")) if owners else []
    for row in found:
        grouped.setdefault(getattr(row, key), []).append(row)
    for number, owner in owners.items():
        kept = owner.__dict__.setdefault("_prefetched_objects_cache", {})
        kept[name] = _known(rows.all(), grouped[number]) if number in grouped else nothing
    return {row.pk: row for row in found}


def _back_from(owners: Mapping[int, Model], name: str) -> str:
    owner = next(iter(owners.values()))
    return owner._meta.get_field(name).field.name  # type: ignore[union-attr]  # a relation


def _known(rows: QuerySet[Any], found: list[Any]) -> QuerySet[Any]:
    """Return a query whose answer is known already."""
    rows._result_cache = found  # noqa: SLF001 -- what prefetching does, without a copy of the query
    rows._prefetch_done = True  # type: ignore[attr-defined]  # noqa: SLF001 -- as above
    return rows
