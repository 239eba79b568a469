"""Setting a condition aside, and leave to start early."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import Refused
from throughline.people.gates import require_four_eyes, require_hat
from throughline.playbook.model import Playbook
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import EarlyStart, Waiver

EARLY_START = "order.early_start"  # waives the executed agreement for the order, never for a stage


@transaction.atomic
def waive_condition(
    deal_id: int,
    code: str,
    *,
    reason: str,
    until: date,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> Waiver:
    """Set a condition aside for one deal until a day, that day included.

    Raises:
        Refused: the condition is unknown or cannot be waived, the person is not entitled or owns
            the deal, the reason is empty, or the day is over.
    """
    deal = locked_deal(deal_id)
    _check_waivable(code, playbook)
    _check_terms(reason, until, at, playbook)
    require_hat(by, any_of=playbook.entitled_to_waive(code), to=f"waive {code}")
    if deal.owner:
        require_four_eyes(deal.owner, by, what="A waiver")
    waiver = Waiver.objects.create(
        deal=deal, code=code, reason=reason.strip(), until_on=until, by=by, at=at
    )
    record(
        "sales.condition.waived", deal, by=by, at=at, code=code, reason=reason, until=until,
        playbook=playbook.sha256,
    )  # fmt: skip
    return waiver


def _check_waivable(code: str, playbook: Playbook) -> None:
    known = {item.code: item for stage in playbook.stages for item in stage.conditions}
    if code not in known:
        raise Refused(
            f"No gate has a condition {code!r}.", remedy=f"Use one of {', '.join(known)}."
        )
    if not known[code].waivable:
        raise Refused(f"{code} cannot be waived.", remedy="Make it true instead.")


def _check_terms(reason: str, until: date, at: datetime, playbook: Playbook) -> None:
    if not reason.strip():
        raise Refused("A waiver needs a reason.", remedy="Say why it is set aside.")
    if until < day_in_zone(at, playbook.organisation.zone):
        raise Refused(f"{until} is over.", remedy="Name the last day on which the waiver counts.")


@transaction.atomic
def allow_early_start(
    deal_id: int,
    *,
    reason: str,
    money_limit: Decimal,
    until: date,
    playbook: Playbook,
    by: str,
    at: datetime,
) -> EarlyStart:
    """Give leave to order before the agreement is executed, up to an amount and a day.

    Raises:
        Refused: no reason, no positive limit, a day that is over, or a person not entitled.
    """
    deal = locked_deal(deal_id)
    _check_terms(reason, until, at, playbook)
    if money_limit <= 0:
        raise Refused("An early start needs a money limit.", remedy="Give an amount above zero.")
    require_hat(by, any_of=["Lead", "Admin"], to="allow an early start")
    if deal.owner:
        require_four_eyes(deal.owner, by, what="An early start")
    early = EarlyStart.objects.create(
        deal=deal, reason=reason.strip(), money_limit=money_limit, until_on=until, by=by, at=at
    )
    record(
        "sales.early_start.allowed", deal, by=by, at=at, reason=reason, until=until,
        money_limit=str(money_limit),
    )  # fmt: skip
    return early
