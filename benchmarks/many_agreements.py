"""A database with 20,000 deals and 2,000 engagements, for the benchmark of the pages.

The demonstration is loaded through the rooms' actions, given two years of months, and copied in
bulk; deals that came to nothing fill up the rest. The same at every run but for the day it is.
"""

import random
from collections import defaultdict
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.core.management import call_command
from django.db import connection, models, transaction
from django.utils import timezone

from tests.many import multiply
from tests.web.every_page import open_everything
from throughline.billing.models import BillFile, BillingMonth, Charge, CostEntry, Invoice, UserCount
from throughline.budgets.models import Alert, Crossing
from throughline.cli.database import open_database
from throughline.cli.demonstration import load_demonstration
from throughline.communities.models import Community
from throughline.delivery.models import Engagement
from throughline.kernel.months import month_text, months_later
from throughline.playbook.loader import shipped
from throughline.sales.models import Deal

DEALS, ENGAGEMENTS, MONTHS = 20_000, 2_000, 24
FILES, EARLIER = ("costs", "users"), "2024-01"  # of the files that came before the demonstration's
# How many of the deals beside the engagements' stand where.
STAGES = {"lead": 15, "qualified": 10, "proposal": 10, "negotiation": 5, "contract_admin": 3,
          "closed_lost": 57}  # fmt: skip


def make() -> None:
    """Fill an empty database; one that has deals is left alone."""
    if connection.vendor == "postgresql":
        call_command("migrate", verbosity=0, interactive=False)
    open_database()
    if Deal.objects.exists():
        return
    chance = random.Random(20_000)
    at = timezone.now()
    with transaction.atomic():
        load_demonstration(at=at, playbook=shipped())
        open_everything()
        _months_before()
        _alerts(at)
        copies = -(-ENGAGEMENTS // Engagement.objects.count()) - 1
        multiply(copies, rarely=["delivery.userday"], every=10)
        _totals_as_stated()
        _ends_spread_out()
        _deals_that_came_to_nothing(at, chance)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _months_before() -> None:
    """Give the ledger the months before the demonstration's, sent as its first one was."""
    first = BillingMonth.objects.earliest("month")
    known = BillingMonth.objects.count()
    files = {one: _copy(BillFile.objects.get(kind=one), months=EARLIER) for one in FILES}
    for back in range(1, MONTHS - known + 1):
        month = months_later(first.month, -back)
        _copy(first, month=month)
        for model, file in ((CostEntry, files["costs"]), (UserCount, files["users"])):
            for row in model.objects.filter(month=first.month):
                of = {"of_month": month} if model is CostEntry else {}
                _copy(row, month=month, file=file, **of)
        invoices = {}
        for one in list(Invoice.objects.filter(month=first.month)):
            number = f"TL-{one.engagement_id}-{month_text(month).replace('-', '')}"
            invoices[one.pk] = _copy(one, month=month, number=number)
        for one in list(Charge.objects.filter(month=first.month)):
            _copy(one, month=month, of_month=month, invoice=invoices.get(one.invoice_id))


def _copy(row: models.Model, **fields: object) -> models.Model:
    row = copy(row)
    row.pk = None
    row._state.adding = True
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


def _alerts(at: datetime) -> None:
    """Let every third engagement have passed a limit."""
    for engagement in Engagement.objects.order_by("pk")[::3]:
        key = f"engagement:{engagement.number}:alert"
        alert = Alert.objects.create(
            key=key, engagement=engagement, about=f"month of {engagement.number}",
            month=month_text(at.date()), opened_at=at, last_at=at,
        )  # fmt: skip
        Crossing.objects.create(
            alert=alert, key=f"{key}:80", source="computed", budget="month", spend="actual",
            threshold="80 %", amount=Decimal(800), limit=Decimal(1000), currency="USD",
            first_at=at, last_at=at,
        )  # fmt: skip


def _totals_as_stated() -> None:
    """Let the files state what their copied rows add up to."""
    for file in BillFile.objects.filter(kind="costs"):
        sums: dict[date, Decimal] = defaultdict(Decimal)
        for month, stated in CostEntry.objects.filter(file=file).values_list("of_month", "stated"):
            sums[month] += stated or 0
        file.stated = {month_text(month): str(total) for month, total in sums.items()}
        file.months = ",".join(sorted(file.stated))
        file.save()


def _ends_spread_out() -> None:
    """Let the engagements end over a year and a half, not all with the demonstration's."""
    changed = list(Deal.objects.exclude(engagement=None).exclude(end_on=None))
    for deal in changed:
        deal.end_on += timedelta(days=deal.pk % 17 * 30)
    Deal.objects.bulk_update(changed, ["end_on"], batch_size=500)


def _deals_that_came_to_nothing(at: datetime, chance: random.Random) -> None:
    communities = list(Community.objects.values_list("pk", flat=True))
    stages = chance.choices([*STAGES], [*STAGES.values()], k=DEALS - Deal.objects.count())
    Deal.objects.bulk_create(
        [_deal(number, stage, at, communities, chance) for number, stage in enumerate(stages)],
        batch_size=500,
    )


def _deal(
    number: int, stage: str, at: datetime, communities: list[int], chance: random.Random
) -> Deal:
    start = date(at.year - 2, 1, 1) + timedelta(days=chance.randrange(1200))
    since = at - timedelta(days=chance.randrange(700))
    return Deal(
        hubspot_id=str(70_000_000_000 + number), name=f"Deal {number}", stage=stage,
        owner=chance.choice(["ada", "ben", ""]), buyer=f"University {number % 900}",
        community_id=chance.choice([*communities[:1500], None]),
        revenue_type="membership-premier", currency="USD", amount=Decimal(chance.randrange(90_000)),
        close_on=start, start_on=start, end_on=start + timedelta(days=364),
        lost_reason="No funding." if stage == "closed_lost" else "",
        stage_since=since, created_at=since,
    )  # fmt: skip
