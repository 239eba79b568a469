"""What the cloud costs, month by month, and what is not billed yet."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router

from throughline.api import billing_schemas
from throughline.api.access import needs
from throughline.billing.queries import month_in_full, months_with_costs
from throughline.billing.shapes import month_in_full_shape, month_shape, unbilled_shape
from throughline.billing.sheet import sheet
from throughline.billing.unbilled import orphans, unbilled
from throughline.kernel.days import day_in_zone
from throughline.kernel.months import parse_month
from throughline.people.words import Permission
from throughline.playbook.current import current

router = Router(tags=["billing"])


@router.get("/months", response=list[billing_schemas.BillingMonth])
@needs(Permission.SEE_MONEY)
def list_billing_months(request: HttpRequest) -> list[dict[str, Any]]:
    """List the months of the ledger in order, each with its check against the providers' bills."""
    return [month_shape(one) for one in sheet(months_with_costs(), playbook=current()).months]


@router.get("/months/{month}", response=billing_schemas.MonthInFull)
@needs(Permission.SEE_MONEY)
def show_billing_month(
    request: HttpRequest,
    month: Path[billing_schemas.Month],
) -> dict[str, Any]:
    """Show a month: its cells, what it asks for, and its invoices."""
    return month_in_full_shape(month_in_full(parse_month(month), playbook=current()))


@router.get("/unbilled", response=billing_schemas.Unbilled)
@needs(Permission.SEE_MONEY)
def show_unbilled(request: HttpRequest) -> dict[str, Any]:
    """Say what is not billed yet and why, and since when which account costs nobody."""
    playbook = current()
    today = day_in_zone(timezone.now(), playbook.organisation.zone)
    found = unbilled(on=today, playbook=playbook)
    return unbilled_shape(found, orphans(found.book))
