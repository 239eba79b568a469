"""The alert that Throughline itself sends, once for each threshold."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from throughline.budgets.actions.asking import as_money
from throughline.budgets.actions.telling import hear
from throughline.budgets.models import Alert
from throughline.budgets.watching import Due
from throughline.delivery.models import Engagement
from throughline.kernel.errors import Refused
from throughline.mail.actions.queueing import queue_message
from throughline.mail.letters import Draft, draft_of
from throughline.mail.models import Message
from throughline.playbook.model import Playbook


@transaction.atomic
def warn(due: Due, *, playbook: Playbook, by: str, at: datetime) -> Message | None:
    """Keep thresholds that are passed and mail the last of them; None where others were quicker.

    Raises:
        Refused: nobody is there to be told.
    """
    if not due.arming.to:
        raise Refused(
            f"Nobody is told of {due.arming.account}.",
            remedy="Reserve the community's id, and apply.",
        )
    # The engagement is the lock: two workers must not both find the threshold new.
    Engagement.objects.select_for_update().get(pk=due.arming.engagement_id)
    heard = [hear(told, due.match, received=None, by=by, at=at) for told in due.told]
    if not heard[-1].is_new:
        return None
    draft = drafted(due, heard[-1].alert, playbook=playbook)
    return queue_message(draft, by=by, at=at)[0]


def drafted(due: Due, alert: Alert | None, *, playbook: Playbook) -> Draft:
    """Return the mail about a threshold; without its ticket where it is only rehearsed."""
    told, deal = due.last, due.arming.engagement.deal
    community, ceiling = deal.community, due.burn.place.ceiling
    name = community.short_name if community else deal.name
    page = f"alerts/{alert.pk}/" if alert else ""
    as_of = due.burn.as_of
    facts = {
        "deal": deal.name,
        "community": name,
        "account": str(due.arming.account),
        "limit": as_money(told.limit, told.currency),
        "spent": as_money(told.amount, told.currency),
        "why": _why(due, ceiling.word if ceiling else ""),
        "period": told.of_month or "the agreement's term",
        "as_of": f"{as_of:%Y-%m-%d}, when costs were taken in last" if as_of else "unknown",
        "budget_url": f"{settings.BASE_URL}/budgets/{page}",
        "organisation": playbook.organisation.name,
    }
    return draft_of(
        playbook.mail("budget_passed"),
        facts,
        key=f"budget:{told.series}:{told.threshold}"[:200],
        to=(due.arming.to,),
        about=f"engagement:{due.arming.engagement_id}",
    )


def _why(due: Due, word: str) -> str:
    told = due.last
    if told.of_month:
        verb = "came out" if told.spend == "actual" else "will come out"
        return f"{due.arming.account} {verb} {told.threshold}."
    return f"{told.threshold} of the {word} is spent."
