"""`throughline sponsor …`: what the Sponsor is asked to do, with whom it is, and its receipts."""

import secrets
from datetime import datetime, timedelta

import click
from django.conf import settings

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.kernel.errors import Refused
from throughline.playbook.current import current
from throughline.sales.actions.sponsor import (
    LINK_VALID,
    finish_sponsor_work,
    issue_work_link,
    remind,
    revoke_work_link,
    take_sponsor_work,
)
from throughline.sales.desk import DeskItem, desk_items, desk_shape, works


@click.group()
def sponsor() -> None:
    """Work on the Sponsor's desk. N is a work order's number."""


def _item(number: int, at: datetime) -> DeskItem:
    found = desk_items(works().filter(pk=number), playbook=current(), at=at)
    if not found:
        raise Refused(f"There is no work order {number}.", remedy="See `throughline sponsor list`.")
    return found[0]


def _work_reply(number: int, line: str) -> Reply:
    return Reply(desk_shape(_item(number, now())), [line])


@sponsor.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what is done.")
@replies
def list_work(everything: bool) -> Reply:
    """List work orders: what is asked, with whom it is, and since when."""
    found = works() if everything else works().filter(done_at=None)
    items = desk_items(found, playbook=current(), at=now())
    lines = [_work_line(one) for one in items]
    return Reply([desk_shape(one) for one in items], lines or ["Nothing waits for the Sponsor."])


def _work_line(item: DeskItem) -> str:
    work = item.work
    stands = (
        f"done by {work.done_by}: {work.receipt}"
        if work.done_at
        else f"with {item.holder}, {item.days} days{' (late)' if item.is_late else ''}"
    )
    return f"{work.pk:>6}  {work.get_kind_display():<24}  {stands}  {item.deal.name}"


@sponsor.command("done")
@click.argument("number", metavar="N", type=int)
@click.option("--receipt", required=True, help="SAGE's number, an envelope, or the answer.")
@by_option
@replies
def done(number: int, receipt: str, by: str | None) -> Reply:
    """Close a work order with its receipt."""
    work = finish_sponsor_work(
        number, receipt=receipt, playbook=current(), by=operator(by), at=now()
    )
    return _work_reply(number, f"{work.get_kind_display()} is done: {work.receipt}")


@sponsor.command("take")
@click.argument("number", metavar="N", type=int)
@by_option
@replies
def take(number: int, by: str | None) -> Reply:
    """Say by name who does a work order."""
    work = take_sponsor_work(number, by=operator(by), at=now())
    return _work_reply(number, f"{work.taken_by} has it.")


@sponsor.command("remind")
@click.argument("number", metavar="N", type=int)
@click.option("--to", default="", metavar="NAME", help="The Sponsor, where left out.")
@click.option("--text", default="")
@by_option
@replies
def remind_of(number: int, to: str, text: str, by: str | None) -> Reply:
    """Write down that somebody was reminded."""
    made = remind(number, to=to, text=text, by=operator(by), at=now())
    return _work_reply(number, f"{made.to} was reminded.")


@sponsor.command("link")
@click.argument("number", metavar="N", type=int)
@click.option("--to", "issued_to", default="", metavar="NAME", help="Whom it is for.")
@click.option("--days", type=click.IntRange(1, 90), default=LINK_VALID.days, show_default=True)
@click.option("--revoke", type=int, metavar="LINK", help="Close a link instead of issuing one.")
@by_option
@replies
def link(number: int, issued_to: str, days: int, revoke: int | None, by: str | None) -> Reply:
    """Issue a link that opens this work order without an account; shown this once."""
    if revoke is not None:
        revoke_work_link(revoke, by=operator(by), at=now())
        return Reply(
            {"work": number, "revoked": revoke}, [f"Link {revoke} opens nothing any more."]
        )
    token = secrets.token_urlsafe(32)
    made = issue_work_link(
        number, token, issued_to=issued_to, by=operator(by), at=now(), valid=timedelta(days=days)
    )
    address = f"{settings.BASE_URL}/s/work/{token}/"
    document = {
        "work": number, "link": made.pk, "issued_to": made.issued_to,
        "expires_at": made.expires_at.isoformat(), "address": address,
    }  # fmt: skip
    return Reply(document, [address])
