"""`throughline webhook …`: programs that are told of what happens."""

import os
import secrets
from typing import Any

import click

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.handoff.actions_webhooks import keeping
from throughline.handoff.models import Subscription

SECRET_BYTES = 32
MOST_SHOWN = 100
number_argument = click.argument("number", metavar="W", type=int)


@click.group()
def webhook() -> None:
    """Tell other programs what happens, signed after Standard Webhooks. W is a number."""


def _reply(one: Subscription, line: str, **more: Any) -> Reply:
    return Reply(keeping.webhook_shape(one) | more, [line])


@webhook.command("list")
@replies
def list_webhooks() -> Reply:
    """List webhooks, and how many tellings wait."""
    found = list(keeping.webhooks())
    lines = [
        f"{one.pk:>5}  {'stopped' if one.stopped_at else 'told':<8}  {one.waiting} waiting"  # type: ignore[attr-defined]  # annotated
        f"  {one.name}: {one.url} ({', '.join(one.acts) or 'all acts'})"
        for one in found
    ]
    shapes = [keeping.webhook_shape(one) for one in found]
    return Reply(shapes, lines or ["Nobody is told. Make one: `throughline webhook add`."])


@webhook.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--act", "acts", multiple=True, help="A beginning, such as sales.deal; all if none.")
@by_option
@replies
def add(name: str, url: str, acts: tuple[str, ...], by: str | None) -> Reply:
    """Make a webhook; its secret is shown this once."""
    made, secret = keeping.subscribe(
        name, url, acts, randomness=os.urandom(SECRET_BYTES), by=operator(by), at=now()
    )
    return _reply(made, f"Webhook {made.pk}: {secret}", secret=secret)


@webhook.command("rotate")
@number_argument
@by_option
@replies
def rotate(number: int, by: str | None) -> Reply:
    """Make a new secret, shown this once; for a day both are good."""
    one, secret = keeping.rotate_secret(
        number, randomness=os.urandom(SECRET_BYTES), by=operator(by), at=now()
    )
    return _reply(one, f"Webhook {one.pk}: {secret}", secret=secret)


@webhook.command("stop")
@number_argument
@by_option
@replies
def stop(number: int, by: str | None) -> Reply:
    """Send nothing for now; what happens waits."""
    one = keeping.stop_webhook(number, by=operator(by), at=now())
    return _reply(one, f"Webhook {one.pk} is stopped.")


@webhook.command("go-on")
@number_argument
@by_option
@replies
def go_on(number: int, by: str | None) -> Reply:
    """Send again, beginning with what waits."""
    one = keeping.go_on_with_webhook(number, by=operator(by), at=now())
    return _reply(one, f"Webhook {one.pk} goes on.")


@webhook.command("end")
@number_argument
@by_option
@replies
def end(number: int, by: str | None) -> Reply:
    """End a webhook for good."""
    one = keeping.end_webhook(number, by=operator(by), at=now())
    return _reply(one, f"Webhook {one.pk} is ended.")


@webhook.command("test")
@number_argument
@by_option
@replies
def test(number: int, by: str | None) -> Reply:
    """Have a test told; the worker sends it."""
    message = f"msg_test_{secrets.token_hex(12)}"
    row = keeping.send_test(number, message, by=operator(by), at=now())
    return Reply(keeping.delivery_shape(row), [f"{message} is on its way."])


@webhook.command("log")
@number_argument
@replies
def log(number: int) -> Reply:
    """Show what a webhook was told, the latest hundred first."""
    found = list(keeping.deliveries_of(keeping.webhook(number))[:MOST_SHOWN])
    lines = [
        f"{row.pk:>6}  {row.state:<9}  {row.attempts} attempts  {row.status or '–'}"
        f"  {row.message_id}{f': {row.error}' if row.error else ''}"
        for row in found
    ]
    return Reply([keeping.delivery_shape(row) for row in found], lines or ["Nothing yet."])


@webhook.command("again")
@click.argument("number", metavar="DELIVERY", type=int)
@by_option
@replies
def again(number: int, by: str | None) -> Reply:
    """Send one telling of the log again, with the same id."""
    row = keeping.send_again(number, by=operator(by), at=now())
    return Reply(keeping.delivery_shape(row), [f"{row.message_id} is sent again."])
