"""Engagements with a term, days to run the ladders on, and what went out."""

from datetime import UTC, date, datetime
from itertools import count

from tests.factories import NOON, SIGNATORIES, make_deal, sign, tell
from throughline.communities.actions import Person, assign_role
from throughline.delivery.actions.engagements import (
    decide_to_end,
    link_clusters,
    name_successor,
    open_imported,
)
from throughline.delivery.models import Engagement
from throughline.infrastructure.actions import ClusterSeen, keep_clusters
from throughline.infrastructure.words import Payer
from throughline.journal.models import Entry
from throughline.mail.models import Message
from throughline.playbook.loader import shipped
from throughline.renewals.jobs import LadderRun, run_ladders
from throughline.renewals.models import Notice
from throughline.sales.models import Deal

PARTNERSHIPS = ["partnerships@2i2c.org"]
_numbers = count(1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def nine(on: date | str) -> datetime:
    """Return nine o'clock of a day."""
    found = day(on) if isinstance(on, str) else on
    return datetime(found.year, found.month, found.day, 9, tzinfo=UTC)


def make_term(end_on: str | None, start_on: str | None = "2024-01-01", **fields) -> Engagement:
    """Return the engagement of a deal that came in already won, with these first and last days."""
    ends = day(end_on) if end_on else None
    starts = day(start_on) if start_on else None
    number = next(_numbers)
    wanted = {
        "name": f"Deal {number}",
        "hubspot_id": f"9{number:05}",
        "stage": "closed_won",
    } | fields
    deal = make_deal(start_on=starts, end_on=ends, **wanted)
    open_imported(playbook=shipped(), by="factory", at=NOON)
    return Engagement.objects.select_related("deal").get(pk=deal.pk)


def move_end(engagement: Engagement, end_on: str | date | None) -> None:
    Deal.objects.filter(pk=engagement.pk).update(end_on=end_on)


def make_ending(engagement: Engagement) -> None:
    decide_to_end(engagement.number, by="ada", at=NOON)


def make_representative(engagement: Engagement, email: str, from_on: str = "2020-01-01") -> None:
    assign_role(
        Person("Rae Rep", email=email),
        role="representative",
        subject=engagement.deal.subject,
        from_on=day(from_on),
        playbook=shipped(),
        by="ada",
        at=NOON,
    )


def make_successor(engagement: Engagement, *, executed: bool = True) -> Deal:
    successor = make_deal(name="The renewal", stage="contract_admin")
    tell(successor, "agreement.artefact", title="Renewal", signatories=SIGNATORIES)
    if executed:
        sign(successor)
    name_successor(engagement.number, successor, by="ada", at=NOON)
    return successor


def make_hub(name: str, engagement: Engagement) -> None:
    """Make a cluster with one hub that serves an engagement."""
    seen = ClusterSeen(
        name=name, provider="aws", account="012345678901", region="us-west-2",
        paid_by=Payer.COMMUNITY, deal_id=engagement.deal.reference, budget_alert=None,
        hubs={"prod": ("Hub", f"hub.{name}.example")},
    )  # fmt: skip
    keep_clusters([seen], by="factory", at=NOON)
    link_clusters(by="factory", at=NOON)


def run(on: date | str | datetime) -> LadderRun:
    at = on if isinstance(on, datetime) else nine(on)
    return run_ladders(at=at, playbook=shipped(), by="worker")


def outbox() -> list[tuple[list[str], str]]:
    """Return to whom what went, in the order of the outbox."""
    return [(one.to, one.subject) for one in Message.objects.order_by("pk")]


def notices(engagement: Engagement) -> list[tuple[str, str, str]]:
    """Return end date, step and state of each row, in the order of the table."""
    rows = Notice.objects.filter(engagement=engagement).order_by("pk")
    return [(one.end_on.isoformat(), one.step, one.state) for one in rows]


def acts(prefix: str) -> list[str]:
    return list(
        Entry.objects.filter(act__startswith=prefix).order_by("pk").values_list("act", flat=True)
    )
