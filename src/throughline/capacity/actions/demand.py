"""What open deals ask for."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from throughline.capacity.engine.work import Work
from throughline.capacity.models import Demand
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.people.gates import require_permission
from throughline.people.words import Permission

HOURS = Decimal("0.01")


@transaction.atomic
def put_demand(subject: str, works: Sequence[Work], *, by: str, at: datetime) -> bool:
    """Make what a deal asks for these pieces of work, and return whether that changed anything.

    A role that a person chose for a piece stays chosen while the piece may be done by it.
    """
    standing = {row.code: row for row in Demand.objects.select_for_update().filter(subject=subject)}
    wanted = [_demand(subject, work, standing.get(work.code)) for work in works]
    if [_facts(row) for row in standing.values()] == [_facts(row) for row in wanted]:
        return False
    if not wanted:
        return withdraw_demand(subject, by=by, at=at)
    Demand.objects.filter(subject=subject).delete()
    Demand.objects.bulk_create(wanted)
    first = Demand.objects.filter(subject=subject).order_by("pk")[0]
    high = sum((row.high_h for row in wanted), Decimal(0))
    record(
        "capacity.demand.put", first, by=by, at=at, about=subject, pieces=len(wanted), high_h=high
    )
    return True


@transaction.atomic
def withdraw_demand(subject: str, *, by: str, at: datetime) -> bool:
    """Ask for nothing any more; returns whether anything was asked for."""
    rows = list(Demand.objects.select_for_update().filter(subject=subject).order_by("pk"))
    if rows:
        record("capacity.demand.withdrawn", rows[0], by=by, at=at, about=subject, pieces=len(rows))
        Demand.objects.filter(subject=subject).delete()
    return bool(rows)


def _demand(subject: str, work: Work, before: Demand | None) -> Demand:
    chosen = before.assigned_role if before and before.assigned_role in work.roles else ""
    return Demand(
        subject=subject,
        code=work.code,
        title=work.title[:250],
        roles=list(work.roles),
        assigned_role=chosen,
        low_h=_hours(work.low_h),
        high_h=_hours(work.high_h),
        from_on=work.from_on,
        due_on=work.due_on,
    )


def _facts(row: Demand) -> tuple[Any, ...]:
    return (row.code, row.title, row.roles, row.assigned_role, row.low_h, row.high_h, row.from_on,
            row.due_on)  # fmt: skip


def _hours(hours: float) -> Decimal:
    return Decimal(str(hours)).quantize(HOURS)


@transaction.atomic
def assign_work(subject: str, code: str, role: str, *, by: str, at: datetime) -> Demand:
    """Choose which of its roles does a piece of work; "" leaves it open again.

    Raises:
        Refused: they may not answer for PS, there is no such piece, or the role is not its own.
    """
    require_permission(by, Permission.ANSWER_PS, to="say which role does a piece of work")
    row = Demand.objects.select_for_update().filter(subject=subject, code=code).first()
    if row is None:
        codes = Demand.objects.filter(subject=subject).order_by("pk").values_list("code", flat=True)
        raise Refused(f"There is no work {code!r}.", remedy=f"There is: {', '.join(codes) or '-'}.")
    if role and role not in row.roles:
        raise Refused(f"{role} is not named for it.", remedy=f"Use one of {', '.join(row.roles)}.")
    before, row.assigned_role = row.assigned_role, role
    row.save(update_fields=["assigned_role"])
    record("capacity.demand.assigned", row, by=by, at=at, before=before, after=role)
    return row
