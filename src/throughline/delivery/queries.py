"""Reads of engagements."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from throughline.delivery.checklists import with_checklists, with_evidence
from throughline.delivery.joint import shared_with
from throughline.delivery.models import Deliverable, Engagement, Project, Service
from throughline.delivery.words import DeliverableState, Origin
from throughline.documents.models import Document
from throughline.infrastructure.models import Cluster
from throughline.kernel.errors import NotThere, Refused
from throughline.sales.models import Deal
from throughline.sales.queries import NoSuchDeal, find_deal


class NoSuchEngagement(NotThere):
    """Nothing goes by that number, or the deal has no engagement yet."""


def find_engagement(reference: str) -> Engagement:
    """Return the engagement that its number, or its deal's id, names; the two are one number.

    Raises:
        NoSuchEngagement: none does.
    """
    try:
        deal = find_deal(reference)
    except NoSuchDeal as error:
        raise NoSuchEngagement(
            f"There is no engagement {reference}.", remedy="See `throughline renewals list`."
        ) from error
    found = engagements().filter(pk=deal.pk).first()
    if found is None:
        raise NoSuchEngagement(
            f"{deal} has no engagement yet.", remedy="Place its order: `throughline order`."
        )
    return found


def engagements() -> QuerySet[Engagement]:
    """Return engagements with their deals and communities, in order of number."""
    return Engagement.objects.select_related("deal__community", "deal__order").order_by("pk")


def engagement_in_full(number: int) -> Engagement:
    """Return one engagement with all that its page shows, in a constant number of queries."""
    promised = with_checklists(with_evidence(Deliverable.objects.all()))
    deliverables = promised.prefetch_related("questions")
    services = Service.objects.prefetch_related("months").order_by("pk")
    return (
        engagements()
        .prefetch_related(
            Prefetch("projects", Project.objects.order_by("pk")),
            Prefetch("projects__deliverables", deliverables.order_by("due_on", "pk")),
            Prefetch("services", services),
            Prefetch("on_clusters__cluster", Cluster.objects.select_related("account")),
            "on_clusters__cluster__hubs",
            "deal__statements_of_work",
            "begun",
            "scope",
            "clauses",
            "facts",
        )
        .get(pk=number)
    )


def deliverables_of(engagement: Engagement) -> QuerySet[Deliverable]:
    """Return an engagement's deliverables with evidence and check lists, as they fall due."""
    found = Deliverable.objects.filter(project__engagement=engagement).select_related("project")
    return with_checklists(with_evidence(found)).order_by("due_on", "pk")


def evidence_document(sha256: str) -> Document:
    """Return a file that somebody brought as evidence, by the SHA-256 of its content.

    Raises:
        Refused: no evidence has it.
    """
    found = Document.objects.filter(evidence__isnull=False, sha256=sha256).first()
    if found is None:
        raise Refused(
            f"No evidence has the file {sha256[:12]}.", remedy="See `throughline deliverable list`."
        )
    return found


def services_of(engagement: Engagement) -> QuerySet[Service]:
    """Return an engagement's services with what was said of their months; two queries."""
    return (
        Service.objects.filter(engagement=engagement)
        .select_related("engagement")
        .prefetch_related("months")
        .order_by("pk")
    )


class NoSuchDeliverable(NotThere):
    """Nothing goes by that number."""


def find_deliverable(number: int) -> Deliverable:
    """Return a deliverable with evidence and check list.

    Raises:
        NoSuchDeliverable: there is none.
    """
    found: Deliverable | None = deliverables_in().filter(pk=number).first()
    if found is None:
        raise NoSuchDeliverable(
            f"There is no deliverable {number}.", remedy="See `throughline deliverable list`."
        )
    return found


def deliverables_in(state: str = "") -> QuerySet[Deliverable]:
    """Return deliverables with evidence and check lists, by number; "" names no state."""
    found = with_evidence(Deliverable.objects.select_related("project"))
    return with_checklists(found.filter(state=state) if state else found).order_by("pk")


def is_verified(engagement: Engagement) -> bool:
    """Return whether BD has verified every deliverable; without any, nothing is verified.

    Those of joint work count for everybody who has a share; what an amendment took out does not.
    """
    found = Deliverable.objects.filter(shared_with(engagement))
    states = set(found.values_list("state", flat=True)) - {DeliverableState.DROPPED}
    return states == {DeliverableState.VERIFIED}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something an engagement goes without, in words."""

    code: str
    message: str


def gaps_of(deals: QuerySet[Deal] | list[Deal]) -> list[tuple[Deal, Gap]]:
    """Return what engagements that came in already won go without; nothing is invented for them.

    The deals come with `agreements` prefetched.
    """
    found: list[tuple[Deal, Gap]] = []
    for deal in deals:
        if not deal.agreements.all():
            found.append((deal, Gap("agreement_missing", f"{deal.name} has no agreement here.")))
        if deal.community_id is None:
            found.append((deal, Gap("community_missing", f"{deal.name} names no community.")))
        if not deal.tier and not deal.tier_none_because:
            kind = deal.revenue_type or "no revenue type"
            found.append((deal, Gap("tier_unknown", f"{kind} of {deal.name} means no tier.")))
    return found


def imported_deals() -> QuerySet[Deal]:
    """Return the deals whose engagement came in already won, as `gaps_of` wants them."""
    return Deal.objects.filter(engagement__origin=Origin.IMPORTED).prefetch_related("agreements")
