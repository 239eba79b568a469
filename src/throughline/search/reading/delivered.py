"""What delivery keeps of a deal: the engagement, what it promised, its issues and invoices."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from throughline.billing.models import Invoice
from throughline.delivery.models import Deliverable, Engagement
from throughline.handoff.issues import IssueMade, issues_of_all
from throughline.kernel.months import month_text
from throughline.sales.models import Deal
from throughline.search.reading.picking import Pick
from throughline.search.reading.sold import ids_of, joined, served
from throughline.search.words import Family, Kind, Thing

ISSUE: Final = re.compile(r"https?://[^/]+/([^/]+)/([^/]+)/(?:issues|pull)/(\d+)")


def delivered(deals: dict[int, Deal], pick: Pick) -> Iterator[Thing]:
    """Yield what is delivered under deals; eight queries."""
    with_issues = pick.wants(Kind.ENGAGEMENT) or pick.wants(Kind.DELIVERABLE)
    issues = issues_of_all(list(deals)) if with_issues else {}
    parts = ("projects", "services", "clauses", "on_clusters__cluster")
    found = pick.rows(Kind.ENGAGEMENT, Engagement.objects.all()).prefetch_related(*parts)
    for engagement in found:
        mine = issues.get(engagement.number, {})
        own = [made for (_project, code), made in mine.items() if not code]
        yield _engagement(engagement, deals[engagement.number], own)
    promised = Deliverable.objects.select_related("project").order_by("pk")
    for one in pick.rows(Kind.DELIVERABLE, promised, "project__engagement"):
        project = one.project
        made = issues.get(project.engagement_id, {}).get((project.code, one.code))
        yield _deliverable(one, deals[project.engagement_id], made)
    for invoice in pick.rows(Kind.INVOICE, Invoice.objects.all(), "engagement"):
        yield _invoice(invoice, deals[invoice.engagement_id])


def names_of_issue(made: IssueMade) -> tuple[str, ...]:
    """Return what people call an issue: its address, "owner/repo#12", "repo#12", "#12"."""
    found = ISSUE.match(made.address)
    if found is None:
        return (made.address,) if made.address else ()
    owner, repository, number = found.groups()
    return (
        made.address, f"{owner}/{repository}#{number}", f"{repository}#{number}", f"#{number}",
    )  # fmt: skip


def _engagement(one: Engagement, deal: Deal, own: Collection[IssueMade]) -> Thing:
    clauses = [f"{clause.name}: {clause.text}" for clause in one.clauses.all()]
    projects = [joined(project.title, project.lead) for project in one.projects.all()]
    services = [service.title for service in one.services.all()]
    clusters = [link.cluster.name for link in one.on_clusters.all()]
    return Thing(
        Kind.ENGAGEMENT,
        one.number,
        (Family.DEAL, one.number),
        f"/engagements/{one.number}/",
        deal.name,
        about=f"{deal.reference} · {one.get_health_display()}",
        text=joined(*projects, *services, one.health_why, *clauses),
        names=joined(one.accepted_by, served(deal), *ids_of(deal), *clusters),
        ids=(*ids_of(deal), *(name for made in own for name in names_of_issue(made))),
    )


def _deliverable(one: Deliverable, deal: Deal, made: IssueMade | None) -> Thing:
    ids = names_of_issue(made) if made is not None else ()
    return Thing(
        Kind.DELIVERABLE,
        one.pk,
        (Family.DEAL, deal.pk),
        f"/engagements/{deal.pk}/#deliverable-{one.pk}",
        one.title,
        about=f"{deal.name} · {one.project.title}",
        text=joined(one.promise, *map(str, one.definition_of_done), one.verdict_why),
        names=joined(one.owner, deal.name, deal.reference, *ids),
        ids=ids,
    )


def _invoice(one: Invoice, deal: Deal) -> Thing:
    month = month_text(one.month)
    return Thing(
        Kind.INVOICE,
        one.pk,
        (Family.DEAL, deal.pk),
        f"/billing/month/?month={month}",
        one.number,
        about=f"{month} · {deal.name}",
        names=joined(one.receipt, deal.name, *ids_of(deal)),
        ids=(one.number, one.receipt),
    )
