"""What is promised changes by an amendment alone; work that nobody promised is added, and shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from throughline.delivery.actions.agreeing import agree_deliverable
from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.actions.structure import put_deliverable
from throughline.delivery.actions.working import check_open, locked_deliverable
from throughline.delivery.joined import home_of
from throughline.delivery.load import ADDED_CODE
from throughline.delivery.models import Clause, Deliverable, Engagement, Project, ScopeChange
from throughline.delivery.planned import (
    AMENDMENT_PROMISE,
    FIELDS,
    LONGEST,
    SCOPE_FIELDS,
    spelled,
)
from throughline.delivery.promised import promises_to_serve
from throughline.delivery.words import DeliverableState, ScopeVerb
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_hat
from throughline.sales.models import Agreement
from throughline.sales.queries import is_executed
from throughline.sales.words import AmendmentKind

CHANGES = ["BD", "PS", "Admin"]


@dataclass(frozen=True, slots=True)
class Work:
    """What a deliverable that is added is: text, days and hours."""

    title: str
    definition_of_done: tuple[str, ...] = ()
    due_on: date | None = None
    low_h: Decimal | None = None
    high_h: Decimal | None = None
    evidence: tuple[str, ...] = ("manual",)


@transaction.atomic
def add_work(
    number: int, project: str, work: Work, *, amendment: int | None, by: str, at: datetime
) -> Deliverable:
    """Add a deliverable to a project: promised by an amendment, or, without one, by nobody.

    Work that nobody promised is shown as such until it serves a promise.

    Raises:
        Refused: there is no such project, the amendment is none or not executed, the work has no
            title or hours in disorder, or the person is of neither BD nor PS.
    """
    engagement = locked_engagement(number)
    require_hat(by, any_of=CHANGES, to="add work")
    _check_work(work, engagement)
    if not Project.objects.filter(engagement=engagement, code=project).exists():
        codes = Project.objects.filter(engagement=engagement).values_list("code", flat=True)
        raise Refused(
            f"There is no project {project!r}.",
            remedy=f"Use one of {', '.join(codes)}." if codes else "Apply the handoff first.",
        )
    source = None if amendment is None else _amendment(amendment, engagement)
    code = _next_code(engagement, project)
    fields = {
        "title": work.title.strip(),
        "promise": f"{AMENDMENT_PROMISE}{source.title}"[:LONGEST] if source else "",
        "definition_of_done": list(work.definition_of_done),
        "wanted_evidence": list(work.evidence),
        "due_on": spelled(work.due_on),
        "low_h": spelled(work.low_h),
        "high_h": spelled(work.high_h),
    }
    ScopeChange.objects.create(
        engagement=engagement, amendment=source, verb=ScopeVerb.ADDED, project=project, code=code,
        fields=fields, by=by, at=at,
    )  # fmt: skip
    made = put_deliverable(number, project, code, wanted=fields, by=by, at=at)
    record("delivery.scope.added", made, by=by, at=at, title=made.title, why=fields["promise"])
    return Deliverable.objects.select_related("project").get(pk=made.pk)


def _next_code(engagement: Engagement, project: str) -> str:
    """Return a code that no added work has, wherever the project was planned or is carried."""
    numbers = {engagement.number, home_of(engagement.number, project)[0]}
    here = Q(project__engagement__in=numbers) | Q(project__joint__begun_in__in=numbers)
    added = Deliverable.objects.filter(here, code__startswith=ADDED_CODE)
    codes = added.values_list("code", flat=True)
    taken = [int(code.removeprefix(ADDED_CODE)) for code in codes]
    return f"{ADDED_CODE}{max(taken, default=0) + 1}"


@transaction.atomic
def change_scope(
    pk: int, changes: Mapping[str, Any], *, amendment: int, why: str, by: str, at: datetime
) -> Deliverable:
    """Change what a deliverable means or takes, as an executed amendment says.

    `changes` holds "definition_of_done" as lines, "low_h" and "high_h" as hours. What was done or
    verified is planned again: nobody has said it of the new scope.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: nothing would change, another field would, the amendment is none of this deal's or
            not executed, it was taken out, or the person is of neither BD nor PS.
    """
    deliverable = locked_deliverable(pk)
    require_hat(by, any_of=CHANGES, to="change the scope")
    if deliverable.state == DeliverableState.DROPPED:
        check_open(deliverable)
    source = _amendment(amendment, deliverable.project.engagement)
    now = {name: _spelled_change(name, value) for name, value in changes.items()}
    before = {name: spelled(getattr(deliverable, name)) for name in SCOPE_FIELDS}
    if not now or all(before[name] == value for name, value in now.items()):
        raise Refused("Nothing would change.", remedy="Say what is done otherwise, or other hours.")
    _check_hours(*(Decimal(v) if (v := (before | now)[n]) else None for n in ("low_h", "high_h")))
    _keep(deliverable, ScopeVerb.CHANGED, source, before | now, why=why, by=by, at=at)
    for name, value in now.items():
        setattr(deliverable, name, value)
    deliverable.save(update_fields=list(now))
    record("delivery.scope.changed", deliverable, by=by, at=at, before=before, now=now, why=why,
           amendment=source.title)  # fmt: skip
    _reopen(deliverable, why=f"{source.title} changed what it means.", by=by, at=at)
    return deliverable


@transaction.atomic
def drop_deliverable(pk: int, *, amendment: int, why: str, by: str, at: datetime) -> Deliverable:
    """Take a deliverable out, as an executed amendment says; what was done of it stays readable.

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: it waits for a verdict or is verified, the amendment is none of this deal's or not
            executed, something else waits for it, or the person is of neither BD nor PS.
    """
    deliverable = locked_deliverable(pk)
    require_hat(by, any_of=CHANGES, to="change the scope")
    check_open(deliverable)
    source = _amendment(amendment, deliverable.project.engagement)
    _keep(deliverable, ScopeVerb.DROPPED, source, {}, why=why, by=by, at=at)
    deliverable.state = DeliverableState.DROPPED
    deliverable.done_by, deliverable.done_at = "", None
    deliverable.save(update_fields=["state", "done_by", "done_at"])
    record("delivery.scope.dropped", deliverable, by=by, at=at, why=why, amendment=source.title)
    return deliverable


@transaction.atomic
def add_clause(
    number: int, name: str, text: str, *, agreement: int, by: str, at: datetime
) -> Clause:
    """Write down a promise of the agreement's text that no statement of work repeats.

    Raises:
        Refused: it has no name or text, it stands already, the agreement is another deal's, or the
            person is of neither BD nor PS.
    """
    engagement = locked_engagement(number)
    require_hat(by, any_of=CHANGES, to="write down a promise")
    source = Agreement.objects.filter(pk=agreement, deal=engagement.deal_id).first()
    if source is None:
        raise Refused("That is no agreement of this deal.", remedy="See `throughline agreement`.")
    if not (name.strip() and text.strip()):
        raise Refused("A promise has a name and words.", remedy="Name the clause, such as § 4.2.")
    made, is_new = Clause.objects.get_or_create(
        engagement=engagement,
        name=name.strip()[:80],
        defaults={"agreement": source, "text": text.strip(), "by": by, "at": at},
    )
    if not is_new:
        raise Refused(f"{made.name} stands already: {made.text}", remedy="Use another name.")
    record("delivery.clause.added", engagement, by=by, at=at, name=made.name, text=made.text)
    return made


@transaction.atomic
def serve_promise(pk: int, promise: str, *, by: str, at: datetime) -> Deliverable:
    """Say which promise a deliverable serves: "clause: § 4.2" or "statement of work: Build it".

    Raises:
        NoSuchDeliverable: there is none of that number.
        Refused: nobody promised that, or the person is of neither BD nor PS.
    """
    deliverable = locked_deliverable(pk)
    require_hat(by, any_of=CHANGES, to="say which promise is served")
    _check_promised(promise, deliverable.project.engagement)
    return agree_deliverable(
        pk, {"promise": promise}, instead_of={"promise": deliverable.promise}, by=by, at=at
    )


def _check_promised(promise: str, engagement: Engagement) -> None:
    known = promises_to_serve(engagement)
    if promise not in known:
        raise Refused(
            f"Nobody promised {promise!r}.",
            remedy=f"Use one of: {'; '.join(known)}." if known else "Write the clause down first.",
        )


def _amendment(pk: int, engagement: Engagement) -> Agreement:
    found = Agreement.objects.filter(pk=pk, deal=engagement.deal_id).first()
    if found is None or found.amendment_kind != AmendmentKind.AMENDMENT:
        raise Refused(
            "What is promised changes by an amendment of this deal's agreement, and this is none.",
            remedy="Record the amendment: `throughline agreement amend`.",
        )
    if not is_executed(found):
        raise Refused(f"{found.title} is not executed yet.", remedy="Have it signed first.")
    return found


def _keep(
    deliverable: Deliverable,
    verb: ScopeVerb,
    source: Agreement,
    fields: dict[str, Any],
    *,
    why: str,
    by: str,
    at: datetime,
) -> None:
    if not why.strip():
        raise Refused("Why does the scope change?", remedy="Say it in one sentence.")
    key = {
        "engagement": deliverable.project.engagement,
        "project": deliverable.project.code,
        "code": deliverable.code,
    }
    earlier = ScopeChange.objects.filter(**key).order_by("-pk").first()
    ScopeChange.objects.create(
        **key, amendment=source, verb=verb, why=why.strip(), by=by, at=at,
        fields=(earlier.fields if earlier else {}) | fields,
        before={name: spelled(getattr(deliverable, name)) for name in FIELDS},
    )  # fmt: skip


def _reopen(deliverable: Deliverable, *, why: str, by: str, at: datetime) -> None:
    """Make a deliverable planned again: what was said of it was said of something else."""
    if deliverable.state == DeliverableState.PLANNED:
        return
    before, deliverable.state = deliverable.state, DeliverableState.PLANNED
    deliverable.done_by, deliverable.done_at = "", None
    deliverable.verdict_by, deliverable.verdict_at, deliverable.verdict_why = "", None, ""
    deliverable.save(
        update_fields=["state", "done_by", "done_at", "verdict_by", "verdict_at", "verdict_why"]
    )
    record("delivery.deliverable.reopened", deliverable, by=by, at=at, before=before, why=why)


def _spelled_change(name: str, value: Any) -> Any:
    if name not in SCOPE_FIELDS:
        raise Refused(
            f"{name} is not part of the scope.",
            remedy="Re-plan a day, and agree on a title; neither needs an amendment.",
        )
    if name == "definition_of_done":
        return [line.strip() for line in value if line.strip()]
    return None if value is None else f"{Decimal(value):.2f}"


def _check_work(work: Work, engagement: Engagement) -> None:
    if not work.title.strip() or len(work.title) > LONGEST:
        raise Refused("A deliverable needs a title.", remedy=f"At most {LONGEST} characters.")
    _check_hours(work.low_h, work.high_h)
    end_on = engagement.deal.end_on
    if work.due_on and end_on and work.due_on > end_on:
        raise Refused(
            f"{work.due_on} is after the engagement's end, {end_on}.",
            remedy="Move the end first (an amendment), or choose an earlier day.",
        )


def _check_hours(low_h: Decimal | None, high_h: Decimal | None) -> None:
    if (low_h is None) != (high_h is None) or not 0 <= (low_h or 0) <= (high_h or 0):
        raise Refused(
            f"{low_h} to {high_h} are no hours.", remedy="Give both, the lower ones first."
        )
