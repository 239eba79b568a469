"""Promises against work: what was promised and nobody does, what is done and nobody promised."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from throughline.delivery.models import Clause, Deliverable, Engagement, ScopeChange
from throughline.delivery.planned import (
    CLAUSE_PROMISE,
    PlannedDeliverable,
    planned_parts,
    statement_promise,
)
from throughline.delivery.queries import deliverables_of
from throughline.delivery.words import DeliverableState, ScopeVerb
from throughline.playbook.model import Playbook
from throughline.sales.queries import DealFacts


@dataclass(frozen=True, slots=True)
class Gap:
    """A promise that no deliverable serves, or a deliverable that serves no promise."""

    code: str  # "promise_without_work" or "work_without_promise"
    text: str
    promise: str = ""
    deliverable: Deliverable | None = None


def promises_to_serve(engagement: Engagement) -> list[str]:
    """Return what a deliverable may be said to serve: clauses, and the statement's items."""
    clauses = engagement.clauses.order_by("pk").values_list("name", flat=True)
    statement = max(
        engagement.deal.statements_of_work.all(), key=lambda one: one.version, default=None
    )
    items = statement.content["deliverables"] if statement else ()
    return [
        *(f"{CLAUSE_PROMISE}{name}" for name in clauses),
        *(statement_promise(item["title"]) for item in items),
    ]


def promise_gaps(
    engagement: Engagement, facts: DealFacts, *, playbook: Playbook
) -> tuple[Gap, ...]:
    """Return what promises and work have not in common, in both directions.

    A constant number of queries beside the facts.
    """
    work = [one for one in deliverables_of(engagement) if one.state != DeliverableState.DROPPED]
    promised = dict(_promised(engagement, facts, playbook))
    served = {one.promise for one in work}
    return (
        *(
            Gap("promise_without_work", text, promise)
            for promise, text in promised.items()
            if promise not in served
        ),
        *(
            Gap("work_without_promise", one.title, one.promise, one)
            for one in work
            if one.promise not in promised
        ),
    )


def _promised(
    engagement: Engagement, facts: DealFacts, playbook: Playbook
) -> Iterator[tuple[str, str]]:
    """Yield each promise as a deliverable names it, and in words."""
    changes = ScopeChange.objects.filter(engagement=engagement)
    taken_out = {one.before.get("promise") for one in changes if one.verb == ScopeVerb.DROPPED}
    for one in planned_parts(engagement, facts, playbook):
        if isinstance(one, PlannedDeliverable) and one.fields["promise"]:
            yield one.fields["promise"], one.fields["title"]
    if facts.statement is not None:
        for item in facts.statement.content["deliverables"]:
            if (promise := statement_promise(item["title"])) not in taken_out:
                yield promise, item["title"]
    for clause in Clause.objects.filter(engagement=engagement).order_by("pk"):
        yield f"{CLAUSE_PROMISE}{clause.name}", f"{clause.name}: {clause.text}"


def gap_shape(gap: Gap) -> dict[str, Any]:
    """Return a gap as JSON."""
    return {
        "code": gap.code,
        "text": gap.text,
        "promise": gap.promise or None,
        "number": gap.deliverable.pk if gap.deliverable else None,
    }
