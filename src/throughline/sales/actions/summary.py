"""What was agreed, told to the community in a mail once somebody of them has said yes (R23)."""

from datetime import date, datetime

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import Draft, draft_of
from throughline.mail.models import Message
from throughline.people.models import User
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Lines
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import Deal, VerbalClose
from throughline.sales.queries import DealFacts, facts_of, is_executed
from throughline.sales.shapes import tier_name

TOLD = ("champion", "representative", "buyer")  # who hears what was agreed


def summary_of(facts: DealFacts, *, playbook: Playbook) -> Draft:
    """Return the mail that tells a community what was agreed, with its day and deliverables.

    It says no amount: it goes to people who need not see money.

    Raises:
        Refused: nobody has said yes, all is signed, or nobody of the community can be written to.
    """
    deal = facts.deal
    said = max(deal.verbal_closes.all(), key=lambda one: one.pk, default=None)
    if said is None:
        raise Refused(
            "Nobody has said yes yet.",
            remedy="Write down who did, when and to what: verbal.closed.",
        )
    if is_executed(facts.agreement):
        raise Refused(
            "The agreement is executed, and says what was agreed.", remedy="Send them a copy of it."
        )
    to = {one.contact.email for one in facts.roles if one.role in TOLD and one.contact.email}
    if not to:
        raise Refused(
            "Nobody of the community can be written to.",
            remedy="Name a Champion, Representative or Buyer with an e-mail address.",
        )
    return draft_of(
        playbook.mail("agreed"), words_of_summary(facts, said, playbook),
        key=f"agreed:{deal.pk}:{said.pk}", to=sorted(to), about=deal.subject,
    )  # fmt: skip


def words_of_summary(facts: DealFacts, said: VerbalClose, playbook: Playbook) -> dict[str, str]:
    """Return what the mail about what was agreed says."""
    deal, community = facts.deal, facts.deal.community
    name = community.long_name or community.short_name if community else deal.name
    return {
        "deal": deal.name,
        "community": name,
        "said_by": said.said_by,
        "said_on": _day(said.said_on),
        "version": said.version,
        "start_on": _day(deal.start_on),
        "end_on": _day(deal.end_on),
        "tier": tier_name(deal.tier, playbook) or "none",
        "deliverables": _deliverables(deal, facts),
        "owner": _name(deal.owner) or playbook.organisation.name,
        "organisation": playbook.organisation.name,
    }


def _name(owner: str) -> str:
    """Return what people outside call the deal's owner, who may go by an account here."""
    user = User.objects.filter(username=owner).first() if owner else None
    return (user.full_name if user else "") or owner


def _day(on: date | None) -> str:
    return f"{on:%-d %B %Y}" if on else "to be settled"


def _deliverables(deal: Deal, facts: DealFacts) -> Lines:
    """Return each deliverable with its day on one line, whatever its title holds."""
    titles = (
        [one["title"] for one in facts.statement.content["deliverables"]] if facts.statement else []
    )
    days = deal.deliverable_dates
    lines = [
        f"- {' '.join(title.split())}: {_day(date.fromisoformat(days[title]) if title in days else None)}"
        for title in titles
    ]
    return Lines("\n".join(lines or ["- what the service tier includes"]))


@transaction.atomic
def send_summary(deal_id: int, *, playbook: Playbook, by: str, at: datetime) -> Message:
    """Put the mail that tells a community what was agreed into the outbox: once for each yes.

    Raises:
        Refused: nobody has said yes, all is signed, nobody can be written to, or it was sent already.
    """
    deal = locked_deal(deal_id)
    facts = facts_of(deal, on=day_in_zone(at, playbook.organisation.zone))
    message, is_new = queue_message(summary_of(facts, playbook=playbook), by=by, at=at)
    if not is_new:
        raise Refused(
            f"{message.queued_by} has sent what was agreed on {_day(message.queued_at.date())}.",
            remedy="Write to them yourself, or record the next yes: it may be sent again then.",
        )
    record("sales.deal.summary_sent", deal, by=by, at=at, count=len(message.to))
    return message
