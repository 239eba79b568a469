"""Several deals pay for one project: they agree on shares, start together, and may drop out."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.db import transaction

from throughline.delivery.actions.carrying import carry_project
from throughline.delivery.actions.engagements import locked_engagement
from throughline.delivery.joint import CENT, JointState, ShareNow, joint_works, state_of
from throughline.delivery.models import Engagement, JointShare, JointWork, Project
from throughline.journal.actions import record
from throughline.kernel.errors import Refused
from throughline.mail.actions.notifying import note_of, tell_owner
from throughline.people.gates import require_hat
from throughline.people.queries import sees_money
from throughline.playbook.model import Playbook
from throughline.playbook.parts import Lines
from throughline.sales.models import Deal

AGREES = ["BD", "Lead", "Admin"]
AT_LEAST = 2
MOST_PARTS = Decimal(100000)
CURRENCY: Final = re.compile(r"[A-Z]{3}")


class NoSuchJointWork(Refused):
    """Nothing goes by that number."""


@transaction.atomic
def open_joint_work(
    project: int,
    shares: Mapping[int, Decimal],
    *,
    title: str,
    threshold: int,
    by: str,
    at: datetime,
) -> JointState:
    """Make a project of one engagement the joint work of several deals, by deal and parts.

    Nothing of it can be done before it starts. Its engagement carries it: its deliverables stand
    there, once, and count for everybody who has a share.

    Raises:
        Refused: there is no such project, it is joint already, fewer than two deals share it, its
            own deal is none of them, a deal is unknown, the threshold is out of reach, parts are
            none, or the person is of neither BD nor Lead.
    """
    found = Project.objects.filter(pk=project).first()
    if found is None:
        raise Refused(f"There is no project {project}.", remedy="See the engagement's page.")
    locked_engagement(found.engagement_id)
    require_hat(by, any_of=AGREES, to="agree on joint work")
    _check_shares(found, shares, threshold)
    if not title.strip() or JointWork.objects.filter(project=found).exists():
        raise Refused("It needs a title, and may be joint only once.", remedy="Look at its page.")
    work = JointWork.objects.create(
        project=found, title=title.strip()[:250], begun_in_id=found.engagement_id,
        begun_as=found.code, threshold=threshold, opened_by=by, opened_at=at,
    )  # fmt: skip
    for deal, parts in shares.items():
        JointShare.objects.create(work=work, deal_id=deal, parts=parts, joined_by=by, joined_at=at)
    return _told(work, "opened", by=by, at=at, threshold=threshold)


@transaction.atomic
def join_joint_work(pk: int, deal: Deal, parts: Decimal, *, by: str, at: datetime) -> JointState:
    """Let another deal carry a share; everybody's is recomputed.

    Raises:
        NoSuchJointWork: there is none of that number.
        Refused: the deal has or had a share, parts are none, or the person is of neither BD nor
            Lead.
    """
    work = _locked(pk)
    require_hat(by, any_of=AGREES, to="agree on joint work")
    _check_parts(parts)
    if work.shares.filter(deal=deal).exists():
        raise Refused(f"{deal} has or had a share already.", remedy="Open another joint work.")
    JointShare.objects.create(work=work, deal=deal, parts=parts, joined_by=by, joined_at=at)
    return _told(work, "joined", by=by, at=at, who=deal.name)


@transaction.atomic
def price_joint_work(
    pk: int, price: Decimal, *, currency: str = "", by: str, at: datetime
) -> JointState:
    """Agree on what a joint work costs in all; every deal carries its share of it.

    Without a currency it is that of the deal whose engagement carries the work.

    Raises:
        NoSuchJointWork: there is none of that number.
        Refused: the price is below zero, the currency is none, or the person is of neither BD nor
            Lead.
    """
    work = _locked(pk)
    require_hat(by, any_of=AGREES, to="agree on joint work")
    code = currency.strip().upper() or work.project.engagement.deal.currency
    if price < 0:
        raise Refused(f"{price:f} is no price.", remedy="Write what it costs, such as 30000.00.")
    if not CURRENCY.fullmatch(code):
        raise Refused(f"{code!r} is no currency.", remedy="Write its three letters, such as USD.")
    work.price, work.currency = price.quantize(CENT, rounding=ROUND_HALF_UP), code
    work.save(update_fields=["price", "currency"])
    return _told(work, "priced", by=by, at=at, price=f"{work.price:.2f}", currency=code)


@transaction.atomic
def start_joint_work(pk: int, *, by: str, at: datetime) -> JointState:
    """Start a joint work: from now on its deliverables can be done.

    Raises:
        NoSuchJointWork: there is none of that number.
        Refused: it has started, or fewer have signed than were wanted.
    """
    work = _locked(pk)
    require_hat(by, any_of=[*AGREES, "PS"], to="start joint work")
    if work.started_at is not None:
        raise Refused(f"{work.started_by} has started it already.", remedy="Nothing is left to do.")
    state = state_of(work)
    if not state.may_start:
        unsigned = ", ".join(one.deal.name for one in state.shares if not one.has_signed)
        raise Refused(
            f"{state.signed} of at least {work.threshold} have signed.",
            remedy=f"Have the agreements signed: {unsigned}.",
        )
    work.started_by, work.started_at = by, at
    work.save(update_fields=["started_by", "started_at"])
    return _told(work, "started", by=by, at=at)


@transaction.atomic
def leave_joint_work(
    pk: int, deal: Deal, *, why: str, playbook: Playbook, by: str, at: datetime
) -> JointState:
    """Take a deal out of a joint work: shares are recomputed, and the others' owners are told.

    Where its engagement carried the work, the one with the largest share carries it from now on,
    and the hours that are booked for it.

    Raises:
        NoSuchJointWork: there is none of that number.
        Refused: the deal has no share, it is the last one, nobody else could carry the work, no
            reason is given, or the person is of neither BD nor Lead.
    """
    work = _locked(pk)
    require_hat(by, any_of=AGREES, to="agree on joint work")
    share = work.shares.filter(deal=deal, left_at=None).first()
    if share is None:
        raise Refused(f"{deal} has no share in it.", remedy="See `throughline joint show`.")
    if not why.strip():
        raise Refused("Why does it leave?", remedy="Say it: the others are told.")
    rest = list(work.shares.filter(left_at=None).exclude(pk=share.pk).order_by("-parts", "pk"))
    if not rest:
        raise Refused("Nobody else has a share.", remedy="Change the scope by an amendment.")
    if work.project.engagement_id == deal.pk:
        _hand_on(work.project, [one.deal_id for one in rest], by=by, at=at)
    share.left_by, share.left_at, share.left_why = by, at, why.strip()
    share.save(update_fields=["left_by", "left_at", "left_why"])
    state = _told(work, "left", by=by, at=at, who=deal.name, why=share.left_why)
    _mail(state, deal, share.left_why, playbook=playbook, by=by, at=at)
    return state


def _hand_on(project: Project, deals: list[int], *, by: str, at: datetime) -> None:
    """Let the first engagement of some deals carry a project, with what is booked for it.

    Raises:
        Refused: none of the deals has an engagement, or its code is too long to go along.
    """
    engagements = set(Engagement.objects.filter(pk__in=deals).values_list("pk", flat=True))
    number = next((deal for deal in deals if deal in engagements), None)
    if number is None:
        raise Refused(
            "None of the others has an engagement that could carry the work.",
            remedy="Place the order of one of them first.",
        )
    carry_project(project, locked_engagement(number), by=by, at=at)


def _told(work: JointWork, what: str, *, by: str, at: datetime, **facts: str | int) -> JointState:
    """Write what happened into the history of every deal that carries a share, and return it all."""
    state = state_of(joint_works().get(pk=work.pk))
    for share in state.shares:
        record(
            f"delivery.joint.{what}", share.deal, by=by, at=at, title=work.title,
            pct=f"{share.pct:f}", **facts,
        )  # fmt: skip
    for one in state.left:
        if what == "left" and one.left_at == at:
            record(
                "delivery.joint.left", one.deal, by=by, at=at, title=work.title, pct="0", **facts
            )
    return state


def _mail(
    state: JointState, left: Deal, why: str, *, playbook: Playbook, by: str, at: datetime
) -> None:
    for one in state.shares:
        facts = {
            "deal": one.deal.name,
            "work": state.work.title,
            "left": left.name,
            "why": why,
            "shares": _told_shares(state, with_money=sees_money(one.deal.owner)),
            "organisation": playbook.organisation.name,
        }
        key = f"mail.joint_changed:{state.work.pk}:{left.pk}:{one.deal.pk}"
        about = f"deal:{one.deal.pk}"
        note = note_of(playbook.mail("joint_changed"), facts, key=key, about=about, blocks=True)
        # The journal of the deal says it as well, for where the owner cannot be told.
        tell_owner(one.deal.owner, note, playbook=playbook, by=by, at=at)


def _told_shares(state: JointState, *, with_money: bool) -> Lines:
    return Lines("\n".join(_told_share(one, with_money=with_money) for one in state.shares))


def _told_share(share: ShareNow, *, with_money: bool) -> str:
    """Return what a deal carries, as its page says it: per cent, hours and, if seen, money."""
    said = f"- {share.deal.name}: {share.pct} %, {share.low_h}–{share.high_h} h"
    if not with_money:
        return said
    if share.money is None:
        return f"{said}, no price yet"
    other = f" (its deal pays in {share.deal.currency})" if share.is_in_another_currency else ""
    return f"{said}, {share.money} {share.currency}{other}"


def _check_shares(project: Project, shares: Mapping[int, Decimal], threshold: int) -> None:
    if len(shares) < AT_LEAST or project.engagement_id not in shares:
        raise Refused(
            "Joint work is carried by at least two deals, and its own is one of them.",
            remedy="Name every deal with its parts.",
        )
    for parts in shares.values():
        _check_parts(parts)
    known = set(Deal.objects.filter(pk__in=shares, deleted_at=None).values_list("pk", flat=True))
    if unknown := set(shares) - known:
        raise Refused(f"There is no deal {min(unknown)}.", remedy="See `throughline deal list`.")
    if not 1 <= threshold <= len(shares):
        raise Refused(
            f"{threshold} of {len(shares)} can never have signed.",
            remedy=f"Choose 1 to {len(shares)}.",
        )


def _check_parts(parts: Decimal) -> None:
    if not parts.is_finite() or not Decimal(0) < parts <= MOST_PARTS:
        raise Refused(f"{parts} are no parts.", remedy="Write a number above 0, such as 1 or 2.5.")


def _locked(pk: int) -> JointWork:
    if not JointWork.objects.select_for_update().filter(pk=pk).exists():
        raise NoSuchJointWork(
            f"There is no joint work {pk}.", remedy="See `throughline joint list`."
        )
    return joint_works().get(pk=pk)
