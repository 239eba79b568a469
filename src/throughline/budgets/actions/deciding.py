"""What people do about an alert: take it, look, find the cause, decide, tell, ask for a credit."""

from datetime import datetime

from django.db import transaction

from throughline.budgets.models import Alert
from throughline.budgets.queries import NoSuchAlert
from throughline.budgets.words import AlertState, Decision
from throughline.delivery.models import Engagement
from throughline.journal.actions import record
from throughline.kernel.errors import Refused

LONGEST = 2000


def locked_alert(pk: int) -> Alert:
    """Return an alert under its lock.

    Raises:
        NoSuchAlert: there is none of that number.
    """
    found = (
        Alert.objects.select_for_update(of=("self",))
        .select_related("engagement__deal__community", "account")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NoSuchAlert(pk)
    return found


def _text(text: str, *, what: str, remedy: str) -> str:
    stripped = text.strip()
    if not stripped or "\0" in stripped or len(stripped) > LONGEST:
        raise Refused(f"{what} has 1 to {LONGEST} characters.", remedy=remedy)
    return stripped


@transaction.atomic
def take_alert(pk: int, *, by: str, at: datetime) -> Alert:
    """Say by name who sees to an alert; another person may take it over.

    Raises:
        NoSuchAlert: there is none of that number.
    """
    alert = locked_alert(pk)
    if alert.owner == by:
        return alert
    before, alert.owner, alert.owned_at = alert.owner, by, at
    alert.save(update_fields=["owner", "owned_at"])
    record("budgets.alert.taken", alert, by=by, at=at, before=before)
    return alert


@transaction.atomic
def acknowledge_alert(pk: int, *, by: str, at: datetime) -> Alert:
    """Say by name that somebody has seen it, and owns it where nobody does.

    Raises:
        NoSuchAlert: there is none of that number.
        Refused: somebody has seen it already.
    """
    alert = locked_alert(pk)
    if alert.state != AlertState.OPEN:
        who = alert.acknowledged_by or alert.decided_by
        raise Refused(f"{who} has seen it already.", remedy="Find the cause, and decide.")
    alert.state = AlertState.ACKNOWLEDGED
    alert.acknowledged_by, alert.acknowledged_at = by, at
    if not alert.owner:
        alert.owner, alert.owned_at = by, at
    alert.save()
    record("budgets.alert.acknowledged", alert, by=by, at=at)
    return alert


@transaction.atomic
def explain_alert(pk: int, *, cause: str, by: str, at: datetime) -> Alert:
    """Write down why the costs are what they are.

    Raises:
        NoSuchAlert: there is none of that number.
        Refused: nothing is said.
    """
    said = _text(cause, what="The cause", remedy="Say what made the costs, in a sentence or two.")
    alert = locked_alert(pk)
    alert.cause = said
    alert.save(update_fields=["cause"])
    record("budgets.alert.explained", alert, by=by, at=at, cause=said)
    return alert


@transaction.atomic
def decide_alert(pk: int, *, decision: str, why: str, by: str, at: datetime) -> Alert:
    """Decide what is done about it: expected, reduce, or absorb. Only this closes an alert.

    Raises:
        NoSuchAlert: there is none of that number.
        Refused: there is no such decision, no cause is known, or it is decided already.
    """
    if decision not in Decision.values:
        raise Refused(
            f"{decision!r} is no decision.", remedy=f"Choose one of {', '.join(Decision.values)}."
        )
    said = _text(why, what="The reason", remedy="Say why, so that the next one can judge by it.")
    alert = locked_alert(pk)
    if alert.state == AlertState.DECIDED:
        raise Refused(
            f"{alert.decided_by} has decided it: {alert.get_decision_display()}.",
            remedy="It opens again when something new is told of the account.",
        )
    if not alert.cause:
        raise Refused("Nobody has said what the cause is.", remedy="Write down the cause first.")
    alert.state, alert.decision, alert.decision_why = AlertState.DECIDED, decision, said
    alert.decided_by, alert.decided_at = by, at
    if not alert.owner:
        alert.owner, alert.owned_at = by, at
    alert.save()
    record("budgets.alert.decided", alert, by=by, at=at, decision=decision, why=said)
    return alert


@transaction.atomic
def match_alert(pk: int, engagement: Engagement, *, by: str, at: datetime) -> Alert:
    """Say by hand whose alert it is, where it did not say so itself.

    Raises:
        NoSuchAlert: there is none of that number.
    """
    alert = locked_alert(pk)
    before = alert.engagement_id
    if before == engagement.pk:
        return alert
    alert.engagement = engagement
    alert.save(update_fields=["engagement"])
    record("budgets.alert.matched", alert, by=by, at=at, engagement=engagement.pk, before=before)
    return alert
