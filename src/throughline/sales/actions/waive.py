"""Setting a condition aside, and leave to start early."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from throughline.journal.actions import record
from throughline.kernel.days import day_in_zone
from throughline.kernel.errors import NotThere, Refused
from throughline.people.gates import require_four_eyes, require_hat, require_permission
from throughline.people.words import Permission
from throughline.playbook.model import Playbook
from throughline.sales.actions.lock import locked_deal
from throughline.sales.models import EarlyStart, Waiver

EARLY_START = "order.early_start"  # waives the executed agreement for the order, never for a stage


class NoSuchWaiver(NotThere):
    """No waiver goes by that number."""


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
    if code == "ps.reviewed":  # nobody sets their own question aside (E20)
        for asker in deal.reviews.values_list("asked_by", flat=True):
            require_four_eyes(asker, by, what="A waiver of a review")
    waiver = Waiver.objects.create(
        deal=deal, code=code, reason=reason.strip(), until_on=until, by=by, at=at
    )
    record(
        "sales.condition.waived", deal, by=by, at=at, code=code, reason=reason, until=until,
        playbook=playbook.sha256,
    )  # fmt: skip
    return waiver


@transaction.atomic
def renew_waiver(
    waiver_id: int, *, reason: str, until: date, playbook: Playbook, by: str, at: datetime
) -> Waiver:
    """Set the condition of a waiver aside until a later day; an empty reason keeps the old one.

    Who renews must be entitled, as for a new one. The new waiver stands beside the old one.

    Raises:
        Refused: it was withdrawn, the day is not later, or a new waiver would be refused.
    """
    old = _found_waiver(waiver_id)
    if old.withdrawn_at is not None:
        raise Refused(
            f"{old.withdrawn_by} has withdrawn this waiver.", remedy="Waive the condition anew."
        )
    if until <= old.until_on:
        raise Refused(f"It counts until {old.until_on} already.", remedy="Name a later day.")
    return waive_condition(
        old.deal_id, old.code, reason=reason.strip() or old.reason, until=until,
        playbook=playbook, by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def withdraw_waiver(waiver_id: int, *, playbook: Playbook, by: str, at: datetime) -> Waiver:
    """End a waiver before its day: the condition counts again. One person is enough for that.

    Raises:
        Refused: it is over or withdrawn, or the person neither gave it nor is entitled to.
    """
    waiver = _found_waiver(waiver_id)
    if not waiver.counts(day_in_zone(at, playbook.organisation.zone)):
        raise Refused("This waiver is over.", remedy="Nothing is left to withdraw.")
    if waiver.by.casefold() != by.strip().casefold():
        entitled = playbook.entitled_to_waive(waiver.code) or ("LEAD",)
        require_hat(by, any_of=entitled, to=f"withdraw a waiver of {waiver.code}")
    waiver.withdrawn_by, waiver.withdrawn_at = by, at
    waiver.save(update_fields=["withdrawn_by", "withdrawn_at"])
    record(
        "sales.waiver.withdrawn", waiver.deal, by=by, at=at, code=waiver.code, waived_by=waiver.by
    )
    return waiver


def _found_waiver(waiver_id: int) -> Waiver:
    """Return a waiver, with its deal locked.

    Raises:
        NoSuchWaiver: there is none of that number.
    """
    deal_id = Waiver.objects.filter(pk=waiver_id).values_list("deal_id", flat=True).first()
    if deal_id is None:
        raise NoSuchWaiver(
            f"There is no waiver {waiver_id}.", remedy="See `throughline waiver list`."
        )
    deal = locked_deal(deal_id)
    waiver = Waiver.objects.get(pk=waiver_id)
    waiver.deal = deal
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
    require_permission(by, Permission.ALLOW_EARLY_START, to="allow an early start")
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
