"""Blocks of Today about mail: what did not go out, what came back, and who cannot be told."""

from django.urls import reverse

from throughline.intake.week.look import Look
from throughline.journal.remembering import remembered
from throughline.mail.models import Echo, Message
from throughline.mail.queries import echoes_to_see, unsent_for_good
from throughline.people.models import User
from throughline.renewals.known import COVERING
from throughline.renewals.untold import Untold, untold
from throughline.sales.shapes import name_of
from throughline.web.today.listing import SHOWN, block, first
from throughline.web.today.shapes import Block, Item


def mails_block(_user: User, _now: Look) -> Block:
    """Return the mails that failed, or of which nobody knows whether they went."""
    return block(
        ("mails", "Mail that did not go out", "mail"),
        first(unsent_for_good()),
        _mail_item,
        empty="A mail comes here when the server refused it for good, or when its answer was lost.",
        more=f"{reverse('web:outbox')}?state=failed",
    )


def _mail_item(one: Message) -> Item:
    status = "unknown" if one.state == "unsure" else "failed"
    return Item(
        reverse("web:message", args=[one.pk]), one.subject, one.error or f"To {', '.join(one.to)}",
        "Admin", since=one.queued_at, status=status,
    )  # fmt: skip


def came_back_block(_user: User, _now: Look) -> Block:
    """Return the bounces, complaints and replies that nobody has seen to."""
    return block(
        ("came_back", "Mail that came back or was answered", "back"),
        first(echoes_to_see()),
        _echo_item,
        empty="A bounce or a reply to one of our mails comes here.",
        more=reverse("web:mail-back"),
    )


def _echo_item(one: Echo) -> Item:
    subject = one.message.subject if one.message else "A mail that nobody knows"
    return Item(
        f"{reverse('web:mail-back')}#echo-{one.pk}", subject,
        f"{one.get_kind_display()}: {one.address} {one.said[:120]}".strip(), "BD",
        since=one.heard_at, status="waiting",
    )  # fmt: skip


def untold_block(_user: User, now: Look) -> Block:
    """Return the engagements whose notice is due and has nobody to go to."""
    found = remembered(("untold", *now.key), COVERING, lambda: untold(now.standings))
    return block(
        ("untold", "Nobody to tell before the end", "warning"),
        (found[:SHOWN], len(found)),
        _untold_item,
        empty="An engagement comes here when a notice before its end is due and has nobody to go"
        " to, or when nobody knows when it ends.",
        more=reverse("web:renewals"),
    )


def _untold_item(one: Untold) -> Item:
    deal = one.engagement.deal
    return Item(
        reverse("web:engagement", args=[deal.pk]), name_of(deal), one.remedy,
        deal.owner or "BD", since=one.since, due_on=deal.end_on, due_word="ends", status="waiting",
    )  # fmt: skip
