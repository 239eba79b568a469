"""`throughline sow link` and `sow comments`: the scope as the community reads it, and what they say."""

import secrets

import click
from django.conf import settings

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.sales.actions.scope import issue_scope_link
from throughline.sales.models import ScopeComment
from throughline.sales.queries import find_deal


@click.command("link")
@click.argument("reference", metavar="D")
@click.option("--to", "issued_to", required=True, metavar="NAME", help="Whom it is for.")
@by_option
@replies
def link(reference: str, issued_to: str, by: str | None) -> Reply:
    """Make a link by which the community reads the scope and comments on it; it is shown once."""
    found, token = find_deal(reference), secrets.token_urlsafe(32)
    made = issue_scope_link(found.pk, token, issued_to=issued_to, by=operator(by), at=now())
    address = f"{settings.BASE_URL}/s/scope/{token}/"
    document = {
        "deal": found.reference, "link": made.pk, "issued_to": made.issued_to,
        "expires_at": made.expires_at, "address": address,
    }  # fmt: skip
    return Reply(document, [address])


@click.command("comments")
@click.argument("reference", metavar="D")
@replies
def comments(reference: str) -> Reply:
    """List what the community said of each version, the latest first."""
    deal = find_deal(reference)
    found = ScopeComment.objects.filter(statement__deal=deal).select_related("statement")
    shapes = [
        {
            "version": one.statement.version, "said_by": one.said_by, "accepts": one.accepts,
            "text": one.text, "at": one.at,
        }
        for one in found.order_by("-pk")
    ]  # fmt: skip
    lines = [
        f"Version {one['version']}, {one['said_by']}:"
        f" {'accepted. ' if one['accepts'] else ''}{one['text']}".rstrip()
        for one in shapes
    ]
    return Reply(shapes, lines or ["Nothing was said."])


COMMANDS = (link, comments)
