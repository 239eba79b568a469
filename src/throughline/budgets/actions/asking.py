"""Whom an alert makes us write to: the champion, and the Sponsor."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from throughline.budgets.accounts import support_address
from throughline.budgets.actions.deciding import locked_alert
from throughline.budgets.models import Alert, Crossing
from throughline.budgets.words import Decision
from throughline.delivery.actions.champions import people_to_ask
from throughline.delivery.models import Engagement
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.kernel.money import parse_amount, shown
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import draft_of
from throughline.mail.models import Message
from throughline.playbook.model import Playbook
from throughline.sales.actions.closing_facts import ask_again
from throughline.sales.actions.facts import Writing
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import SponsorWork
from throughline.sales.words import WorkKind

NEXT = {
    Decision.EXPECTED: "We take it that this is what you planned, and change nothing.",
    Decision.REDUCE: "We are going to bring the costs down, and shall tell you how.",
    Decision.ABSORB: "These costs are not passed on to you.",
    "": "We are looking into it, and shall tell you what we find.",
}
NOT_MATCHED = "Say first whose alert it is: `throughline alert match`."


def _engagement_of(alert: Alert) -> Engagement:
    if alert.engagement is None:
        raise Refused("Nobody knows whose alert this is.", remedy=NOT_MATCHED)
    return alert.engagement


def newest_crossing(alert: Alert) -> Crossing:
    """Return what was told last."""
    return alert.crossings.order_by("-last_at", "-pk")[0]


def as_money(amount: Decimal | None, currency: str) -> str:
    """Return an amount as a mail says it."""
    return "not told" if amount is None else f"{shown(amount)} {currency}"


@transaction.atomic
def tell_champion(
    pk: int, *, text: str = "", playbook: Playbook, by: str, at: datetime
) -> tuple[Alert, Message]:
    """Write to the community's champion what was told, what we found, and what happens next.

    `text` says what happens next; where it is empty, the decision does.

    Raises:
        NoSuchAlert: there is none of that number.
        Refused: nobody knows whose it is, nobody can be written to, or the same was written.
    """
    alert = locked_alert(pk)
    engagement = _engagement_of(alert)
    people = people_to_ask([engagement], playbook=playbook, at=at)[engagement.number]
    if not people:
        raise Refused(
            "Nobody of the community can be written to.",
            remedy="Name a Community Champion or Representative with an e-mail address on the deal.",
        )
    last = newest_crossing(alert)
    facts = _facts(alert, last, engagement, text, playbook, by)
    draft = draft_of(
        playbook.mail("budget_champion"),
        facts,
        key=f"alert:{alert.pk}:champion:{last.pk}:{alert.decision}",
        to=(people[0].email or "",),
        about=f"engagement:{engagement.number}",
    )
    message, is_new = queue_message(draft, by=by, at=at)
    if not is_new:
        raise Refused(
            f"{people[0].full_name} was told this on {message.queued_at:%Y-%m-%d}.",
            remedy="Write again once something new is told or decided.",
        )
    alert.told_at, alert.told_by = at, by
    alert.save(update_fields=["told_at", "told_by"])
    record("budgets.alert.champion_told", alert, by=by, at=at, count=1)
    return alert, message


def _facts(
    alert: Alert, last: Crossing, engagement: Engagement, text: str, playbook: Playbook, by: str
) -> dict[str, str]:
    community = engagement.deal.community
    return {
        "deal": engagement.deal.name,
        "community": community.short_name if community else engagement.deal.name,
        "limit": as_money(last.limit, last.currency),
        "spent": as_money(last.amount, last.currency),
        "why": f"{last.get_spend_display().lower()} {last.threshold} of the budget {last.budget}.",
        "period": alert.month,
        "cause": alert.cause or "not known yet.",
        "next": text.strip()[:2000] or NEXT[alert.decision],
        "owner": alert.owner or by,
        "support": support_address(engagement, playbook) or playbook.addresses.support,
        "organisation": playbook.organisation.name,
    }


@transaction.atomic
def ask_credit(
    pk: int, *, amount: str, why: str, playbook: Playbook, by: str, at: datetime
) -> tuple[Alert, SponsorWork]:
    """Ask the Sponsor for a credit: a work order on the Sponsor's desk.

    Raises:
        NoSuchAlert: there is none of that number.
        Refused: nobody knows whose it is, no amount or reason is given, or it was asked already.
    """
    sum_asked, said = parse_amount(amount), why.strip()[:500]
    if not sum_asked or sum_asked < 0 or not said:
        raise Refused(
            "A credit needs an amount above zero, and a reason.",
            remedy="Write the amount as 120.00, and why it is not the community's to pay.",
        )
    alert = locked_alert(pk)
    engagement = _engagement_of(alert)
    if alert.credit_asked_at is not None:
        raise Refused(
            f"{alert.credit_asked_by} has asked for it on {alert.credit_asked_at:%Y-%m-%d}.",
            remedy="See the Sponsor's desk.",
        )
    deal = locked_deal(engagement.pk)
    question = (
        f"Credit of {shown(sum_asked)} {deal.currency or 'USD'} for {alert.about}, {alert.month}:"
        f" {said} ({settings.BASE_URL}/budgets/alerts/{alert.pk}/)"
    )
    open_work = SponsorWork.objects.filter(deal=deal, kind=WorkKind.CREDIT, done_at=None).first()
    asked = f"{open_work.question}\n{question}" if open_work else question
    work = ask_again(WorkKind.CREDIT, asked, Writing(deal, playbook, by, at))
    alert.credit_asked_at, alert.credit_asked_by = at, by
    alert.save(update_fields=["credit_asked_at", "credit_asked_by"])
    record("budgets.alert.credit_asked", alert, by=by, at=at)
    return alert, work
