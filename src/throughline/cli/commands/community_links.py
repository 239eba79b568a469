"""`throughline community link` and what a community corrects by it."""

import secrets

import click
from django.conf import settings

from throughline.cli.reply import Reply, by_option, now, operator, replies
from throughline.communities.actions import issue_record_link, revoke_record_link, settle_correction
from throughline.communities.models import Correction
from throughline.communities.queries import find_community
from throughline.communities.shapes import correction_shape
from throughline.playbook.current import current


@click.command("link")
@click.argument("reference", metavar="C")
@click.option("--to", "issued_to", default="", metavar="NAME", help="Whom it is for.")
@click.option("--revoke", type=int, metavar="LINK", help="Close a link instead of making one.")
@by_option
@replies
def link(reference: str, issued_to: str, revoke: int | None, by: str | None) -> Reply:
    """Make a link by which a community confirms or corrects its record; it is shown once."""
    if revoke is not None:
        closed = revoke_record_link(revoke, by=operator(by), at=now())
        gone = {"community": closed.pk, "revoked": revoke}
        return Reply(gone, [f"Link {revoke} opens nothing any more."])
    found, token = find_community(reference), secrets.token_urlsafe(32)
    made = issue_record_link(found.pk, token, issued_to=issued_to, by=operator(by), at=now())
    address = f"{settings.BASE_URL}/s/record/{token}/"
    document = {
        "community": found.pk, "link": made.pk, "issued_to": made.issued_to,
        "expires_at": made.expires_at, "address": address,
    }  # fmt: skip
    return Reply(document, [address])


@click.command("corrections")
@replies
def corrections() -> Reply:
    """List what communities corrected by link and nobody has settled, the oldest first."""
    waiting = Correction.objects.filter(settled_at=None).select_related("community")
    shapes = [correction_shape(one) for one in waiting.order_by("at", "pk")]
    lines = [
        f"{one['correction']:>5}  {one['community']}: {', '.join([*one['facts'], *one['answers']])},"
        f" by {one['said_by']}"
        for one in shapes
    ]
    return Reply(shapes, lines or ["No corrections wait."])


@click.command("settle")
@click.argument("number", metavar="N", type=int)
@click.option(
    "--take", multiple=True, metavar="FIELD", help="What is taken over; the rest is left."
)
@by_option
@replies
def settle(number: int, take: tuple[str, ...], by: str | None) -> Reply:
    """Take over fields and answers of a community's correction, by its number."""
    done = settle_correction(number, take=take, playbook=current(), by=operator(by), at=now())
    taken = ", ".join(done.taken) or "nothing"
    return Reply(correction_shape(done), [f"Of {done.said_by}'s corrections, taken over: {taken}."])


COMMANDS = (link, corrections, settle)
