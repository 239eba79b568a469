"""A world in which everything that is kept of money is a number that nothing else is."""

from datetime import timedelta
from decimal import Decimal

from django.apps import apps
from django.db import models
from django.utils import timezone

from tests.factories import NOON
from throughline.billing.fields import ExactDecimalField
from throughline.billing.models import BillFile, BillingMonth, Charge, CostEntry
from throughline.budgets.models import Arming, Crossing, Received
from throughline.delivery.models import JointWork
from throughline.documents.actions import keep_document
from throughline.handoff.models import Outcome
from throughline.infrastructure.models import CloudAccount, Cluster
from throughline.intake.alerts.doors import take_text
from throughline.intake.alerts.reading import read_alerts
from throughline.journal.actions import record
from throughline.mail.actions.queueing import Draft, queue_message
from throughline.mail.models import Echo
from throughline.playbook.loader import shipped
from throughline.renewals.models import Offboarding
from throughline.sales.models import (
    Agreement,
    EarlyStart,
    Payment,
    PriceLine,
    SponsorWork,
    StatementOfWork,
)

# What is kept as a number, and is none of money: hours, shares, rates.
NO_MONEY = {
    "capacity.Hold.hours", "capacity.Colleague.weekly_hours", "capacity.Colleague.billable_share",
    "capacity.Demand.low_h", "capacity.Demand.high_h", "capacity.Booking.hours",
    "capacity.StandingLoad.hours_per_week", "sales.StatementOfWork.low_h",
    "sales.StatementOfWork.high_h", "delivery.JointShare.parts", "delivery.Deliverable.low_h",
    "delivery.Deliverable.high_h", "delivery.SpentHours.hours", "billing.SplitPart.weight",
    "sales.Deal.probability", "billing.BillFile.fx_rate",
}  # fmt: skip
WRITTEN = "7919.37"  # what people and systems wrote into texts
UNREADABLE = (  # alerts whose own words nobody can read
    f"Budgeted Amount: $1\nACTUAL Amount: {WRITTEN} dollars",
    f"Budgeted Amount: $1\nACTUAL Amount: {WRITTEN.replace('.', '0' * 12 + '.')} {WRITTEN}",
    f"Budgeted Amount: {WRITTEN} or so\nFORECASTED Amount: $1",
)
FIRST, STEP = Decimal("8831.37"), Decimal("1013.06")


def money_fields():
    """Return every field of every table that holds money, with its name."""
    return {
        f"{model._meta.label}.{field.name}": (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.DecimalField | ExactDecimalField)
        and f"{model._meta.label}.{field.name}" not in NO_MONEY
    }


def price(world):
    """Give every field that holds money its own number, and every text that tells it one; all."""
    deal = world.engagement.deal
    agreement = Agreement.objects.get(deal=deal)
    day = {"by": "test", "at": NOON}
    EarlyStart.objects.create(
        deal=deal, reason="They wait.", money_limit=1, until_on=NOON.date(), **day
    )
    PriceLine.objects.create(agreement=agreement, position=1, description="Hub", account="hub")
    Payment.objects.create(agreement=agreement, position=1, occasion="on signature", amount=1)
    JointWork.objects.update(price=1, currency="USD")
    _spend(world.engagement, day)
    _tell(world, deal)
    marks = {}
    for place, (name, (model, field)) in enumerate(sorted(money_fields().items())):
        marks[name] = FIRST + STEP * place
        assert model.objects.update(**{field: marks[name]}), f"No row tells {name}."
    Offboarding.objects.update(final_currency="USD")
    StatementOfWork.objects.update(price_note=f"We ask {WRITTEN} USD.")
    return marks


def _spend(engagement, day):
    account = CloudAccount.objects.create(provider="aws", identifier="000000000001")
    cluster = Cluster.objects.get(name="earthscope")
    cluster.account = account
    cluster.save()
    month = NOON.date().replace(day=1)
    file = BillFile.objects.create(
        document=keep_document(b"costs", name="costs.csv", **day), kind="costs", provider="aws",
        months="2026-03", currency="USD", rows=1, **day,
    )  # fmt: skip
    CostEntry.objects.create(
        month=month,
        of_month=month,
        kind="bill",
        account=account,
        amount=1,
        stated=1,
        file=file,
        **day,
    )
    Charge.objects.create(
        month=month, of_month=month, engagement=engagement, cluster=cluster, kind="cloud", amount=1,
        standing="ours",
    )  # fmt: skip
    BillingMonth.objects.create(
        month=month, state="sent", reviewed_by="ada", reviewed_at=NOON, sent_by="sam", sent_at=NOON
    )
    Arming.objects.create(
        engagement=engagement,
        account=account,
        way="computed",
        name="month",
        is_armed=True,
        since=NOON,
    )


def _tell(world, deal):
    """Write an amount into everything that people and systems write."""
    told = f"{WRITTEN} USD"
    Crossing.objects.create(
        alert=world.alert, key="c", source="sns", budget="aws 1", spend="actual",
        threshold=f"> ${WRITTEN}", amount=1, limit=1, currency="USD", first_at=NOON, last_at=NOON,
    )  # fmt: skip
    Received.objects.create(
        key="r", source="mail", body=f"costAmount: {WRITTEN}", kept_at=NOON, kept_by="test",
        state="odd", why="It is no alert.",
    )  # fmt: skip
    for lines in UNREADABLE:
        take_text(f"Budget Name: aws 1\nAlert Threshold: > 80%\n{lines}", by="test", at=NOON)
    assert len(read_alerts(playbook=shipped(), at=NOON).unreadable) == len(UNREADABLE)
    SponsorWork.objects.update(question=f"Credit of {told} for aws 1")
    record("sales.sponsor_work.asked", deal, by="test", at=NOON, kind="credit", question=told)
    record("sales.deal.changed", deal, by="test", at=NOON, after={"amount": WRITTEN})
    draft = Draft("priced", ("a@example.org",), f"Spent {told}", f"Spent: {told}", "deal:1")
    world.message, _new = queue_message(draft, by="test", at=timezone.now())
    Echo.objects.create(
        key="e", message=world.message, kind="reply", said=f"> Spent: {told}", heard_at=NOON
    )
    month = {"cloud cost": WRITTEN, "MAU": 7}
    cells = f"Somebody has written: cloud cost {WRITTEN} where the ledger has 2.00."
    _drifted(world, f"workbook.month:{world.number}:earthscope:2026-03", month, cells)
    budget = {"amount": told, "alerts": [f"above {told}"]}
    _drifted(world, f"aws.budget:{world.number}:x", budget, f"It is {told} there.")


def _drifted(world, key, wanted, remedy):
    Outcome.objects.create(
        key=key, engagement=world.engagement, system=key.partition(".")[0], summary="Kept",
        wanted=wanted, seen=dict.fromkeys(wanted, "2.00 USD"), receipt={"id": 1},
        receipt_at=NOON + timedelta(days=1), state="drifted", seen_at=NOON,
        remedy=remedy,
    )  # fmt: skip
