"""Which engagements a command is about, and who holds the lease meanwhile."""

import os
import socket

import click

from throughline.delivery.models import Engagement
from throughline.delivery.queries import engagements, find_engagement

all_option = click.option("--all", "every", is_flag=True, help="Every engagement.")
one_argument = click.argument("reference", metavar="[E]", required=False)


def chosen(reference: str | None, *, every: bool) -> list[Engagement]:
    """Return the engagement that was named, or all.

    Raises:
        click.UsageError: both or neither was given.
    """
    if bool(reference) == every:
        raise click.UsageError("Name one engagement, or give --all.")
    return list(engagements()) if every else [find_engagement(reference or "")]


def holder() -> str:
    """Return what a lease names: this process on this machine."""
    return f"{socket.gethostname()}:{os.getpid()}"
