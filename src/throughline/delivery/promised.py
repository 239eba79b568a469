"""Promises against work: what was promised and nobody does, what is done and nobody promised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from throughline.delivery.models import Deliverable, Engagement
from throughline.delivery.planned import (
    CLAUSE_PROMISE,
    PlannedDeliverable,
    in_order,
    planned_parts,
    statement_promise,
)
from throughline.delivery.queries import deliverables_of
from throughline.delivery.words import DeliverableState, ScopeVerb
from throughline.playbook.model import Playbook
from throughline.sales.models import Deal, StatementOfWork


@dataclass(frozen=True, slots=True)
class Gap:
    """A promise that no deliverable serves, or a deliverable that serves no promise."""

    code: str  # "promise_without_work" or "work_without_promise"
    text: str
    promise: str = ""
    deliverable: Deliverable | None = None


def newest_statement(deal: Deal) -> StatementOfWork | None:
    """Return the newest version of a deal's statement of work; read ahead, it costs no query."""
    return max(deal.statements_of_work.all(), key=lambda one: one.version, default=None)


def promises_to_serve(engagement: Engagement) -> list[str]:
    """Return what a deliverable may be said to serve: clauses, and the statement's items."""
    statement = newest_statement(engagement.deal)
    items = statement.content["deliverables"] if statement else ()
    return [
        *(f"{CLAUSE_PROMISE}{one.name}" for one in in_order(engagement.clauses.all())),
        *(statement_promise(item["title"]) for item in items),
    ]


def promise_gaps(
    engagement: Engagement, *, playbook: Playbook, standing: Sequence[Deliverable] | None = None
) -> tuple[Gap, ...]:
    """Return what promises and work have not in common, in both directions.

    A constant number of queries; `standing` are its deliverables, where they are read already.
    """
    rows = list(deliverables_of(engagement)) if standing is None else standing
    work = [one for one in rows if one.state != DeliverableState.DROPPED]
    promised = dict(_promised(engagement, rows, playbook))
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
    engagement: Engagement, rows: Sequence[Deliverable], playbook: Playbook
) -> Iterator[tuple[str, str]]:
    """Yield each promise as a deliverable names it, and in words."""
    deal, statement = engagement.deal, newest_statement(engagement.deal)
    changes = engagement.scope.all()
    taken_out = {one.before.get("promise") for one in changes if one.verb == ScopeVerb.DROPPED}
    for one in planned_parts(engagement, deal, statement, playbook, standing=rows):
        if isinstance(one, PlannedDeliverable) and one.fields["promise"]:
            yield one.fields["promise"], one.fields["title"]
    if statement is not None:
        for item in statement.content["deliverables"]:
            if (promise := statement_promise(item["title"])) not in taken_out:
                yield promise, item["title"]
    for clause in in_order(engagement.clauses.all()):
        yield f"{CLAUSE_PROMISE}{clause.name}", f"{clause.name}: {clause.text}"


def gap_shape(gap: Gap) -> dict[str, Any]:
    """Return a gap as JSON."""
    return {
        "code": gap.code,
        "text": gap.text,
        "promise": gap.promise or None,
        "number": gap.deliverable.pk if gap.deliverable else None,
    }
