"""`throughline joint …`: one project that several deals pay for."""

from decimal import Decimal, InvalidOperation

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.delivery.actions.joint import (
    NoSuchJointWork,
    join_joint_work,
    leave_joint_work,
    open_joint_work,
    price_joint_work,
    start_joint_work,
)
from throughline.delivery.joint import JointState, ShareNow, joint_shape, joint_works, state_of
from throughline.delivery.models import Project
from throughline.delivery.queries import find_engagement
from throughline.kernel.errors import Refused
from throughline.kernel.money import parse_amount
from throughline.playbook.current import current
from throughline.sales.queries import find_deal


@click.group()
def joint() -> None:
    """Share work between deals: who carries how much, when it starts, who drops out."""


@joint.command("list")
@replies
def list_joint_works() -> Reply:
    """List the joint works."""
    states = [state_of(work) for work in joint_works()]
    lines = [f"{one.work.pk:>6}  {one.signed} of {one.work.threshold} signed  {one.work.title}"
             for one in states]  # fmt: skip
    return Reply(
        [joint_shape(one, with_money=True) for one in states], lines or ["There is no joint work."]
    )


@joint.command("show")
@click.argument("number", metavar="J", type=int)
@replies
def show(number: int) -> Reply:
    """Show who carries how much of joint work J."""
    found = joint_works().filter(pk=number).first()
    if found is None:
        raise NoSuchJointWork(f"There is no joint work {number}.", remedy="See `joint list`.")
    return _answer(state_of(found))


@joint.command("open")
@click.argument("reference", metavar="E")
@click.argument("project", metavar="PROJECT")
@click.argument("title", metavar="TITLE")
@click.option("--share", "shares", multiple=True, required=True, nargs=2, metavar="D PARTS",
              help="A deal and how many parts it carries; once for each.")  # fmt: skip
@click.option("--threshold", required=True, type=int, metavar="COUNT",
              help="How many must have signed before it starts.")  # fmt: skip
@by_option
@replies
def open_work(
    reference: str, project: str, title: str, shares: tuple[tuple[str, str], ...], threshold: int,
    by: str | None,
) -> Reply:  # fmt: skip
    """Make a project of engagement E joint work of several deals."""
    engagement = find_engagement(reference)
    found = Project.objects.filter(engagement=engagement, code=project).first()
    if found is None:
        raise Refused(f"There is no project {project!r}.", remedy="See `throughline handoff plan`.")
    state = open_joint_work(
        found.pk, {find_deal(deal).pk: _parts(parts) for deal, parts in shares}, title=title,
        threshold=threshold, by=operator(by), at=now(),
    )  # fmt: skip
    return _answer(state)


@joint.command("join")
@click.argument("number", metavar="J", type=int)
@click.argument("deal", metavar="D")
@click.argument("parts", metavar="PARTS")
@by_option
@replies
def join(number: int, deal: str, parts: str, by: str | None) -> Reply:
    """Let deal D carry a share of joint work J; everybody's is recomputed."""
    return _answer(
        join_joint_work(number, find_deal(deal), _parts(parts), by=operator(by), at=now())
    )


@joint.command("price")
@click.argument("number", metavar="J", type=int)
@click.argument("amount", metavar="AMOUNT")
@click.option("--currency", default="", metavar="CODE", help="Else the carrying deal's.")
@by_option
@replies
def price(number: int, amount: str, currency: str, by: str | None) -> Reply:
    """Agree on what joint work J costs in all; each deal carries its share."""
    found = parse_amount(amount)
    if found is None:
        raise Refused("A price needs an amount.", remedy="Write it such as 30000.00.")
    return _answer(price_joint_work(number, found, currency=currency, by=operator(by), at=now()))


@joint.command("start")
@click.argument("number", metavar="J", type=int)
@by_option
@replies
def start(number: int, by: str | None) -> Reply:
    """Start joint work J, once enough have signed."""
    return _answer(start_joint_work(number, by=operator(by), at=now()))


@joint.command("leave")
@click.argument("number", metavar="J", type=int)
@click.argument("deal", metavar="D")
@click.option("--because", required=True, metavar="TEXT", help="Why; the others are told.")
@by_option
@replies
def leave(number: int, deal: str, because: str, by: str | None) -> Reply:
    """Take deal D out of joint work J: shares are recomputed, and the others told."""
    state = leave_joint_work(
        number, find_deal(deal), why=because, playbook=current(), by=operator(by), at=now()
    )
    return _answer(state)


def _answer(state: JointState) -> Reply:
    shape = joint_shape(state, with_money=True)
    begun = "started" if shape["started_at"] else f"needs {state.work.threshold} signatures"
    lines = [
        f"  {one.pct:>6} %  {one.low_h}–{one.high_h} h  {_money(one)}"
        f"  {'signed' if one.has_signed else 'not signed':<10}  {one.deal.name}"
        for one in state.shares
    ]
    return Reply(shape, [f"{state.work.title}: {begun}", *lines])


def _money(share: ShareNow) -> str:
    if share.money is None:
        return "no price yet"
    other = f" (its deal pays in {share.deal.currency})" if share.is_in_another_currency else ""
    return f"{share.money} {share.currency}{other}"


def _parts(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise Refused(f"{text!r} are no parts.", remedy="Write a number, such as 2.") from error
