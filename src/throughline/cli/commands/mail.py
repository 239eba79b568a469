"""`throughline mail …`: the outbox, what came back, previews, a test, and how people are told."""

from dataclasses import asdict, replace
from datetime import time
from typing import Any

import click

from throughline.cli.reply import DONE, FAILED, Reply, by_option, now, operator, replies
from throughline.delivery.queries import find_engagement
from throughline.intake.previews import preview_mail
from throughline.kernel.errors import Refused
from throughline.mail.actions.echoes import see_echo, settle_message
from throughline.mail.actions.preferring import choose
from throughline.mail.actions.testing import send_test
from throughline.mail.models import Echo, Message
from throughline.mail.queries import echoes_to_see, find_message, outbox, wishes_of
from throughline.mail.wishes import Wishes
from throughline.mail.words import Channel, MessageState
from throughline.people.queries import find_user
from throughline.playbook.current import current

CHANNEL = click.Choice([one.value for one in Channel])


@click.group()
def mail() -> None:
    """The outbox, what came back, and mails before they are sent."""


def message_shape(one: Message) -> dict[str, Any]:
    """Return a mail as JSON."""
    return {
        "mail": one.pk, "key": one.key, "to": ", ".join(one.to), "subject": one.subject,
        "state": one.state, "kind": one.kind, "queued_at": one.queued_at, "sent_at": one.sent_at,
        "next_at": one.next_at, "attempts": one.attempts, "lost": one.lost, "error": one.error or None,
    }  # fmt: skip


def _echo_shape(one: Echo) -> dict[str, Any]:
    return {
        "echo": one.pk, "mail": one.message_id, "kind": one.kind, "address": one.address,
        "code": one.code or None, "said": one.said, "heard_at": one.heard_at,
        "seen_by": one.seen_by or None,
    }  # fmt: skip


@mail.command("list")
@click.option("--state", type=click.Choice([one.value for one in MessageState]), default=None)
@click.option("--last", default=50, show_default=True, help="How many at most.")
@replies
def list_mails(state: str | None, last: int) -> Reply:
    """List mails, the newest first, and what came back and waits for a person."""
    found = list((outbox().filter(state=state) if state else outbox())[:last])
    back = list(echoes_to_see())
    lines = [f"{one.pk:>6}  {one.state:<9}  {', '.join(one.to)}: {one.subject}" for one in found]
    lines += [
        f"came back as {one.pk}: {one.get_kind_display()}, {one.address} (mail {one.message_id or '?'})"
        for one in back
    ]
    document = {
        "mails": [message_shape(one) for one in found],
        "came_back": [_echo_shape(one) for one in back],
    }
    return Reply(document, lines or ["No mail."])


@mail.command("show")
@click.argument("number", metavar="N", type=int)
@replies
def show(number: int) -> Reply:
    """Show one mail, word for word, with what came back for it."""
    found = find_message(number)
    echoes = list(found.echoes.order_by("heard_at", "pk"))
    attached = [one.name for one in found.attachments.all()]
    document = message_shape(found) | {
        "text": found.text, "attachments": attached, "came_back": [_echo_shape(one) for one in echoes],
    }  # fmt: skip
    lines = [
        f"To: {', '.join(found.to)}", f"Subject: {found.subject}",
        f"State: {found.get_state_display()}{f' ({found.error})' if found.error else ''}",
        *(f"Attached: {name}" for name in attached), "", found.text.rstrip(), "",
        *(f"{one.get_kind_display()}: {one.address} {one.said}" for one in echoes),
    ]  # fmt: skip
    return Reply(document, lines)


@mail.command("preview")
@click.argument("code")
@click.option("--engagement", "reference", required=True, metavar="E")
@click.option("--html", "as_html", is_flag=True, help="The HTML part instead of the text.")
@replies
def preview(code: str, reference: str, as_html: bool) -> Reply:
    """Show a mail of the playbook with the facts of an engagement. Sends nothing."""
    found = preview_mail(code, find_engagement(reference), playbook=current(), at=now())
    later = ["", f"Known only when it is sent: {', '.join(found.unknown)}."]
    text = [f"Subject: {found.subject}", "", found.text.rstrip(), *(later if found.unknown else [])]
    return Reply(asdict(found), [found.html] if as_html else text)


@mail.command("test")
@click.argument("address")
@by_option
@replies
def test(address: str, by: str | None) -> Reply:
    """Send a mail to an address now, and say what became of it."""
    found = send_test(address, playbook=current(), by=operator(by), at=now())
    went = found.state == MessageState.SENT
    line = f"Sent to {address}." if went else f"{found.get_state_display()}: {found.error}"
    return Reply(message_shape(found), [line], (), DONE if went else FAILED)


@mail.command("settle")
@click.argument("number", metavar="N", type=int)
@click.option(
    "--arrived/--again", default=None, required=True, help="It is there, or send it again."
)
@by_option
@replies
def settle(number: int, arrived: bool, by: str | None) -> Reply:
    """Settle a mail that failed, or of which nobody knows whether it went."""
    found = settle_message(number, arrived=arrived, by=operator(by), at=now())
    word = "counts as sent" if arrived else "goes out again, under the same Message-ID"
    return Reply(message_shape(found), [f"Mail {number} {word}."])


@mail.command("seen")
@click.argument("number", metavar="N", type=int)
@by_option
@replies
def seen(number: int, by: str | None) -> Reply:
    """Say that you have seen to what came back. N is its number in `mail list`."""
    found = see_echo(number, by=operator(by), at=now())
    return Reply(_echo_shape(found), [f"Seen by {found.seen_by}."])


@mail.command("preferences")
@click.argument("user")
@click.option("--blocked", type=CHANNEL, default=None, help="When something waits for them.")
@click.option("--news", type=CHANNEL, default=None, help="When anything else happens.")
@click.option("--quiet", metavar="HH:MM-HH:MM", default=None, help="Their quiet hours, or none.")
@click.option("--digest-at", metavar="HH:MM", default=None)
@click.option("--weekdays/--every-day", "weekdays_only", default=None, help="Of the digest.")
@click.option("--zone", metavar="ZONE", default=None, help="Such as Europe/Berlin.")
@by_option
@replies
def preferences(user: str, by: str | None, **chosen: Any) -> Reply:
    """Show how a person is told by mail, or choose it for them."""
    found, playbook = find_user(user), current()
    kept = wishes_of([found.pk], playbook)[found.pk]
    wanted = _chosen(kept, chosen)
    if wanted != kept:
        choose(found, wanted, by=operator(by), at=now())
    return Reply(asdict(wanted) | {"user": found.username}, _lines(wanted))


def _chosen(kept: Wishes, chosen: dict[str, Any]) -> Wishes:
    quiet, digest_at = chosen.pop("quiet"), chosen.pop("digest_at")
    changes = {name: value for name, value in chosen.items() if value is not None}
    for name in {"blocked", "news"} & set(changes):
        changes[name] = Channel(changes[name])
    if quiet is not None:
        first, _, until = ("", "", "") if quiet == "none" else quiet.partition("-")
        changes["quiet_from"], changes["quiet_until"] = _time(first), _time(until)
    if digest_at is not None:
        changes["digest_at"] = _time(digest_at)
    return replace(kept, **changes)


def _time(text: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text.strip())
    except ValueError:
        raise Refused(f"{text!r} is no time of day.", remedy="Write it as HH:MM.") from None


def _lines(wishes: Wishes) -> list[str]:
    quiet = (
        f"{wishes.quiet_from:%H:%M} to {wishes.quiet_until:%H:%M}" if wishes.quiet_from else "never"
    )
    days = "on weekdays" if wishes.weekdays_only else "every day"
    return [
        f"Something waits for them: {wishes.blocked.label.lower()}.",
        f"Anything else: {wishes.news.label.lower()}.",
        f"The digest goes out at {wishes.digest_at:%H:%M} {days}; quiet hours: {quiet} ({wishes.zone}).",
    ]
